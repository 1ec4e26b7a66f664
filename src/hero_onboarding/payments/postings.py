"""Money that came in, as facts and in double entry. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hero_onboarding.kernel.money import USD
from hero_onboarding.ledger import Entry, Fact, FactKind, Operation, Transfer
from hero_onboarding.payments.domain import TopUp, units_of
from hero_onboarding.payments.ports import ProviderPayment
from hero_onboarding.payments.quotes import Worth
from hero_onboarding.wallet import wallet_account


def clearing_account(provider: str, currency: str) -> str:
    """Return the path of what a provider holds for us in a currency."""
    return f"provider:{provider}:{currency}:clearing"


def credit_key(top_up: TopUp, payment: ProviderPayment) -> str:
    """Return the key of a credit: the provider's payment, so that no payment is credited twice."""
    return f"{top_up.provider}:{payment.payment_id}"


def credit_fact(top_up: TopUp, payment: ProviderPayment, worth: Worth, now: datetime) -> Fact:
    """Say that a payment was credited; ``amount`` is in micro-dollars."""
    content = {"amount": worth.micros, **_detail(top_up, payment, worth)}
    key = credit_key(top_up, payment)
    return Fact(FactKind.TOP_UP, top_up.user_sid, key, content, now)


def credit_transfer(
    top_up: TopUp, payment: ProviderPayment, worth: Worth, now: datetime
) -> Transfer:
    """Write a credited payment in double entry: clearing is debited, the wallet credited."""
    received = payment.received
    clearing = clearing_account(top_up.provider, received.currency)
    entries = exchanged(
        Entry(wallet_account(top_up.user_sid), worth.micros),
        Entry(clearing, -units_of(received.amount, received.currency), received.currency),
    )
    key = credit_key(top_up, payment)
    detail = {**_detail(top_up, payment, worth), "method": top_up.method}
    return Transfer(Operation.TOP_UP, top_up.user_sid, key, entries, now, detail)


def exchanged(one: Entry, other: Entry) -> tuple[Entry, ...]:
    """Put two sides of a movement together; between assets both meet ``fx:`` of the foreign one.

    That account then holds the position: what came in of each asset, and what was given for it.
    """
    if one.asset == other.asset:
        return (one, other)
    foreign = one.asset if one.asset != USD.code else other.asset
    account = f"fx:{foreign}"
    return (
        one,
        Entry(account, -one.amount, one.asset),
        Entry(account, -other.amount, other.asset),
        other,
    )


def suspense_fact(top_up: TopUp, payment: ProviderPayment, now: datetime) -> Fact:
    """Say that money came in that is not what was asked for."""
    key, detail = credit_key(top_up, payment), _detail(top_up, payment)
    return Fact(FactKind.SUSPENSE, top_up.provider, key, detail, now)


def suspense_transfer(top_up: TopUp, payment: ProviderPayment, now: datetime) -> Transfer:
    """Write it in double entry: clearing is debited, and suspense waits for a person."""
    received = payment.received
    currency = received.currency
    units = units_of(received.amount, currency)
    entries = (
        Entry(f"suspense:{top_up.provider}", units, currency),
        Entry(clearing_account(top_up.provider, currency), -units, currency),
    )
    key, detail = credit_key(top_up, payment), _detail(top_up, payment)
    return Transfer(Operation.SUSPENSE, top_up.provider, key, entries, now, detail)


def _detail(
    top_up: TopUp, payment: ProviderPayment, worth: Worth | None = None
) -> Mapping[str, Any]:
    by = {"rate": worth.rate, "applied": worth.applied} if worth and worth.rate else {}
    held = payment.held
    kept = {} if held is None else {"held": held.amount, "held_currency": held.currency}
    return {
        "provider": top_up.provider,
        "payment": payment.payment_id,
        "paid": payment.amount,
        "currency": payment.currency,
        "top_up": str(top_up.id),
        **kept,
        **by,
    }
