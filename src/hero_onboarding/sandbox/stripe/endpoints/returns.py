"""Refunds, disputes and early fraud warnings."""

from typing import Literal

from hero_onboarding.sandbox.stripe import disputing, refunding
from hero_onboarding.sandbox.stripe.account import Visit
from hero_onboarding.sandbox.stripe.failures import invalid
from hero_onboarding.sandbox.stripe.listing import fits_all, list_page
from hero_onboarding.sandbox.stripe.objects import Object
from hero_onboarding.sandbox.stripe.parameters import (
    Group,
    ListParameters,
    Metadata,
    Parameters,
    merge_metadata,
)
from hero_onboarding.sandbox.stripe.routing import Call, Route

_ENDINGS = {"winning_evidence": "won", "losing_evidence": "lost"}


class NewRefund(Parameters, frozen=True):
    """What is to go back."""

    charge: str | None = None
    payment_intent: str | None = None
    amount: int | None = None
    reason: Literal["duplicate", "fraudulent", "requested_by_customer"] | None = None
    metadata: Metadata | None = None


class ReturnList(ListParameters, frozen=True):
    """Which refunds or disputes are wanted."""

    charge: str | None = None
    payment_intent: str | None = None


class MetadataChange(Parameters, frozen=True):
    """What can be changed of a refund."""

    metadata: Metadata | None = None


class Evidence(Group, frozen=True):
    """What is said against a dispute; two texts decide how it ends."""

    uncategorized_text: str | None = None


class DisputeChange(MetadataChange, frozen=True):
    """What can be changed of a dispute."""

    evidence: Evidence | None = None
    submit: bool = True


def create_refund(visit: Visit, call: Call) -> Object:
    """Refund a charge, whole or in part."""
    wanted = call.read(NewRefund)
    if wanted.charge and wanted.payment_intent:
        raise invalid("You may only specify one of these parameters: charge, payment_intent.")
    metadata = merge_metadata({}, wanted.metadata)
    charge = disputing.find_charge(visit, wanted.charge, wanted.payment_intent)
    return refunding.open_refund(visit, charge, wanted.amount, wanted.reason, metadata)


def get_refund(visit: Visit, call: Call) -> Object:
    """Give a refund."""
    call.read(Parameters)
    return visit.shelf.get("refund", call.id)


def update_refund(visit: Visit, call: Call) -> Object:
    """Change a refund's metadata."""
    wanted = call.read(MetadataChange)
    refund = visit.shelf.get("refund", call.id)
    visit.change(refund, metadata=merge_metadata(refund["metadata"], wanted.metadata))
    visit.emit("refund.updated", refund)
    return refund


def list_refunds(visit: Visit, call: Call) -> Object:
    """List refunds."""
    return _list(visit, call, "refund")


def get_dispute(visit: Visit, call: Call) -> Object:
    """Give a dispute."""
    call.read(Parameters)
    return visit.shelf.get("dispute", call.id)


def list_disputes(visit: Visit, call: Call) -> Object:
    """List disputes."""
    return _list(visit, call, "dispute")


def update_dispute(visit: Visit, call: Call) -> Object:
    """Answer a dispute; ``winning_evidence`` and ``losing_evidence`` end it at once."""
    wanted = call.read(DisputeChange)
    dispute = visit.shelf.get("dispute", call.id)
    visit.change(dispute, metadata=merge_metadata(dispute["metadata"], wanted.metadata))
    text = None if wanted.evidence is None else wanted.evidence.uncategorized_text
    if text is None:
        visit.emit("charge.dispute.updated", dispute)
        return dispute
    dispute["evidence"]["uncategorized_text"] = text
    dispute["evidence_details"]["has_evidence"] = True
    if wanted.submit:
        dispute["evidence_details"]["submission_count"] += 1
        is_inquiry = dispute["status"].startswith("warning")
        ending = "warning_closed" if is_inquiry else _ENDINGS.get(text, "under_review")
        disputing.move_dispute(visit, dispute, ending)
    return dispute


def close_dispute(visit: Visit, call: Call) -> Object:
    """Accept a dispute as lost."""
    call.read(Parameters)
    dispute = visit.shelf.get("dispute", call.id)
    disputing.move_dispute(visit, dispute, "lost")
    return dispute


def get_warning(visit: Visit, call: Call) -> Object:
    """Give an early fraud warning."""
    call.read(Parameters)
    return visit.shelf.get("radar.early_fraud_warning", call.id)


def list_warnings(visit: Visit, call: Call) -> Object:
    """List early fraud warnings."""
    return _list(visit, call, "radar.early_fraud_warning")


def _list(visit: Visit, call: Call, kind: str) -> Object:
    wanted = call.read(ReturnList)
    fits = fits_all(charge=wanted.charge, payment_intent=wanted.payment_intent)
    return list_page(visit, call.path, kind, wanted, fits)


ROUTES = (
    Route("POST", "/v1/refunds", create_refund),
    Route("GET", "/v1/refunds", list_refunds),
    Route("GET", "/v1/refunds/{id}", get_refund),
    Route("POST", "/v1/refunds/{id}", update_refund),
    Route("GET", "/v1/disputes", list_disputes),
    Route("GET", "/v1/disputes/{id}", get_dispute),
    Route("POST", "/v1/disputes/{id}", update_dispute),
    Route("POST", "/v1/disputes/{id}/close", close_dispute),
    Route("GET", "/v1/radar/early_fraud_warnings", list_warnings),
    Route("GET", "/v1/radar/early_fraud_warnings/{id}", get_warning),
)
