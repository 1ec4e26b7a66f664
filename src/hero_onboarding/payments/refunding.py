"""Ask for a refund, write down what its provider answered, and move the money it means, once."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from hero_onboarding.database import Transaction
from hero_onboarding.ledger import Operation, record_fact
from hero_onboarding.payments import refund_store, store
from hero_onboarding.payments.domain import FIRST_QUESTION, TopUp, TopUpState
from hero_onboarding.payments.errors import RefundKeyReusedError
from hero_onboarding.payments.events import event_of, report, report_taken_back
from hero_onboarding.payments.judging import judge
from hero_onboarding.payments.ports import ProviderRefund, RefundState
from hero_onboarding.payments.questions import want
from hero_onboarding.payments.refund_postings import posting_of
from hero_onboarding.payments.refunds import (
    NOT_FOUND,
    Refund,
    RefundRequest,
    match_refund,
    may_be_refund_of,
    movements_of,
    require_refundable,
    sent_back,
)
from hero_onboarding.wallet import lock_wallets, post_transfer


def ask_refund(
    tx: Transaction, top_up: TopUp, request: RefundRequest, now: datetime
) -> tuple[Refund, bool]:
    """Take a refund from the wallet before anybody is asked, once; say whether it is new.

    A question to the provider is enqueued with it: whatever happens to this process, somebody
    finds out what became of it. ``top_up`` is locked by this transaction.

    Raises:
        BalanceTooLowError: If less is available.
        NotRefundableError: If nothing of this top-up can be given back.
        RefundKeyReusedError: If the top-up's key was used before for other content.
        RefundTooLargeError: If less is left of the payment.
        WrongRefundError: If it can't be.
    """
    request.require_sound()
    found = refund_store.find_by_key(tx, top_up.id, request.key)
    if found is not None:
        refund, digest = found
        if digest != request.digest:
            raise RefundKeyReusedError(request.key)
        return refund, False
    require_refundable(top_up, refund_store.list_refunds(tx, top_up.id), request.amount)
    refund = refund_store.insert_asked(tx, top_up, request, now)
    _post(tx, top_up, refund, Operation.REFUND, now)
    want(tx, top_up.id, now + FIRST_QUESTION)
    return refund, True


def record_refund(tx: Transaction, refund: Refund, found: ProviderRefund, now: datetime) -> Refund:
    """Write down what the provider answered to the order of a refund."""
    top_up = store.lock_top_up(tx, refund.top_up_id)
    refund = refund_store.read_refund(tx, refund.id)
    _apply(tx, top_up, refund, found, now)
    judge(tx, top_up, now)
    return refund_store.read_refund(tx, refund.id)


def record_refund_refused(tx: Transaction, refund: Refund, reason: str, now: datetime) -> Refund:
    """Write down that the provider would not open a refund: the wallet has it back."""
    top_up = store.lock_top_up(tx, refund.top_up_id)
    refund = refund_store.read_refund(tx, refund.id)
    if refund.state is RefundState.ASKED and refund.reference is None:
        _go_on(tx, top_up, refund, RefundState.FAILED, reason, now)
    return refund_store.read_refund(tx, refund.id)


def apply_refunds(
    tx: Transaction, top_up: TopUp, found: Sequence[ProviderRefund], now: datetime
) -> None:
    """Do what the provider says of the refunds of a payment that was credited, each once.

    An order of ours that it knows nothing of, long after it could have arrived, has failed.
    ``top_up`` is locked by this transaction.
    """
    known = refund_store.list_refunds(tx, top_up.id)
    if not found and not known and top_up.state is TopUpState.PAID:
        return
    for one in sorted(found, key=lambda refund: refund.reference):
        refund = match_refund(refund_store.list_refunds(tx, top_up.id), one)
        if refund is None and may_be_refund_of(top_up, one):
            refund = refund_store.insert_found(tx, top_up, one, now)
        if refund is None:
            _report(tx, top_up, one, now)
        else:
            _apply(tx, top_up, refund, one, now)
    named = {one.refund_id for one in found}
    for refund in refund_store.list_refunds(tx, top_up.id):
        if refund.is_lost(now) and str(refund.id) not in named:
            _go_on(tx, top_up, refund, RefundState.FAILED, NOT_FOUND, now)
    judge(tx, top_up, now)


def _apply(
    tx: Transaction, top_up: TopUp, refund: Refund, found: ProviderRefund, now: datetime
) -> None:
    """Do what the provider says of one refund, unless it is not what was asked for."""
    is_other = refund.reference not in {None, found.reference}
    if is_other or (found.amount, found.currency) != (refund.amount, top_up.currency):
        _report(tx, top_up, found, now)
        return
    if refund.reference is None:
        holder = refund_store.find_by_reference(tx, refund.provider, found.reference)
        if holder is not None:
            _report(tx, top_up, found, now)
            return
        refund_store.change_refund(tx, refund.id, reference=found.reference)
        refund = refund_store.read_refund(tx, refund.id)
    if refund.is_news(found.state):
        _go_on(tx, top_up, refund, found.state, found.failure, now)


def _go_on(
    tx: Transaction, top_up: TopUp, refund: Refund, state: RefundState, failure: str, now: datetime
) -> None:
    """Take on another state, with the money that it moves."""
    for operation in movements_of(refund, state):
        _post(tx, top_up, refund, operation, now)
        if operation is Operation.TAKEN_BACK:
            report_taken_back(tx, top_up, TopUpState.REFUNDED, now, refund)
    values = {"state": state, "failure": failure[:200], "changed_at": now}
    refund_store.change_refund(tx, refund.id, **values)


def _post(
    tx: Transaction, top_up: TopUp, refund: Refund, operation: Operation, now: datetime
) -> None:
    """Keep the fact of a movement and move the money; asking for a refund is a choice."""
    owed = lock_wallets(tx, [top_up.user_sid])[top_up.user_sid].debt
    posting = posting_of(top_up, refund, operation, owed, now)
    event, sent = event_of(top_up, posting.event_key, posting.event, now), sent_back(top_up, refund)
    store.insert_event(
        tx, msgspec.structs.replace(event, amount=sent.amount, currency=sent.currency)
    )
    record_fact(tx, posting.fact, now)
    post_transfer(tx, posting.transfer, now, is_choice=operation is Operation.REFUND)


def _report(tx: Transaction, top_up: TopUp, found: ProviderRefund, now: datetime) -> None:
    evidence: dict[str, object] = {
        "wrong": ["refund"],
        "asked": found.refund_id,
        "found": f"{found.amount} {found.currency}",
        "state": str(found.state),
        "payment": top_up.payment_id,
        "named": found.reference,
    }
    report(tx, top_up, evidence, now)
