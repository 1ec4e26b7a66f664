"""Control numbers (BillPay): for one order, or for a customer to keep."""

import secrets
from decimal import Decimal
from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from hero_onboarding.sandbox.clickpesa import billing
from hero_onboarding.sandbox.clickpesa.amounts import as_number
from hero_onboarding.sandbox.clickpesa.failures import CONFLICT, ClickPesaAnswerError, invalid
from hero_onboarding.sandbox.clickpesa.merchant import Merchant
from hero_onboarding.sandbox.clickpesa.records import Bill, Customer, Json
from hero_onboarding.sandbox.clickpesa.routing import Body, Call, Route

Amount = Annotated[int, Meta(gt=0)] | Annotated[float, Meta(gt=0)]
Mode = Literal["ALLOW_PARTIAL_AND_OVER_PAYMENT", "EXACT"]
_DIGITS: Final = 12


class OrderBill(Body, frozen=True, kw_only=True):
    """What a control number is made with."""

    bill_description: str = ""
    bill_payment_mode: Mode = "ALLOW_PARTIAL_AND_OVER_PAYMENT"
    bill_amount: Amount | None = None
    bill_reference: str = ""
    bill_max_collection_amount: Amount | None = None


class CustomerBill(OrderBill, frozen=True, kw_only=True):
    """What a customer's own is made with."""

    customer_name: Annotated[str, Meta(min_length=1)]
    customer_email: str = ""
    customer_phone: str = ""


class BillChange(Body, frozen=True, kw_only=True):
    """What can be changed."""

    bill_status: Literal["ACTIVE", "INACTIVE"] | UnsetType = UNSET
    bill_amount: Amount | UnsetType = UNSET
    bill_description: str | UnsetType = UNSET
    bill_payment_mode: Mode | UnsetType = UNSET
    bill_max_collection_amount: Amount | UnsetType = UNSET


def create_for_order(merchant: Merchant, call: Call) -> Json:
    """Make a control number that its first payment closes."""
    return _open(merchant, "order", call.read(OrderBill), Customer())


def create_for_customer(merchant: Merchant, call: Call) -> Json:
    """Make a control number that can be paid to again and again."""
    wanted = call.read(CustomerBill)
    if not (wanted.customer_email or wanted.customer_phone):
        raise invalid("Give customerEmail or customerPhone")
    customer = Customer(
        name=wanted.customer_name, email=wanted.customer_email, phone=wanted.customer_phone
    )
    return _open(merchant, "customer", wanted, customer)


def get_bill(merchant: Merchant, call: Call) -> Json:
    """Give a control number, with what may still be collected."""
    return _details(billing.get_bill(merchant, call.names["number"]))


def change_bill(merchant: Merchant, call: Call) -> Json:
    """Change some members of a control number."""
    bill = billing.get_bill(merchant, call.names["number"])
    wanted = call.read(BillChange)
    given = {
        "status": wanted.bill_status,
        "amount": _decimal(wanted.bill_amount),
        "description": wanted.bill_description,
        "mode": wanted.bill_payment_mode,
        "amount_max": _decimal(wanted.bill_max_collection_amount),
    }
    changes = {name: value for name, value in given.items() if value is not UNSET}
    if not changes:
        raise invalid("There is nothing to change")
    changed = msgspec.structs.replace(bill, **changes)
    merchant.store.bills[bill.number] = changed
    return _details(changed)


def _open(
    merchant: Merchant, kind: Literal["order", "customer"], wanted: OrderBill, customer: Customer
) -> Json:
    if not merchant.settings.has_billpay:
        raise invalid("Your application has no access to the BILLPAY feature")
    if any(wanted.bill_reference == one.reference for one in merchant.store.bills.values()):
        message = f"Bill reference {wanted.bill_reference} already used"
        raise ClickPesaAnswerError(CONFLICT, message)
    number = f"55{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
    bill = Bill(
        number=number,
        kind=kind,
        reference=wanted.bill_reference or number,
        mode=wanted.bill_payment_mode,
        description=wanted.bill_description,
        amount=None if wanted.bill_amount is None else Decimal(str(wanted.bill_amount)),
        amount_max=None
        if wanted.bill_max_collection_amount is None
        else Decimal(str(wanted.bill_max_collection_amount)),
        customer=customer,
    )
    merchant.store.bills[number] = bill
    return _show(bill)


def _show(bill: Bill) -> Json:
    return {
        "billPayNumber": bill.number,
        "billDescription": bill.description,
        "billCustomerName": bill.customer.name,
        "billAmount": None if bill.amount is None else as_number(bill.amount),
        "billPaymentMode": bill.mode,
    }


def _details(bill: Bill) -> Json:
    answer = {**_show(bill), "billStatus": bill.status, "billReference": bill.reference}
    if bill.amount_max is not None:
        answer["billMaxCollectionAmount"] = as_number(bill.amount_max)
        left = max(bill.amount_max - bill.collected, Decimal(0))
        answer["billRemainingCollectionAmount"] = as_number(left)
    return answer


def _decimal(value: float | UnsetType) -> Decimal | UnsetType:
    return value if isinstance(value, UnsetType) else Decimal(str(value))


ROUTES: Final = (
    Route("POST", "/billpay/create-order-control-number", create_for_order),
    Route("POST", "/billpay/create-customer-control-number", create_for_customer),
    Route("GET", "/billpay/{number}", get_bill),
    Route("PATCH", "/billpay/{number}", change_bill),
)
