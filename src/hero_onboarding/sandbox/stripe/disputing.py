"""Disputes, inquiries and early fraud warnings: how they open and how they end."""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from hero_onboarding.sandbox.stripe import books
from hero_onboarding.sandbox.stripe.account import Visit
from hero_onboarding.sandbox.stripe.failures import invalid
from hero_onboarding.sandbox.stripe.objects import Object

Status = Literal[
    "warning_needs_response",
    "warning_under_review",
    "warning_closed",
    "needs_response",
    "under_review",
    "won",
    "lost",
    "prevented",
]

_RESPONSE_SECONDS: Final = 9 * 24 * 3600
_MOVES: Final[Mapping[str, frozenset[str]]] = {
    "warning_needs_response": frozenset(
        {"warning_under_review", "warning_closed", "needs_response"}
    ),
    "warning_under_review": frozenset({"warning_closed", "needs_response"}),
    "needs_response": frozenset({"under_review", "won", "lost"}),
    "under_review": frozenset({"won", "lost"}),
}
_WITHOUT_MONEY: Final = frozenset(
    {"warning_needs_response", "warning_under_review", "warning_closed", "prevented"}
)
_CLOSED: Final = frozenset({"won", "lost", "warning_closed", "prevented"})


class Opening(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dispute to be opened: of a charge or of an intent's charge, whole unless told otherwise."""

    charge: str | None = None
    payment_intent: str | None = None
    amount: int | None = None
    reason: str = "fraudulent"
    status: Status = "needs_response"


def find_charge(visit: Visit, charge_id: str | None, intent_id: str | None) -> Object:
    """Return the charge that a parameter names, directly or by its intent.

    Raises:
        StripeAnswerError: If neither names one.
    """
    if charge_id:
        return visit.shelf.get("charge", charge_id, param="charge")
    if not intent_id:
        raise invalid("One of the following params should be provided: payment_intent or charge.")
    intent = visit.shelf.get("payment_intent", intent_id, param="payment_intent")
    charge = visit.shelf.find("charge", intent["latest_charge"])
    if charge is None or intent["status"] != "succeeded":
        message = f"This PaymentIntent ({intent_id}) does not have a successful charge."
        raise invalid(message, param="payment_intent", code="payment_intent_unexpected_state")
    return charge


def open_dispute(visit: Visit, opening: Opening) -> Object:
    """Open a dispute; unless it is an inquiry, its money is withdrawn at once.

    Raises:
        StripeAnswerError: If there is no such charge, or nothing of it is left to dispute.
    """
    charge = find_charge(visit, opening.charge, opening.payment_intent)
    amount = opening.amount or charge["amount"]
    if charge["disputed"] or not charge["paid"] or amount > charge["amount"]:
        raise invalid(f"The charge {charge['id']} can't be disputed, or not with that amount.")
    is_inquiry = opening.status in _WITHOUT_MONEY
    due_by = visit.now() + _RESPONSE_SECONDS
    fields: Object = {
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {},
        "evidence_details": {
            "due_by": due_by,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": is_inquiry,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {"type": "card"},
        "reason": opening.reason,
        "status": opening.status,
    }
    visit.change(charge, disputed=True)
    dispute = visit.open("dispute", fields)
    if is_inquiry:
        visit.emit("charge.dispute.created", dispute)
    else:
        books.post_dispute(visit, dispute)
        visit.emit("charge.dispute.created", dispute)
        visit.emit("charge.dispute.funds_withdrawn", dispute)
    if opening.status in _CLOSED:
        visit.emit("charge.dispute.closed", dispute)
    return dispute


def move_dispute(visit: Visit, dispute: Object, status: str) -> None:
    """Take a dispute to its next status, with the money that goes along.

    Raises:
        StripeAnswerError: If it can't go there from where it is.
    """
    held = dispute["status"]
    if status not in _MOVES.get(held, frozenset()):
        raise invalid(f"A dispute that is {held} can't become {status}.", param="status")
    visit.change(dispute, status=status)
    if held in _WITHOUT_MONEY and status == "needs_response":
        visit.change(dispute, is_charge_refundable=False)
        books.post_dispute(visit, dispute)
        visit.emit("charge.dispute.funds_withdrawn", dispute)
    if status == "won":
        books.post_dispute_reversal(visit, dispute)
        visit.emit("charge.dispute.funds_reinstated", dispute)
    kind = "closed" if status in _CLOSED else "updated"
    visit.emit(f"charge.dispute.{kind}", dispute)


def warn(visit: Visit, charge: Object) -> Object:
    """Note an early warning of fraud."""
    fields: Object = {
        "actionable": True,
        "charge": charge["id"],
        "fraud_type": "made_with_stolen_card",
        "payment_intent": charge["payment_intent"],
    }
    warning = visit.open("radar.early_fraud_warning", fields)
    visit.emit("radar.early_fraud_warning.created", warning)
    return warning
