"""The merchant's balance: what settled payments, fees, reversals and deposits make of it."""

from decimal import Decimal
from typing import Final, Literal

from hero_onboarding.sandbox.clickpesa.merchant import Merchant
from hero_onboarding.sandbox.clickpesa.records import Line, Payment
from hero_onboarding.sandbox.ids import new_id

CURRENCIES: Final = ("TZS", "USD")
SETTLED: Final = "SETTLED"
GIVEN_BACK: Final = frozenset({"REFUNDED", "REVERSED"})

Entry = Literal["Credit", "Debit"]


def post_change(merchant: Merchant, before: Payment, after: Payment) -> None:
    """Note what a new status does to the balance: it holds what is settled."""
    is_in_balance = before.settled_at is not None and before.status not in GIVEN_BACK
    if after.status == SETTLED and not is_in_balance:
        post(merchant, after, "Credit", "Payment", after.amount)
        if after.fee:
            post(merchant, after, "Debit", "Fee - Payment", after.fee)
    elif after.status in GIVEN_BACK and is_in_balance:
        post(merchant, after, "Debit", "Reversed Payment", after.amount)


def post(merchant: Merchant, payment: Payment, entry: Entry, kind: str, amount: Decimal) -> None:
    """Add a line about a payment."""
    add_line(merchant, entry, kind, amount, (payment.currency, payment.reference))


def add_line(
    merchant: Merchant, entry: Entry, kind: str, amount: Decimal, about: tuple[str, str]
) -> Line:
    """Add a line to the statement; ``about`` is a currency and a reference."""
    currency, reference = about
    before = balance_of(merchant, currency)
    line = Line(
        id=new_id("").upper(),
        at=merchant.now(),
        entry=entry,
        type=kind,
        amount=amount,
        balance=before + amount if entry == "Credit" else before - amount,
        currency=currency,
        reference=reference,
    )
    merchant.store.lines.append(line)
    return line


def balance_of(merchant: Merchant, currency: str) -> Decimal:
    """Say what there is of a currency."""
    lines = [one for one in merchant.store.lines if one.currency == currency]
    return lines[-1].balance if lines else Decimal(0)
