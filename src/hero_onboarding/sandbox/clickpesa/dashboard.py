"""What people do at their phones, what staff does at ClickPesa, and what forgers do."""

from collections.abc import Callable, Mapping
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from hero_onboarding.sandbox.clickpesa import billing, books, linking, notices, operators, payments
from hero_onboarding.sandbox.clickpesa.amounts import read_amount
from hero_onboarding.sandbox.clickpesa.endpoints.query import show
from hero_onboarding.sandbox.clickpesa.merchant import Merchant
from hero_onboarding.sandbox.clickpesa.records import (
    Customer,
    Endpoint,
    Json,
    Payment,
    Status,
    Step,
    Subscriber,
)
from hero_onboarding.sandbox.clickpesa.times import spell_time
from hero_onboarding.sandbox.errors import BadOrderError, NothingThereError
from hero_onboarding.sandbox.ids import new_id
from hero_onboarding.sandbox.loopback import is_loopback_url
from hero_onboarding.sandbox.orders import Order, read_order

Act = Callable[[Merchant, bytes], Json]
Reply = Literal["approve", "refuse", "lapse"]
Channel = Literal["M-PESA", "TIGO-PESA", "AIRTEL-MONEY", "CARD"]

EVENTS: Final = (notices.RECEIVED, notices.FAILED, notices.DEPOSITED)
_ENDPOINTS_MAX: Final = 16
_REPLIES: Final[Mapping[Reply, tuple[str, str]]] = {
    "approve": (payments.SUCCESS, "Payment received"),
    "refuse": (payments.FAILED, "The payer refused"),
    "lapse": (payments.FAILED, "The payer did not answer in time"),
}


class PromptReply(Order, frozen=True):
    """What somebody does with the prompt of a payment, named by its id or reference."""

    payment: str
    answer: Reply = "approve"


class Move(Order, frozen=True):
    """Which status a payment is to have: any text, so that unknown ones can be tried."""

    payment: str
    status: Status
    message: str = ""
    is_told: bool = True


class Twin(Order, frozen=True):
    """A payment to be made once more under the same reference."""

    payment: str
    amount: str | None = None


class Script(Order, frozen=True):
    """What becomes of the payments of a reference that is to come; ``*`` is for any other."""

    reference: str
    steps: Annotated[tuple[Step, ...], Meta(max_length=20)] = ()


class EndpointOrder(Order, frozen=True):
    """An endpoint to be added."""

    url: str
    events: tuple[str, ...] = ("*",)
    level: Literal["merchant", "application"] = "application"


class Forgery(Order, frozen=True):
    """A notice of a payment that nobody made, by somebody without the key."""

    reference: str
    amount: str = "5000"
    event: str = notices.RECEIVED


class LinkReply(Order, frozen=True):
    """What somebody does on the page of a link, named by its id or reference."""

    link: str
    answer: linking.Answered = "pay"
    channel: Channel = "M-PESA"
    name: str = ""
    email: str = ""
    phone: str = ""


class BillPayment(Order, frozen=True):
    """What somebody pays to a control number."""

    number: str
    amount: str
    channel: operators.BillChannel = "M-PESA"
    name: str = ""
    phone: str = ""


class Deposit(Order, frozen=True):
    """What the merchant puts into the account."""

    amount: str
    currency: Literal["TZS", "USD"] = "TZS"


class Entered(Order, frozen=True):
    """A line of the statement that nothing else here brings about, such as a withdrawal."""

    entry: Literal["Credit", "Debit"]
    type: Annotated[str, Meta(min_length=1, max_length=40)]
    amount: str
    currency: Literal["TZS", "USD"] = "TZS"
    reference: str = ""


def reply(merchant: Merchant, body: bytes) -> Json:
    """Approve, refuse or ignore a prompt."""
    order = read_order(body, PromptReply)
    payment = find(merchant, order.payment)
    if not payment.is_prompt:
        raise BadOrderError(f"nobody is asked about {order.payment}: it is {payment.status}")
    status, message = _REPLIES[order.answer]
    moved = payments.move(merchant, payment, status, message)
    return show(merchant, payments.run_steps(merchant, moved))


def list_prompts(merchant: Merchant) -> list[Payment]:
    """List what phones ask, the oldest first."""
    return [one for one in merchant.store.payments.values() if one.is_prompt]


def move(merchant: Merchant, body: bytes) -> Json:
    """Bring a payment into any status."""
    order = read_order(body, Move)
    payment = find(merchant, order.payment)
    return show(
        merchant,
        payments.move(merchant, payment, order.status, order.message, is_told=order.is_told),
    )


def twin(merchant: Merchant, body: bytes) -> Json:
    """Make a second payment of a reference, and let it succeed."""
    order = read_order(body, Twin)
    first = find(merchant, order.payment)
    now = merchant.now()
    copied = msgspec.structs.replace(
        first,
        id=payments.new_payment_id(first.reference),
        amount=first.amount if order.amount is None else read_amount(order.amount),
        status="PROCESSING",
        receipt="",
        created_at=now,
        settled_at=None,
        steps=(),
    )
    return show(merchant, payments.move(merchant, copied, payments.SUCCESS))


def write_script(merchant: Merchant, body: bytes) -> Json:
    """Say what becomes of the payments of a reference."""
    order = read_order(body, Script)
    merchant.store.scripts[order.reference] = order.steps
    return {"reference": order.reference, "steps": order.steps}


def change_subscriber(merchant: Merchant, body: bytes) -> Json:
    """Say whose number it is, and who has it now."""
    order = read_order(body, Subscriber)
    merchant.store.subscribers[order.phone] = order
    return {"phone": order.phone, "operator": order.operator, "name": order.name}


def open_endpoint(merchant: Merchant, body: bytes) -> Json:
    """Add an endpoint on this machine."""
    order = read_order(body, EndpointOrder)
    if not is_loopback_url(order.url):
        raise BadOrderError(f"the sandbox tells this machine only, not {order.url[:200]}")
    if unknown := set(order.events) - {"*", *EVENTS}:
        raise BadOrderError(f"there are no events {sorted(unknown)}")
    if len(merchant.store.endpoints) >= _ENDPOINTS_MAX:
        raise BadOrderError(f"there can be {_ENDPOINTS_MAX} endpoints")
    endpoint = Endpoint(new_id("ep_"), order.url, order.events, order.level)
    merchant.store.endpoints.append(endpoint)
    return {"endpoint": endpoint.id, "checksum_key": merchant.credentials.checksum_key}


def answer_link(merchant: Merchant, body: bytes) -> Json:
    """Pay on the page of a link, or fail to."""
    order = read_order(body, LinkReply)
    link = linking.get_link(merchant, order.link)
    payer = Customer(name=order.name, email=order.email, phone=order.phone)
    return show(merchant, linking.answer_link(merchant, link, order.answer, order.channel, payer))


def pay_bill(merchant: Merchant, body: bytes) -> Json:
    """Pay to a control number."""
    order = read_order(body, BillPayment)
    bill = billing.get_bill(merchant, order.number)
    amount = read_amount(order.amount)
    payer = Customer(name=order.name, phone=order.phone)
    return show(merchant, billing.pay_bill(merchant, bill, amount, order.channel, payer))


def deposit(merchant: Merchant, body: bytes) -> Json:
    """Put money into the account, and tell the merchant's endpoints."""
    order = read_order(body, Deposit)
    amount = read_amount(order.amount)
    line = books.add_line(merchant, "Credit", "Deposit", amount, (order.currency, ""))
    data: Json = {
        "id": line.id,
        "status": payments.SUCCESS,
        "paymentReference": new_id("DP").upper(),
        "orderReference": line.id,
        "depositAmount": order.amount,
        "depositCurrency": order.currency,
        "channel": "BANK TRANSFER",
        "createdAt": spell_time(line.at),
        "updatedAt": spell_time(line.at),
    }
    merchant.emit(notices.DEPOSITED, data)
    return data


def enter(merchant: Merchant, body: bytes) -> Json:
    """Write a line into the statement; no notice tells of it."""
    order = read_order(body, Entered)
    amount = read_amount(order.amount)
    about = (order.currency, order.reference)
    return {"id": books.add_line(merchant, order.entry, order.type, amount, about).id}


def forge(merchant: Merchant, body: bytes) -> Json:
    """Tell of a payment that nobody made, summed with another key."""
    order = read_order(body, Forgery)
    opening = payments.Opening(
        kind="push",
        reference=order.reference,
        amount=read_amount(order.amount),
        currency="TZS",
        channel="M-PESA",
    )
    forged = payments.make_payment(merchant, opening)
    data = notices.received_data(forged, merchant.settings)
    merchant.emit(order.event, data, key="a key that nobody was given")
    return {"id": forged.id, "reference": forged.reference}


def find(merchant: Merchant, name: str) -> Payment:
    """Find a payment by its id, or the last one of a reference.

    Raises:
        NothingThereError: If there is none.
    """
    found = merchant.store.payments.get(name)
    of_reference = merchant.store.find_payments(name)
    if found is None and not of_reference:
        raise NothingThereError(f"there is no payment of the id or reference {name!r}")
    return found or of_reference[-1]


ACTS: Final[Mapping[str, Act]] = {
    "prompts": reply,
    "payments": move,
    "twins": twin,
    "scripts": write_script,
    "subscribers": change_subscriber,
    "endpoints": open_endpoint,
    "forgeries": forge,
    "links": answer_link,
    "control-numbers": pay_bill,
    "deposits": deposit,
    "lines": enter,
}
