"""What is sent to open checkouts: plain ASCII, amounts as each call wants them. Pure."""

import hashlib
import re
from typing import Any, Final
from urllib.parse import urlsplit

from hero_onboarding.payments.errors import CheckoutRefusedError
from hero_onboarding.payments.ports import CheckoutOrder

NOT_AVAILABLE: Final = "not_available"
PHONE_REFUSED: Final = "phone_refused"
AMOUNT_REFUSED: Final = "amount_refused"
OPERATOR_UNAVAILABLE: Final = "operator_unavailable"
"""Why a checkout is not opened: words of ours, since ClickPesa has none."""

REFERENCE: Final = re.compile(r"[A-Za-z0-9]{1,20}")
PHONE: Final = re.compile(r"255[0-9]{9}")
_DESCRIPTION: Final = "Account credit"
_NO_PHONE: Final = "255700000000"
_NAME_CHARACTERS_MAX: Final = 40

Members = dict[str, Any]


def push_members(amount: int, reference: str, phone: str | None) -> Members:
    """Write what both calls of a prompt take.

    Raises:
        CheckoutRefusedError: If the phone is none of Tanzania's or the amount is not whole.
    """
    members = {
        "amount": shillings_of(amount, "TZS"),
        "currency": "TZS",
        "orderReference": reference,
    }
    if phone is None:
        return members
    if PHONE.fullmatch(phone) is None:
        raise CheckoutRefusedError(PHONE_REFUSED)
    return {**members, "phoneNumber": phone}


def checkout_members(order: CheckoutOrder) -> Members:
    """Write the order of a page to pay on.

    Raises:
        CheckoutRefusedError: If it takes no such currency or the amount is not whole.
    """
    spell = dollars_of if order.currency == "USD" else shillings_of
    return {
        "totalPrice": spell(order.amount, order.currency),
        "orderCurrency": order.currency,
        "orderReference": order.order_reference,
    }


def card_members(order: CheckoutOrder) -> Members:
    """Write the order of a page that takes a card; who pays there is asked there.

    Raises:
        CheckoutRefusedError: If it is not in dollars.
    """
    return {
        "amount": dollars_of(order.amount, order.currency),
        "currency": "USD",
        "orderReference": order.order_reference,
        "customer": customer_of(order),
    }


def bill_members(order: CheckoutOrder) -> Members:
    """Write the order of a control number, whose amount is a number.

    Raises:
        CheckoutRefusedError: If it is not in whole shillings.
    """
    return {
        "billAmount": int(shillings_of(order.amount, order.currency)),
        "billDescription": _DESCRIPTION,
        "billPaymentMode": "EXACT",
        "billReference": order.order_reference,
    }


def customer_of(order: CheckoutOrder) -> dict[str, str]:
    """Name a payer of whom nothing is known but the account: a name, an address, a number."""
    name = re.sub(r"[^A-Za-z0-9]+", " ", order.user_sid).strip()[:_NAME_CHARACTERS_MAX]
    mailbox = hashlib.blake2b(order.user_sid.encode(), digest_size=8).hexdigest()
    host = urlsplit(order.return_url).hostname or "localhost"
    return {
        "fullName": f"Account {name}".strip(),
        "email": f"account-{mailbox}@{host}",
        "phoneNumber": order.phone or _NO_PHONE,
    }


def shillings_of(amount: int, currency: str) -> str:
    """Spell hundredths of a shilling as whole shillings.

    Raises:
        CheckoutRefusedError: If it is another currency, or not whole.
    """
    if currency != "TZS":
        raise CheckoutRefusedError(NOT_AVAILABLE)
    shillings, rest = divmod(amount, 100)
    if rest:
        raise CheckoutRefusedError(AMOUNT_REFUSED)
    return str(shillings)


def dollars_of(amount: int, currency: str) -> str:
    """Spell cents as dollars with two decimals.

    Raises:
        CheckoutRefusedError: If it is another currency.
    """
    if currency != "USD":
        raise CheckoutRefusedError(NOT_AVAILABLE)
    dollars, cents = divmod(amount, 100)
    return f"{dollars}.{cents:02}"
