"""What becomes of control numbers: paid, and closed."""

from decimal import Decimal
from typing import Final

import msgspec

from hero_onboarding.sandbox.clickpesa import operators, payments
from hero_onboarding.sandbox.clickpesa.failures import invalid, missing
from hero_onboarding.sandbox.clickpesa.merchant import Merchant
from hero_onboarding.sandbox.clickpesa.payments import Opening
from hero_onboarding.sandbox.clickpesa.records import Bill, Customer, Payment

EXACT: Final = "EXACT"
PAY_MIN: Final = 500
PAY_MAX: Final = 5_000_000


def get_bill(merchant: Merchant, number: str) -> Bill:
    """Give a control number.

    Raises:
        ClickPesaAnswerError: If there is none.
    """
    found = merchant.store.bills.get(number)
    if found is None:
        raise missing("The BillPay number does not exist")
    return found


def pay_bill(
    merchant: Merchant, bill: Bill, amount: Decimal, channel: str, payer: Customer
) -> Payment:
    """Pay to a control number as somebody at a bank or with a phone.

    Raises:
        ClickPesaAnswerError: If it doesn't take that; nothing is paid then.
    """
    _check(merchant, bill, amount)
    opening = Opening(
        kind="bill",
        reference=bill.reference,
        amount=amount,
        currency="TZS",
        channel=channel,
        customer=payer if payer.name or payer.phone else bill.customer,
        phone=payer.phone,
        fee=operators.bill_fee(amount, channel),
    )
    payment = payments.open_payment(merchant, opening)
    collected = bill.collected + amount
    is_full = bill.amount_max is not None and collected >= bill.amount_max
    merchant.store.bills[bill.number] = msgspec.structs.replace(
        bill,
        collected=collected,
        status="INACTIVE" if bill.kind == "order" or is_full else bill.status,
    )
    return payments.run_steps(merchant, payments.move(merchant, payment, payments.SUCCESS))


def _check(merchant: Merchant, bill: Bill, amount: Decimal) -> None:
    if bill.status != "ACTIVE":
        raise invalid(f"The control number {bill.number} is not active")
    if bill.mode == EXACT and bill.amount is not None and amount != bill.amount:
        raise invalid(f"The control number {bill.number} takes its exact amount only")
    if bill.amount_max is not None and bill.collected + amount > bill.amount_max:
        raise invalid("The payment is above what may still be collected")
    if not PAY_MIN <= amount <= PAY_MAX:
        raise invalid(f"amount must be from {PAY_MIN} to {PAY_MAX} TZS")
    payments.check_total(merchant, amount, "TZS")
