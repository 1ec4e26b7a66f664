"""Mobile-money push: what it would cost, and the prompt on a phone."""

from decimal import Decimal
from typing import Final

from hero_onboarding.sandbox.clickpesa import operators, payments
from hero_onboarding.sandbox.clickpesa.amounts import as_text, read_amount
from hero_onboarding.sandbox.clickpesa.failures import invalid, missing
from hero_onboarding.sandbox.clickpesa.merchant import Merchant
from hero_onboarding.sandbox.clickpesa.payments import Opening
from hero_onboarding.sandbox.clickpesa.records import Customer, Json, Subscriber
from hero_onboarding.sandbox.clickpesa.routing import Body, Call, Route
from hero_onboarding.sandbox.clickpesa.switches import Operator
from hero_onboarding.sandbox.clickpesa.times import spell_time

_NO_METHODS: Final = "Your account has no payment collection methods"


class Push(Body, frozen=True, kw_only=True):
    """What a prompt is made with."""

    amount: str
    currency: str
    order_reference: str
    phone_number: str


class Preview(Body, frozen=True, kw_only=True):
    """What it is asked about."""

    amount: str
    currency: str
    order_reference: str
    phone_number: str | None = None
    fetch_sender_details: bool = False


def preview_push(merchant: Merchant, call: Call) -> Json:
    """Say by which operators it could be paid and for how much; nothing is reserved."""
    check_collection(merchant)
    wanted = call.read(Preview)
    amount = _check(merchant, wanted.amount, wanted.currency, wanted.order_reference)
    states = operators.states_of(merchant.settings)
    if not states:
        raise missing(_NO_METHODS)
    answer: Json = {}
    if wanted.phone_number is not None:
        subscriber = find_subscriber(merchant, wanted.phone_number)
        operator = _operator(subscriber)
        if operator not in states:
            raise missing(f"No valid payment method: {operator} is not active")
        states = {operator: states[operator]}
        if wanted.fetch_sender_details:
            answer["sender"] = {
                "accountName": subscriber.name,
                "accountNumber": subscriber.phone,
                "accountProvider": operator,
            }
    methods = [_method(name, state, amount) for name, state in states.items()]
    return {"activeMethods": methods, **answer}


def initiate_push(merchant: Merchant, call: Call) -> Json:
    """Let a phone ask its owner."""
    check_collection(merchant)
    wanted = call.read(Push)
    amount = _check(merchant, wanted.amount, wanted.currency, wanted.order_reference)
    states = operators.states_of(merchant.settings)
    if not states:
        raise missing(_NO_METHODS)
    subscriber = find_subscriber(merchant, wanted.phone_number)
    operator = _operator(subscriber)
    if states.get(operator) != "available":
        raise missing(f"No valid payment method: {operator} is not available")
    payments.check_total(merchant, amount, wanted.currency)
    customer = Customer(name=subscriber.name, phone=subscriber.phone)
    opening = Opening(
        kind="push",
        reference=wanted.order_reference,
        amount=amount,
        currency="TZS",
        channel=operator,
        customer=customer,
        phone=subscriber.phone,
    )
    payment = payments.run_steps(merchant, payments.open_payment(merchant, opening))
    return {
        "id": payment.id,
        "status": payment.status,
        "channel": payment.channel,
        "orderReference": payment.reference,
        "collectedAmount": as_text(payment.amount),
        "collectedCurrency": payment.currency,
        "createdAt": spell_time(payment.created_at),
        "clientId": merchant.credentials.client_id,
    }


def check_collection(merchant: Merchant) -> None:
    """Check that the application may collect.

    Raises:
        ClickPesaAnswerError: If it may not.
    """
    if not merchant.settings.has_collection:
        raise invalid("Your application has no access to the COLLECTION API feature")


def find_subscriber(merchant: Merchant, phone: str) -> Subscriber:
    """Say whose number it is.

    Raises:
        ClickPesaAnswerError: If it is no number.
    """
    if not operators.PHONE.fullmatch(phone):
        raise invalid("Invalid phone number: it must be 255 and nine digits")
    return merchant.subscriber(phone)


def _operator(subscriber: Subscriber) -> str:
    operator = subscriber.operator or operators.operator_of(subscriber.phone)
    if operator not in operators.OPERATORS:
        raise invalid("Unsupported phone number: its operator takes no push requests")
    return operator


def _check(merchant: Merchant, text: str, currency: str, reference: str) -> Decimal:
    amount = read_amount(text)
    if currency != "TZS":
        raise invalid("currency must be TZS")
    payments.check_reference(merchant, reference)
    if not operators.PUSH_MIN <= amount <= operators.PUSH_MAX:
        raise invalid(f"amount must be from {operators.PUSH_MIN} to {operators.PUSH_MAX} TZS")
    return amount


def _method(name: str, state: Operator, amount: Decimal) -> Json:
    if state == "available":
        return {"name": name, "status": "AVAILABLE", "fee": operators.push_fee(amount)}
    return {"name": name, "status": "UNAVAILABLE", "message": f"{name} is down"}


ROUTES: Final = (
    Route("POST", "/payments/preview-ussd-push-request", preview_push),
    Route("POST", "/payments/initiate-ussd-push-request", initiate_push),
)
