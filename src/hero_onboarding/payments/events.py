"""Keep what happened to a payment as a fact, and call a person where one is needed."""

from datetime import datetime

import msgspec

from hero_onboarding.database import Transaction
from hero_onboarding.incidents import Incident, IncidentKind, open_incident
from hero_onboarding.payments import store
from hero_onboarding.payments.automatic import learn_from_failure
from hero_onboarding.payments.domain import Decision, TopUp, TopUpState
from hero_onboarding.payments.ports import SAVED_CARD, ProviderPayment
from hero_onboarding.payments.refunds import Refund
from hero_onboarding_schema import PaymentEvent


def become(tx: Transaction, top_up: TopUp, state: TopUpState, failure: str, now: datetime) -> None:
    """Take on another state, keep the fact, and learn from the failure of a saved card.

    Where the provider gave its charge no name, it would not even try.
    """
    key = f"{top_up.id}:{state}:{top_up.changed_at.isoformat()}"
    store.insert_event(tx, event_of(top_up, key, str(state), now))
    values = {"state": state, "failure": failure[:200], "changed_at": now}
    store.change_top_up(tx, top_up.id, **values)
    if state is TopUpState.FAILED and top_up.method == SAVED_CARD:
        learn_from_failure(tx, top_up, failure, now, is_refused=top_up.reference is None)


def came_in(top_up: TopUp, payment: ProviderPayment, kind: str, now: datetime) -> PaymentEvent:
    """Write the fact that a payment came in; one for each payment, credited or not.

    It says what the provider holds, which is what its own records show.
    """
    assert payment.payment_id is not None, payment
    received = payment.received
    return msgspec.structs.replace(
        event_of(top_up, f"in:{payment.payment_id}", kind, now),
        payment_id=payment.payment_id,
        amount=received.amount,
        currency=received.currency,
        is_live=payment.is_live,
    )


def event_of(top_up: TopUp, key: str, kind: str, now: datetime) -> PaymentEvent:
    """Write a fact about a top-up's payment."""
    return PaymentEvent(
        provider=top_up.provider,
        key=key,
        kind=kind,
        top_up_id=top_up.id,
        user_sid=top_up.user_sid,
        payment_id=top_up.payment_id,
        amount=top_up.amount,
        currency=top_up.currency,
        is_live=top_up.is_live,
        recorded_at=now,
    )


def evidence_of(
    top_up: TopUp, payment: ProviderPayment | None, decision: Decision
) -> dict[str, object]:
    """Say what differs, in the provider's figures and in ours."""
    evidence: dict[str, object] = {"wrong": list(decision.wrong)}
    evidence["asked"] = f"{top_up.amount} {top_up.currency}"
    if payment is not None:
        evidence["found"] = f"{payment.amount} {payment.currency}"
        if payment.held is not None:
            evidence["held"] = f"{payment.held.amount} {payment.held.currency}"
        evidence["state"] = str(payment.state)
        evidence["payment"] = payment.payment_id
        evidence["named"] = payment.top_up_id
    return evidence


def report(tx: Transaction, top_up: TopUp, evidence: dict[str, object], now: datetime) -> None:
    """Call a person about a payment that is not what was asked for."""
    where = {"top_up": str(top_up.id), "user_sid": top_up.user_sid, "provider": top_up.provider}
    incident = Incident(IncidentKind.PAYMENT_MISMATCH, "", "", {**where, **evidence})
    open_incident(tx, incident, now)


def report_taken_back(
    tx: Transaction, top_up: TopUp, state: TopUpState, now: datetime, refund: Refund | None = None
) -> None:
    """Call a person about money that somebody else than us took back, each refund once."""
    amount = top_up.amount if refund is None else refund.amount
    evidence = {
        "top_up": str(top_up.id),
        "user_sid": top_up.user_sid,
        "provider": top_up.provider,
        "payment": top_up.payment_id,
        "amount": f"{amount} {top_up.currency}",
        "state": str(state),
    }
    if refund is not None:
        evidence["refund"] = refund.reference
    open_incident(tx, Incident(IncidentKind.PAYMENT_TAKEN_BACK, "", "", evidence), now)
