"""What an operator does by hand at Stripe, and what the world does to payments."""

from collections.abc import Callable, Mapping
from typing import Annotated, Final, Literal, TypeVar

from msgspec import Meta

from hero_onboarding.sandbox import orders
from hero_onboarding.sandbox.errors import BadOrderError
from hero_onboarding.sandbox.stripe import books, disputing, intents, refunding, sessions
from hero_onboarding.sandbox.stripe.account import Visit
from hero_onboarding.sandbox.stripe.cards import HeldCard, find_card
from hero_onboarding.sandbox.stripe.disputing import Opening
from hero_onboarding.sandbox.stripe.failures import StripeAnswerError, invalid
from hero_onboarding.sandbox.stripe.objects import Object
from hero_onboarding.sandbox.stripe.parameters import Group

T = TypeVar("T")
Act = Callable[[Visit, bytes], Object]
Positive = Annotated[int, Meta(ge=1)]


class Payment(Group, frozen=True):
    """How a session is paid: by a card's number, or by bank."""

    session: str
    number: str | None = None
    method: Literal["card", "bank"] = "card"
    email: str = "payer@example.com"
    name: str = ""
    confirms: bool = True


class Settlement(Group, frozen=True):
    """How a delayed payment ends."""

    payment_intent: str
    status: Literal["succeeded", "failed"] = "succeeded"


class RefundOrder(Group, frozen=True):
    """A refund to be made, or one that comes to its end."""

    charge: str | None = None
    payment_intent: str | None = None
    amount: Positive | None = None
    refund: str | None = None
    status: refunding.Outcome = "succeeded"


class DisputeOrder(Group, frozen=True):
    """A dispute to be opened, or one that goes on."""

    charge: str | None = None
    payment_intent: str | None = None
    amount: Positive | None = None
    reason: str = "fraudulent"
    dispute: str | None = None
    status: disputing.Status = "needs_response"


class ChargeOrder(Group, frozen=True):
    """One charge, or all that are concerned."""

    charge: str | None = None


class PayoutOrder(Group, frozen=True):
    """A payout of all that is available, or how one ends."""

    payout: str | None = None
    status: Literal["in_transit", "paid", "failed"] = "paid"


class FeeOrder(Group, frozen=True):
    """A fee of Stripe's own, in US cents."""

    amount: Positive
    description: str = "Stripe fees of a month"


class CardOrder(Group, frozen=True):
    """Another test card behind a saved payment method."""

    payment_method: str
    number: str


def read_order(body: bytes, shape: type[T]) -> T:
    """Read a body of JSON into a shape; an empty one is an empty object.

    Raises:
        StripeAnswerError: If it is no JSON, or of another shape.
    """
    try:
        return orders.read_order(body, shape)
    except BadOrderError as problem:
        raise invalid(str(problem)) from problem


def pay(visit: Visit, body: bytes) -> Object:
    """Pay a session as somebody at its page; a card that declines leaves it open."""
    order = read_order(body, Payment)
    session = visit.shelf.get("checkout.session", order.session, param="session")
    card = find_card(order.number or "4242424242424242")
    if order.method == "card" and card is None:
        raise invalid("That is no test card.", param="number")
    payer = {"email": order.email, "name": order.name}
    try:
        done = sessions.pay_session(visit, session, card if order.method == "card" else None, payer)
        if done is None:
            sessions.go_on(visit, session, is_confirmed=order.confirms)
    except StripeAnswerError as refusal:
        return {"session": session, "error": refusal.body}
    return {"session": session}


def settle(visit: Visit, body: bytes) -> Object:
    """End a payment that takes days."""
    order = read_order(body, Settlement)
    intent = visit.shelf.get("payment_intent", order.payment_intent, param="payment_intent")
    intents.settle_delayed(visit, intent, order.status)
    sessions.finish_delayed(visit, intent)
    return intent


def refund(visit: Visit, body: bytes) -> Object:
    """Refund as from the dashboard, without metadata, or bring a refund to its end."""
    order = read_order(body, RefundOrder)
    if order.refund is None:
        charge = disputing.find_charge(visit, order.charge, order.payment_intent)
        return refunding.open_refund(visit, charge, order.amount, None, {})
    found = visit.shelf.get("refund", order.refund, param="refund")
    refunding.move_refund(visit, found, order.status)
    return found


def dispute(visit: Visit, body: bytes) -> Object:
    """Open a dispute, or take one to its next status."""
    order = read_order(body, DisputeOrder)
    if order.dispute is not None:
        found = visit.shelf.get("dispute", order.dispute, param="dispute")
        disputing.move_dispute(visit, found, order.status)
        return found
    opening = Opening(
        charge=order.charge,
        payment_intent=order.payment_intent,
        amount=order.amount,
        reason=order.reason,
        status=order.status,
    )
    return disputing.open_dispute(visit, opening)


def warn(visit: Visit, body: bytes) -> Object:
    """Let a bank warn of fraud."""
    order = read_order(body, ChargeOrder)
    return disputing.warn(visit, disputing.find_charge(visit, order.charge, None))


def fill_in(visit: Visit, body: bytes) -> Object:
    """Make the balance transactions that charges lack, of one charge or of all."""
    order = read_order(body, ChargeOrder)
    lacking = [
        charge
        for charge in visit.shelf.list_newest("charge")[::-1]
        if charge["paid"]
        and charge["balance_transaction"] is None
        and order.charge in {None, charge["id"]}
    ]
    for charge in lacking:
        books.post_charge(visit, charge, is_available=False)
        visit.emit("charge.updated", charge)
    return {"count": len(lacking)}


def pay_out(visit: Visit, body: bytes) -> Object:
    """Pay out all that is available, or bring a payout to its end."""
    order = read_order(body, PayoutOrder)
    if order.payout is not None:
        payout = visit.shelf.get("payout", order.payout, param="payout")
        return _end_payout(visit, payout, order.status)
    paid_out = visit.backstage.payouts
    entries = [
        entry
        for entry in visit.shelf.list_newest("balance_transaction")
        if entry["status"] == "available" and entry["id"] not in paid_out
    ]
    cents = books.total(entries, "available")
    if cents <= 0:
        raise invalid(f"Nothing is available to pay out: {cents} cents.")
    payout = visit.open("payout", _payout_fields(visit, cents))
    entries.append(books.post_payout(visit, payout))
    paid_out |= {entry["id"]: payout["id"] for entry in entries}
    visit.emit("payout.created", payout)
    return payout if order.status == "in_transit" else _end_payout(visit, payout, order.status)


def take_fee(visit: Visit, body: bytes) -> Object:
    """Take a fee of Stripe's own from the balance."""
    order = read_order(body, FeeOrder)
    return books.post_fee(visit, order.amount, order.description)


def change_card(visit: Visit, body: bytes) -> Object:
    """Put another test card behind a saved payment method, so that it acts otherwise."""
    order = read_order(body, CardOrder)
    method = visit.shelf.get("payment_method", order.payment_method, param="payment_method")
    held, card = visit.backstage.cards.get(method["id"]), find_card(order.number)
    if card is None or held is None:
        raise invalid("That is no test card, or the payment method is no card.", param="number")
    visit.backstage.cards[method["id"]] = HeldCard(card, is_set_up=held.is_set_up)
    return method


ACTS: Final[Mapping[str, Act]] = {
    "sessions": pay,
    "payments": settle,
    "refunds": refund,
    "disputes": dispute,
    "warnings": warn,
    "balance-transactions": fill_in,
    "payouts": pay_out,
    "fees": take_fee,
    "cards": change_card,
}


def _payout_fields(visit: Visit, cents: int) -> Object:
    return {
        "amount": cents,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": visit.now(),
        "automatic": True,
        "balance_transaction": None,
        "currency": books.SETTLEMENT,
        "description": "STRIPE PAYOUT",
        "destination": "ba_sandbox",
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "reconciliation_status": "completed",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "in_transit",
        "type": "bank_account",
    }


def _end_payout(visit: Visit, payout: Object, status: str) -> Object:
    if payout["status"] == "failed" or status == "in_transit":
        raise invalid(f"A payout that is {payout['status']} can't become {status}.")
    if status == "failed":
        books.post_payout_failure(visit, payout)
        visit.change(payout, failure_code="account_closed")
    visit.change(payout, status=status)
    visit.emit(f"payout.{status}", payout)
    if status == "paid":
        visit.emit("payout.reconciliation_completed", payout)
    return payout
