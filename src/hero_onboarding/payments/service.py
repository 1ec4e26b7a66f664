"""Ask for a top-up, write down what its provider answered, and credit what came in, once."""

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from hero_onboarding.database import Transaction
from hero_onboarding.kernel.paging import PAGE_ITEMS, Page, page_of, read_cursor
from hero_onboarding.ledger import record_fact
from hero_onboarding.payments import refund_store, store
from hero_onboarding.payments.alerts.store import forget_low
from hero_onboarding.payments.cards import keep_card
from hero_onboarding.payments.dispute_postings import REINSTATED, WITHDRAWN
from hero_onboarding.payments.disputing import apply_disputes
from hero_onboarding.payments.domain import (
    FIRST_PUSH_QUESTION,
    FIRST_QUESTION,
    MISMATCH,
    Decision,
    Step,
    TopUp,
    TopUpRequest,
    TopUpState,
    decide,
    order_reference_of,
    units_of,
)
from hero_onboarding.payments.errors import TopUpKeyReusedError, TopUpNotFoundError
from hero_onboarding.payments.events import (
    become,
    came_in,
    evidence_of,
    report,
    report_taken_back,
)
from hero_onboarding.payments.line_store import sum_posted
from hero_onboarding.payments.ports import (
    OpenedCheckout,
    PaymentState,
    ProviderPayment,
)
from hero_onboarding.payments.postings import (
    clearing_account,
    credit_fact,
    credit_transfer,
    suspense_fact,
    suspense_transfer,
)
from hero_onboarding.payments.questions import close_question, want
from hero_onboarding.payments.quotes import (
    insert_quote,
    quote_of,
    shown_worth,
    worth_of_payment,
)
from hero_onboarding.payments.refund_postings import CAME_BACK, GIVEN_BACK, refunds_account
from hero_onboarding.payments.refunding import apply_refunds
from hero_onboarding.payments.returns import UNASKED, Returns
from hero_onboarding.payments.suspense import SUSPENDED, return_suspended
from hero_onboarding.wallet import get_wallet, post_transfer

CREDITED: Final = "credited"

_CAME_IN: Final = (CREDITED, SUSPENDED, CAME_BACK, REINSTATED)
_WENT_OUT: Final = (GIVEN_BACK, WITHDRAWN)
_TAKEN_BACK: Final = frozenset({TopUpState.REFUNDED, TopUpState.DISPUTED})


def find_asked(tx: Transaction, request: TopUpRequest) -> TopUp | None:
    """Return the top-up that was asked for under a request's key before; None if none was.

    Raises:
        TopUpKeyReusedError: If the user's key was used before for other content.
        WalletNotFoundError: If there is no such user.
    """
    get_wallet(tx, request.user_sid)
    found = store.find_by_key(tx, request.user_sid, request.key)
    if found is None:
        return None
    top_up, digest = found
    if digest != request.digest:
        raise TopUpKeyReusedError(request.key)
    return top_up


def ask_top_up(
    tx: Transaction,
    request: TopUpRequest,
    *,
    is_live: bool,
    now: datetime,
    customer: str | None = None,
) -> tuple[TopUp, bool]:
    """Write a top-up down before anybody is asked, once; say whether it is new.

    A question to the provider is enqueued with it: whatever happens to this process, somebody
    finds out what became of it.

    Args:
        tx: The open transaction.
        request: What is asked for.
        is_live: Whether the provider's keys move real money.
        now: The present instant.
        customer: The provider's name for the user; given exactly where the card is saved.

    Raises:
        NoRateError: If it is in another currency and no rate is there to go by.
        TopUpKeyReusedError: If the user's key was used before for other content.
        WalletNotFoundError: If there is no such user.
        WrongTopUpError: If it can't be.
    """
    request.require_sound()
    assert (customer is not None) is request.saves_card, request
    found = find_asked(tx, request)
    values = {"is_live": is_live, "customer": customer}
    is_new = found is None and _write_down(tx, request, values, now)
    top_up = found or find_asked(tx, request)
    assert top_up is not None, request
    if is_new:
        is_push = request.phone is not None
        want(tx, top_up.id, now + (FIRST_PUSH_QUESTION if is_push else FIRST_QUESTION))
    return get_top_up(tx, top_up.id), is_new


def _write_down(
    tx: Transaction, request: TopUpRequest, more: Mapping[str, object], now: datetime
) -> bool:
    """Insert a top-up with the rate that was shown; False when another has its key meanwhile."""
    asked_at, top_up_id = now.replace(microsecond=0), uuid.uuid4()
    quote = quote_of(tx, top_up_id, request.currency, now)
    values = {
        "id": top_up_id,
        "credit": shown_worth(request.amount, request.currency, quote),
        "asked_at": asked_at,
        "expires_at": asked_at + request.way.life,
        "changed_at": now,
        **more,
    }
    if not store.insert_top_up(tx, request, values):
        return False
    if quote is not None:
        insert_quote(tx, quote, request.currency)
    claimed = store.claim_references(tx, get_top_up(tx, top_up_id), [order_reference_of(top_up_id)])
    assert not claimed, top_up_id
    return True


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


def record_opened(tx: Transaction, top_up_id: UUID, opened: OpenedCheckout, now: datetime) -> TopUp:
    """Write down where the payer goes on; what is known already stays."""
    top_up = store.lock_top_up(tx, top_up_id)
    if top_up.reference is None:
        foreign = store.claim_references(tx, top_up, [opened.reference])
        if foreign:
            report(tx, top_up, {"wrong": ["reference"], "references": list(foreign)}, now)
            return top_up
        values = {
            "reference": opened.reference,
            "redirect_url": opened.redirect_url,
            "control_number": opened.control_number,
        }
        store.change_top_up(tx, top_up_id, **values, changed_at=now)
    elif top_up.reference == opened.reference:
        # Of two that opened it at once, only one may have been told where the payer goes on.
        values = {
            "redirect_url": top_up.redirect_url or opened.redirect_url,
            "control_number": top_up.control_number or opened.control_number,
        }
        store.change_top_up(tx, top_up_id, **values)
    return get_top_up(tx, top_up_id)


def record_refused(tx: Transaction, top_up_id: UUID, reason: str, now: datetime) -> TopUp:
    """Write down that the provider would not open a checkout: the top-up failed."""
    top_up = store.lock_top_up(tx, top_up_id)
    if top_up.state is TopUpState.OPEN and top_up.reference is None:
        become(tx, top_up, TopUpState.FAILED, reason, now)
        values = {"answered": top_up.wanted, "question_due_at": None, "phone": None}
        store.change_top_up(tx, top_up_id, **values)
    return get_top_up(tx, top_up_id)


def settle(
    tx: Transaction,
    top_up_id: UUID,
    payment: ProviderPayment | None,
    question: int,
    now: datetime,
    returns: Returns = UNASKED,
) -> Decision:
    """Do what an answer of the provider means, once, however often and in whatever order.

    Args:
        tx: The open transaction.
        top_up_id: Whose payment was asked about.
        payment: What the provider said; None when it knows of none.
        question: The newest question that had been asked for before the provider was asked.
        now: The present instant.
        returns: What the provider said of the payment's refunds and disputes.
    """
    top_up = store.lock_top_up(tx, top_up_id)
    if payment is not None:
        payment = _leave_returns_out(top_up, payment, returns)
    decision = _decide_with_references(tx, top_up, payment, now)
    is_overtaken = question < top_up.answered
    if decision.step is Step.BECOME and not is_overtaken:
        failure = "" if payment is None else payment.failure
        become(tx, top_up, decision.state, failure, now)
        if decision.state in _TAKEN_BACK:
            report_taken_back(tx, top_up, decision.state, now)
    elif payment is not None and decision.step is Step.CREDIT:
        _credit(tx, top_up, payment, decision, returns, now)
    elif payment is not None and decision.step is Step.SUSPEND:
        _suspend(tx, top_up, payment, decision, now)
        return_suspended(tx, top_up, payment, returns.refunds or (), now)
    elif decision.step is Step.REPORT:
        report(tx, top_up, evidence_of(top_up, payment, decision), now)
    if payment is not None and not decision.wrong:
        after = top_up if decision.step is Step.NOTHING else store.lock_top_up(tx, top_up_id)
        _apply_returns(tx, after, payment, replace(returns, is_overtaken=is_overtaken), now)
        keep_card(tx, top_up, payment, now)
    close_question(tx, top_up_id, question, now)
    return decision


def sum_payments(tx: Transaction) -> dict[str, int]:
    """Sum what came in and what went out by the account that holds it, from facts and lines."""
    sums: Counter[str] = Counter()
    for kinds, sign in ((_CAME_IN, 1), (_WENT_OUT, -1)):
        for (provider, currency), amount in store.sum_events(tx, kinds).items():
            sums[clearing_account(provider, currency)] += sign * units_of(amount, currency)
    sums.update(sum_posted(tx))
    return dict(sums)


def sum_refunds_in_transit(tx: Transaction) -> dict[str, int]:
    """Sum the refunds that were asked for and have not ended, by the account that holds them."""
    sums: Counter[str] = Counter()
    for (provider, currency), amount in refund_store.sum_in_transit(tx).items():
        sums[refunds_account(provider)] += units_of(amount, currency)
    return dict(sums)


def _leave_returns_out(
    top_up: TopUp, payment: ProviderPayment, returns: Returns
) -> ProviderPayment:
    """Say of a payment what it is without what is counted one by one."""
    state = payment.state
    if returns.refunds is not None and state is PaymentState.REFUNDED:
        state = PaymentState.PAID
    if returns.disputes is not None and state is PaymentState.DISPUTED:
        state = PaymentState.PAID
    if state is PaymentState.PAID and _is_counted(top_up.state, returns):
        state = PaymentState(top_up.state)
    return replace(payment, state=state)


def _is_counted(state: TopUpState, returns: Returns) -> bool:
    """Whether a top-up's state follows from what is counted one by one."""
    if state is TopUpState.DISPUTED:
        return returns.disputes is not None
    return state is TopUpState.REFUNDED and returns.refunds is not None


def _apply_returns(
    tx: Transaction, top_up: TopUp, payment: ProviderPayment, returns: Returns, now: datetime
) -> None:
    """Do what the provider says of a credited payment's refunds and disputes, each once."""
    if top_up.payment_id is None or top_up.payment_id != payment.payment_id:
        return
    if returns.refunds is not None:
        apply_refunds(tx, top_up, returns.refunds, now)
    if returns.disputes is not None:
        apply_disputes(tx, top_up, returns, now)


def _decide_with_references(
    tx: Transaction, top_up: TopUp, payment: ProviderPayment | None, now: datetime
) -> Decision:
    """Decide, and keep the ids by which the provider's notices may name this payment."""
    decision = decide(top_up, payment, now)
    if payment is None or decision.wrong:
        return decision
    named = [one for one in (payment.reference, *payment.references) if one != top_up.reference]
    foreign = store.claim_references(tx, top_up, named)
    if foreign:
        step = Step.SUSPEND if payment.state.has_come_in else Step.REPORT
        return Decision(step, top_up.state, ("reference",))
    if top_up.reference is None:
        values = {"reference": payment.reference, "redirect_url": payment.redirect_url}
        store.change_top_up(tx, top_up.id, **values)
    return decision


def _credit(
    tx: Transaction,
    top_up: TopUp,
    payment: ProviderPayment,
    decision: Decision,
    returns: Returns,
    now: datetime,
) -> None:
    """Credit a payment unless it is in the books already; what waits aside stays there."""
    event = came_in(top_up, payment, CREDITED, now)
    if not store.insert_event(tx, event):
        again = Decision(Step.REPORT, top_up.state, ("payment_id",))
        report(tx, top_up, evidence_of(top_up, payment, again), now)
        return_suspended(tx, top_up, payment, returns.refunds or (), now)
        return
    worth = worth_of_payment(tx, top_up, payment, now)
    record_fact(tx, credit_fact(top_up, payment, worth, now), now)
    post_transfer(tx, credit_transfer(top_up, payment, worth, now), now, is_choice=False)
    store.change_top_up(
        tx,
        top_up.id,
        state=TopUpState.PAID,
        credited=worth.micros,
        payment_id=payment.payment_id,
        held_amount=payment.held.amount if payment.held else None,
        held_currency=payment.held.currency if payment.held else None,
        failure="",
        changed_at=now,
    )
    forget_low(tx, top_up.user_sid)
    if decision.state is not TopUpState.PAID:
        paid = replace(top_up, payment_id=payment.payment_id)
        become(tx, paid, decision.state, "", now)
        report_taken_back(tx, paid, decision.state, now)


def _suspend(
    tx: Transaction, top_up: TopUp, payment: ProviderPayment, decision: Decision, now: datetime
) -> None:
    """Put money that is not what was asked for aside, and call a person; once.

    What is told of it later, such as that it goes back, names the payment alone.
    """
    if store.insert_event(tx, came_in(top_up, payment, SUSPENDED, now)):
        store.claim_references(tx, top_up, [str(payment.payment_id)])
        record_fact(tx, suspense_fact(top_up, payment, now), now)
        post_transfer(tx, suspense_transfer(top_up, payment, now), now, is_choice=False)
    if top_up.state.is_waiting:
        values = {"state": TopUpState.PENDING, "failure": MISMATCH, "changed_at": now}
        store.change_top_up(tx, top_up.id, **values)
    report(tx, top_up, evidence_of(top_up, payment, decision), now)
