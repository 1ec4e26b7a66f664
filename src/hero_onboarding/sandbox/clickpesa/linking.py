"""What becomes of links: pages that are paid on, or failed on."""

from decimal import ROUND_DOWN, Decimal
from typing import Final, Literal

from hero_onboarding.sandbox.clickpesa import operators, payments
from hero_onboarding.sandbox.clickpesa.amounts import as_number, as_text
from hero_onboarding.sandbox.clickpesa.failures import ClickPesaAnswerError, missing
from hero_onboarding.sandbox.clickpesa.merchant import Merchant
from hero_onboarding.sandbox.clickpesa.payments import Opening
from hero_onboarding.sandbox.clickpesa.records import Customer, Json, Link, Payment
from hero_onboarding.sandbox.ids import new_id

CARD: Final = "CARD"
GONE: Final = 410

Answered = Literal["pay", "fail"]


def open_link(merchant: Merchant, link: Link) -> str:
    """Keep a link, and give its address."""
    merchant.store.links[link.id] = link
    merchant.store.references.add(link.reference)
    return f"{merchant.root_url}/pay/{link.id}"


def new_link_id() -> str:
    """Make an id that no one can guess."""
    return new_id("")


def get_link(merchant: Merchant, name: str) -> Link:
    """Give a link by its id or reference.

    Raises:
        ClickPesaAnswerError: If there is none.
    """
    for link in merchant.store.links.values():
        if name in {link.id, link.reference}:
            return link
    raise missing("There is no such page.")


def is_over(merchant: Merchant, link: Link) -> bool:
    """Say whether nothing more is paid on a page: one for a card takes one payment."""
    made = merchant.store.find_payments(link.reference)
    return link.kind == "card" and any(one.receipt for one in made)


def answer_link(
    merchant: Merchant, link: Link, answer: Answered, channel: str, payer: Customer
) -> Payment:
    """Pay on a page, or fail to.

    Raises:
        ClickPesaAnswerError: If nothing more is paid there.
    """
    if is_over(merchant, link):
        raise ClickPesaAnswerError(GONE, "This page was paid on: nothing more is paid here.")
    used = CARD if link.kind == "card" else channel
    amount, currency, exchange = _collected(merchant, link, used)
    opening = Opening(
        kind=link.kind,
        reference=link.reference,
        amount=amount,
        currency=currency,
        channel=used,
        customer=payer if payer.name or payer.phone else link.customer,
        exchange=exchange,
    )
    payment = payments.open_payment(merchant, opening)
    if answer == "fail":
        return payments.move(merchant, payment, payments.FAILED, "The payment was declined")
    paid = payments.move(merchant, payment, payments.SUCCESS)
    if link.callback_url:
        merchant.call_back(link.callback_url, _callback_data(paid))
    return payments.run_steps(merchant, paid)


def _collected(merchant: Merchant, link: Link, channel: str) -> tuple[Decimal, str, Json | None]:
    """Say what is collected: dollars paid from a phone come as shillings."""
    if link.currency == "TZS" or channel not in operators.OPERATORS:
        return link.amount, link.currency, None
    rate = Decimal(str(merchant.settings.usd_to_tzs))
    shillings = (link.amount * rate).quantize(Decimal(1), rounding=ROUND_DOWN)
    exchange: Json = {
        "sourceCurrency": link.currency,
        "targetCurrency": "TZS",
        "sourceAmount": as_number(link.amount),
        "rate": as_number(rate),
    }
    return shillings, "TZS", exchange


def _callback_data(payment: Payment) -> Json:
    return {
        "status": payment.status,
        "orderReference": payment.reference,
        "paymentReference": payment.receipt,
        "collectedAmount": as_text(payment.amount),
        "collectedCurrency": payment.currency,
        "message": payment.message,
    }
