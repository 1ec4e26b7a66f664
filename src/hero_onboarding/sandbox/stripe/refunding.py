"""Refunds: what may go back, and what becomes of it."""

import copy
from collections.abc import Mapping
from typing import Final, Literal

from hero_onboarding.sandbox.stripe import books
from hero_onboarding.sandbox.stripe.account import Visit
from hero_onboarding.sandbox.stripe.failures import invalid
from hero_onboarding.sandbox.stripe.objects import Object

Outcome = Literal["succeeded", "failed", "canceled"]

_MOVES: Final[Mapping[str, frozenset[str]]] = {
    "pending": frozenset({"succeeded", "failed", "canceled"}),
    "succeeded": frozenset({"failed"}),
}


def open_refund(
    visit: Visit, charge: Object, amount: int | None, reason: str | None, metadata: Object
) -> Object:
    """Refund all that is left of a charge, or a part; return the refund as it begins.

    Raises:
        StripeAnswerError: 400 if nothing or less is left, or the charge is disputed.
    """
    left = charge["amount"] - charge["amount_refunded"]
    disputes = visit.shelf.list_newest("dispute")
    is_held = any(
        one["charge"] == charge["id"] and not one["is_charge_refundable"] and one["status"] != "won"
        for one in disputes
    )
    _check(charge, left, amount, is_held_by_dispute=is_held)
    wanted = left if amount is None else amount
    fields: Object = {
        "amount": wanted,
        "balance_transaction": None,
        "charge": charge["id"],
        "currency": charge["currency"],
        "destination_details": {
            "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number"},
            "type": "card",
        },
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending",
        "transfer_reversal": None,
    }
    refund = visit.open("refund", fields)
    del refund["livemode"]  # Stripe's refunds have none
    _take(visit, charge, wanted)
    outcome = _outcome_of(visit, charge)
    if outcome != "pending":
        visit.change(refund, status="succeeded")
        books.post_refund(visit, refund)
    visit.emit("refund.created", refund)
    visit.emit("charge.refunded", charge)
    begun = copy.deepcopy(refund)
    if outcome == "failed":
        move_refund(visit, refund, "failed")
    return begun


def move_refund(visit: Visit, refund: Object, status: Outcome) -> None:
    """Take a refund to its end; what comes back can be refunded again.

    Raises:
        StripeAnswerError: If it can't go there from where it is.
    """
    held = refund["status"]
    if status not in _MOVES.get(held, frozenset()):
        raise invalid(f"A refund that is {held} can't become {status}.", param="status")
    visit.change(refund, status=status)
    if status == "succeeded":
        books.post_refund(visit, refund)
        visit.emit("refund.updated", refund)
        return
    if held == "succeeded":
        books.post_refund_failure(visit, refund)
    _take(visit, visit.shelf.get("charge", refund["charge"]), -refund["amount"])
    if status == "failed":
        visit.change(refund, failure_reason="unknown")
        visit.emit("refund.failed", refund)
    visit.emit("refund.updated", refund)


def _check(charge: Object, left: int, amount: int | None, *, is_held_by_dispute: bool) -> None:
    if is_held_by_dispute:
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise invalid(message, code="charge_disputed")
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise invalid(message, code="charge_already_refunded")
    if amount is not None and amount < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, param="amount", code="parameter_invalid_integer")
    if amount is not None and amount > left:
        message = (
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}),"
            f" in hundredths of {charge['currency']}"
        )
        raise invalid(message, param="amount")


def _take(visit: Visit, charge: Object, amount: int) -> None:
    refunded = charge["amount_refunded"] + amount
    visit.change(charge, amount_refunded=refunded, refunded=refunded == charge["amount"])


def _outcome_of(visit: Visit, charge: Object) -> str:
    if visit.settings.refunds != "succeeded":
        return visit.settings.refunds
    held = visit.backstage.cards.get(charge["payment_method"])
    return held.card.refunds if held else "pending"
