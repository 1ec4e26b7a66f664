"""Ask for a top-up, write down what its provider answered, and credit what came in, once."""

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from hero_onboarding.database import Transaction
from hero_onboarding.incidents import Incident, IncidentKind, open_incident
from hero_onboarding.jobs import Job, enqueue
from hero_onboarding.kernel.paging import PAGE_ITEMS, Page, page_of, read_cursor
from hero_onboarding.ledger import record_fact
from hero_onboarding.payments import store
from hero_onboarding.payments.domain import (
    CHECKOUT_LIFE,
    FIRST_QUESTION,
    Decision,
    Step,
    TopUp,
    TopUpRequest,
    TopUpState,
    credit_of,
    decide,
    next_question_at,
    units_of,
)
from hero_onboarding.payments.errors import TopUpKeyReusedError, TopUpNotFoundError
from hero_onboarding.payments.ports import OpenedCheckout, ProviderPayment
from hero_onboarding.payments.postings import (
    clearing_account,
    credit_fact,
    credit_transfer,
    suspense_fact,
    suspense_transfer,
)
from hero_onboarding.wallet import get_wallet, post_transfer
from hero_onboarding_schema import PaymentEvent

ASK_PROVIDER: Final = "ask_provider"
"""Jobs of this kind ask about one top-up; each question has a number and a job of its own."""

CREDITED: Final = "credited"
SUSPENDED: Final = "suspended"
MISMATCH: Final = "mismatch"
"""Why a top-up stays pending whose money came in and waits aside for a person."""

_TAKEN_BACK: Final = frozenset({TopUpState.REFUNDED, TopUpState.DISPUTED})


def ask_top_up(
    tx: Transaction, request: TopUpRequest, *, is_live: bool, now: datetime
) -> tuple[TopUp, bool]:
    """Write a top-up down before anybody is asked, once; say whether it is new.

    A question to the provider is enqueued with it: whatever happens to this process, somebody
    finds out what became of it.

    Raises:
        TopUpKeyReusedError: If the user's key was used before for other content.
        WalletNotFoundError: If there is no such user.
        WrongTopUpError: If it can't be.
    """
    request.require_sound()
    get_wallet(tx, request.user_sid)
    asked_at = now.replace(microsecond=0)
    values = {
        "id": uuid.uuid4(),
        "credit": credit_of(request.amount, request.currency),
        "is_live": is_live,
        "asked_at": asked_at,
        "expires_at": asked_at + CHECKOUT_LIFE,
        "changed_at": now,
    }
    is_new = store.insert_top_up(tx, request, values)
    found = store.find_by_key(tx, request.user_sid, request.key)
    assert found is not None, request
    top_up, digest = found
    if digest != request.digest:
        raise TopUpKeyReusedError(request.key)
    if is_new:
        want(tx, top_up.id, now + FIRST_QUESTION)
    return get_top_up(tx, top_up.id), is_new


def get_top_up(tx: Transaction, top_up_id: UUID) -> TopUp:
    """Return a top-up.

    Raises:
        TopUpNotFoundError: If none has this id.
    """
    top_up = store.find_top_up(tx, top_up_id)
    if top_up is None:
        raise TopUpNotFoundError(str(top_up_id))
    return top_up


def list_top_ups(
    tx: Transaction, user_sid: str, cursor: str | None, *, size: int = PAGE_ITEMS
) -> Page[TopUp]:
    """List a user's top-ups, newest first.

    Raises:
        WrongCursorError: If the cursor is none of an earlier page.
    """
    before = read_cursor(cursor)
    rows = store.list_top_ups(tx, user_sid, before=before, limit=size + 1)
    return page_of(rows, lambda top_up: top_up.number, size=size)


def want(tx: Transaction, top_up_id: UUID, due_at: datetime) -> None:
    """Have the provider asked about a top-up, from an instant on.

    Each question has a number. Whoever answers one answers all smaller ones too, so that a burst
    of notices costs one call, and what is asked for during a call is asked after it.
    """
    number = store.want_question(tx, top_up_id, due_at)
    payload = {"top_up": str(top_up_id), "question": number}
    enqueue(tx, Job(ASK_PROVIDER, f"{top_up_id}.{number}", due_at, payload))


def record_opened(tx: Transaction, top_up_id: UUID, opened: OpenedCheckout, now: datetime) -> TopUp:
    """Write down where the payer goes on; what is known already stays."""
    top_up = store.lock_top_up(tx, top_up_id)
    if top_up.reference is None:
        foreign = store.claim_references(tx, top_up, [opened.reference])
        if foreign:
            _report(tx, top_up, {"wrong": ["reference"], "references": list(foreign)}, now)
            return top_up
        values = {"reference": opened.reference, "redirect_url": opened.redirect_url}
        store.change_top_up(tx, top_up_id, **values, changed_at=now)
    return get_top_up(tx, top_up_id)


def record_refused(tx: Transaction, top_up_id: UUID, reason: str, now: datetime) -> TopUp:
    """Write down that the provider would not open a checkout: the top-up failed."""
    top_up = store.lock_top_up(tx, top_up_id)
    if top_up.state is TopUpState.OPEN and top_up.reference is None:
        _become(tx, top_up, TopUpState.FAILED, reason, now)
        store.change_top_up(tx, top_up_id, answered=top_up.wanted, question_due_at=None)
    return get_top_up(tx, top_up_id)


def settle(
    tx: Transaction,
    top_up_id: UUID,
    payment: ProviderPayment | None,
    question: int,
    now: datetime,
) -> Decision:
    """Do what an answer of the provider means, once, however often and in whatever order.

    Args:
        tx: The open transaction.
        top_up_id: Whose payment was asked about.
        payment: What the provider said; None when it knows of none.
        question: The newest question that had been asked for before the provider was asked.
        now: The present instant.
    """
    top_up = store.lock_top_up(tx, top_up_id)
    decision = _decide_with_references(tx, top_up, payment, now)
    is_overtaken = question < top_up.answered
    if decision.step is Step.BECOME and not is_overtaken:
        failure = "" if payment is None else payment.failure
        _become(tx, top_up, decision.state, failure, now)
    elif payment is not None and decision.step is Step.CREDIT:
        _credit(tx, top_up, payment, decision, now)
    elif payment is not None and decision.step is Step.SUSPEND:
        _suspend(tx, top_up, payment, decision, now)
    elif decision.step is Step.REPORT:
        _report(tx, top_up, _evidence(top_up, payment, decision), now)
    _close_question(tx, top_up_id, question, now)
    return decision


def sum_payments(tx: Transaction) -> dict[str, int]:
    """Sum what came in by the account that holds it, from the facts about payments."""
    sums = store.sum_came_in(tx, (CREDITED, SUSPENDED))
    return {
        clearing_account(provider, currency): units_of(amount, currency)
        for (provider, currency), amount in sums.items()
    }


def _decide_with_references(
    tx: Transaction, top_up: TopUp, payment: ProviderPayment | None, now: datetime
) -> Decision:
    """Decide, and keep the ids by which the provider's notices may name this payment."""
    decision = decide(top_up, payment, now)
    if payment is None or decision.wrong:
        return decision
    foreign = store.claim_references(tx, top_up, [payment.reference, *payment.references])
    if foreign:
        step = Step.SUSPEND if payment.state.has_come_in else Step.REPORT
        return Decision(step, top_up.state, ("reference",))
    if top_up.reference is None:
        values = {"reference": payment.reference, "redirect_url": payment.redirect_url}
        store.change_top_up(tx, top_up.id, **values)
    return decision


def _close_question(tx: Transaction, top_up_id: UUID, question: int, now: datetime) -> None:
    """Say that a question is answered, and have the next one asked if the top-up waits.

    Where one was asked for meanwhile, it has a job of its own, and whoever answers it goes on.
    """
    top_up = get_top_up(tx, top_up_id)
    answered = max(top_up.answered, question)
    store.change_top_up(tx, top_up_id, answered=answered)
    if top_up.wanted > answered:
        return
    due_at = next_question_at(top_up, now)
    if due_at is None:
        store.change_top_up(tx, top_up_id, question_due_at=None)
    else:
        want(tx, top_up_id, due_at)


def _become(tx: Transaction, top_up: TopUp, state: TopUpState, failure: str, now: datetime) -> None:
    """Take on another state, and keep the fact."""
    key = f"{top_up.id}:{state}:{top_up.changed_at.isoformat()}"
    store.insert_event(tx, _event(top_up, key, str(state), now))
    values = {"state": state, "failure": failure[:200], "changed_at": now}
    store.change_top_up(tx, top_up.id, **values)
    if state in _TAKEN_BACK:
        _report_taken_back(tx, top_up, state, now)


def _credit(
    tx: Transaction, top_up: TopUp, payment: ProviderPayment, decision: Decision, now: datetime
) -> None:
    """Credit a payment unless it is in the books already."""
    event = _came_in(top_up, payment, CREDITED, now)
    if not store.insert_event(tx, event):
        again = Decision(Step.REPORT, top_up.state, ("payment_id",))
        _report(tx, top_up, _evidence(top_up, payment, again), now)
        return
    record_fact(tx, credit_fact(top_up, payment, now), now)
    post_transfer(tx, credit_transfer(top_up, payment, now), now, is_choice=False)
    store.change_top_up(
        tx,
        top_up.id,
        state=TopUpState.PAID,
        credited=top_up.credit,
        payment_id=payment.payment_id,
        failure="",
        changed_at=now,
    )
    if decision.state is not TopUpState.PAID:
        paid = replace(top_up, payment_id=payment.payment_id)
        _become(tx, paid, decision.state, "", now)


def _suspend(
    tx: Transaction, top_up: TopUp, payment: ProviderPayment, decision: Decision, now: datetime
) -> None:
    """Put money that is not what was asked for aside, and call a person; once."""
    if store.insert_event(tx, _came_in(top_up, payment, SUSPENDED, now)):
        record_fact(tx, suspense_fact(top_up, payment, now), now)
        post_transfer(tx, suspense_transfer(top_up, payment, now), now, is_choice=False)
    if top_up.state.is_waiting:
        values = {"state": TopUpState.PENDING, "failure": MISMATCH, "changed_at": now}
        store.change_top_up(tx, top_up.id, **values)
    _report(tx, top_up, _evidence(top_up, payment, decision), now)


def _came_in(top_up: TopUp, payment: ProviderPayment, kind: str, now: datetime) -> PaymentEvent:
    """Write the fact that a payment came in; one for each payment, credited or not."""
    assert payment.payment_id is not None, payment
    return msgspec.structs.replace(
        _event(top_up, f"in:{payment.payment_id}", kind, now),
        payment_id=payment.payment_id,
        amount=payment.amount,
        currency=payment.currency,
        is_live=payment.is_live,
    )


def _event(top_up: TopUp, key: str, kind: str, now: datetime) -> PaymentEvent:
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


def _evidence(
    top_up: TopUp, payment: ProviderPayment | None, decision: Decision
) -> dict[str, object]:
    """Say what differs, in the provider's figures and in ours."""
    evidence: dict[str, object] = {"wrong": list(decision.wrong)}
    evidence["asked"] = f"{top_up.amount} {top_up.currency}"
    if payment is not None:
        evidence["found"] = f"{payment.amount} {payment.currency}"
        evidence["state"] = str(payment.state)
        evidence["payment"] = payment.payment_id
        evidence["named"] = payment.top_up_id
    return evidence


def _report(tx: Transaction, top_up: TopUp, evidence: dict[str, object], now: datetime) -> None:
    where = {"top_up": str(top_up.id), "user_sid": top_up.user_sid, "provider": top_up.provider}
    incident = Incident(IncidentKind.PAYMENT_MISMATCH, "", "", {**where, **evidence})
    open_incident(tx, incident, now)


def _report_taken_back(tx: Transaction, top_up: TopUp, state: TopUpState, now: datetime) -> None:
    evidence = {
        "top_up": str(top_up.id),
        "user_sid": top_up.user_sid,
        "provider": top_up.provider,
        "payment": top_up.payment_id,
        "amount": f"{top_up.amount} {top_up.currency}",
        "state": str(state),
    }
    open_incident(tx, Incident(IncidentKind.PAYMENT_TAKEN_BACK, "", "", evidence), now)
