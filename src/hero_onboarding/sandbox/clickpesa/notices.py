"""Events as notices: every shape, and every wrong one."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import msgspec

from hero_onboarding.sandbox import carrier
from hero_onboarding.sandbox.clickpesa import checksum
from hero_onboarding.sandbox.clickpesa.amounts import WRONG_BY, as_text
from hero_onboarding.sandbox.clickpesa.records import Json, Payment
from hero_onboarding.sandbox.clickpesa.switches import Settings
from hero_onboarding.sandbox.clickpesa.times import spell_time

RECEIVED: Final = "PAYMENT RECEIVED"
FAILED: Final = "PAYMENT FAILED"
DEPOSITED: Final = "DEPOSIT RECEIVED"
RETRY_SECONDS: Final = (3600, 3 * 3600)
_SIGNATURE: Final = "X-ClickPesa-Signature"
_CHECKSUM: Final = "x-clickpesa-checksum"


class Notice(carrier.Delivery, frozen=True, kw_only=True):
    """One attempt to tell one endpoint of one event, as it was summed when it was made."""

    headers: dict[str, str] = msgspec.field(default_factory=dict)


def seal_notice(notice: Notice) -> carrier.Letter:
    """Give what goes over the wire."""
    return notice.body, {"User-Agent": "ClickPesa/1.0", **notice.headers}


def received_data(payment: Payment, settings: Settings) -> Json:
    """Spell ``data`` of a payment that succeeded."""
    amount, customer = as_text(_shown_amount(payment, settings)), payment.customer
    times: Json = {
        "updatedAt": spell_time(payment.updated_at),
        "createdAt": spell_time(payment.created_at),
    }
    if settings.webhook_shape == "older":
        return {
            "paymentId": payment.id,
            "orderReference": payment.reference,
            "amount": amount,
            "currency": payment.currency,
            "status": "SUCCESS",
            "customer": {
                "name": customer.name,
                "email": customer.email,
                "phone": customer.phone,
            },
            **times,
        }
    return {
        "id": payment.id,
        "status": "SUCCESS",
        "paymentReference": payment.receipt,
        "orderReference": payment.reference,
        "collectedAmount": amount,
        "collectedCurrency": payment.currency,
        "message": payment.message,
        "channel": payment.channel,
        **times,
        "customer": customer.show(),
    }


def failed_data(payment: Payment, client_id: str) -> Json:
    """Spell ``data`` of a payment that failed."""
    return {
        "id": payment.id,
        "status": "FAILED",
        "orderReference": payment.reference,
        "message": payment.message,
        "channel": payment.channel,
        "clientId": client_id,
        "createdAt": spell_time(payment.created_at),
        "updatedAt": spell_time(payment.updated_at),
    }


def seal(event: str, data: Json, settings: Settings, key: str) -> tuple[bytes, dict[str, str]]:
    """Make a body and its headers, with a checksum where the settings want it."""
    envelope: Json = {settings.webhook_event_member: event, "data": data}
    headers: dict[str, str] = {}
    if settings.is_checksum_on and settings.webhook_checksum != "missing":
        digest = _digest(envelope, settings, key)
        if settings.webhook_checksum == "signature-header":
            headers[_SIGNATURE] = digest
        elif settings.webhook_checksum == "checksum-header":
            headers[_CHECKSUM] = digest
        else:
            envelope["checksum"] = digest
            if settings.webhook_checksum_method != "none":
                envelope["checksumMethod"] = settings.webhook_checksum_method
    if settings.webhook_body == "tampered":
        envelope["data"] = _tampered(data)
    return spell_json(envelope), headers


def spell_json(value: Mapping[str, object]) -> bytes:
    """Spell a value compactly, as it will be sent."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _digest(envelope: Json, settings: Settings, key: str) -> str:
    is_data_only = settings.webhook_checksum == "data-only"
    summed = msgspec.convert(envelope["data"], Json) if is_data_only else envelope
    used = key + "?" if settings.webhook_checksum == "bad" else key
    if settings.webhook_checksum_method == "legacy":
        return checksum.legacy_digest(summed, used)
    return checksum.canonical_digest(summed, used, settings.checksum_reading)


def _tampered(data: Json) -> Json:
    """Put a nought after every amount."""
    names = {"amount", "collectedAmount", "depositAmount"}
    return {name: f"{held}0" if name in names else held for name, held in data.items()}


def _shown_amount(payment: Payment, settings: Settings) -> Decimal:
    if settings.webhook_body == "wrong-amount":
        return payment.amount + WRONG_BY
    if settings.webhook_body == "net":
        return max(payment.amount - payment.fee, Decimal(0))
    return payment.amount
