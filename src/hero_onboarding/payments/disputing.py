"""Do what a provider says of disputes: freeze, move the money it moved, let go; each once."""

from dataclasses import replace
from datetime import datetime

import msgspec

from hero_onboarding.database import Transaction
from hero_onboarding.incidents import Incident, IncidentKind, open_incident
from hero_onboarding.ledger import record_fact
from hero_onboarding.payments import dispute_store, refund_store, store
from hero_onboarding.payments.dispute_ports import DisputeMovement, ProviderDispute
from hero_onboarding.payments.dispute_postings import (
    OPENED,
    dispute_posting,
    event_key_of,
    line_of,
)
from hero_onboarding.payments.disputes import Dispute
from hero_onboarding.payments.domain import TopUp, TopUpState
from hero_onboarding.payments.events import event_of, report
from hero_onboarding.payments.judging import judge
from hero_onboarding.payments.line_store import keep_line
from hero_onboarding.payments.refunds import worth_of
from hero_onboarding.payments.returns import Returns
from hero_onboarding.wallet import close_hold, freeze, lock_wallets, post_transfer


def apply_disputes(tx: Transaction, top_up: TopUp, returns: Returns, now: datetime) -> None:
    """Do what the provider says of the disputes of a payment that was credited, each once.

    What was moved counts whenever it is heard of; a state counts unless a newer answer was heard.
    ``top_up`` is locked by this transaction.
    """
    if not returns.disputes and top_up.state is TopUpState.PAID:
        return
    for one in sorted(returns.disputes or (), key=lambda dispute: dispute.reference):
        dispute = _known(tx, top_up, one, now)
        if dispute is not None:
            is_news = dispute.may_become(one, is_overtaken=returns.is_overtaken)
            state = one.state if is_news else dispute.state
            _go_on(tx, top_up, dispute, replace(one, state=state), now)
    judge(tx, top_up, now)


def _known(tx: Transaction, top_up: TopUp, found: ProviderDispute, now: datetime) -> Dispute | None:
    """Return the row of a dispute, made and frozen if need be; None for one that can't be."""
    dispute = dispute_store.find_by_reference(tx, top_up.provider, found.reference)
    if dispute is None and found.currency == top_up.currency and found.amount > 0:
        worth = worth_of(top_up, refund_store.list_refunds(tx, top_up.id), found.amount)
        dispute_store.insert_dispute(tx, top_up, found, worth, now)
        dispute = dispute_store.find_by_reference(tx, top_up.provider, found.reference)
        assert dispute is not None, found
        _open(tx, top_up, dispute, now)
    wanted = (top_up.id, found.amount, found.currency)
    if dispute is None or wanted != (dispute.top_up_id, dispute.amount, dispute.currency):
        _report(tx, top_up, found, now)
    return None if dispute is None or dispute.top_up_id != top_up.id else dispute


def _open(tx: Transaction, top_up: TopUp, dispute: Dispute, now: datetime) -> None:
    """Freeze what is disputed, keep the fact, and call a person; what is over needs nobody."""
    event = event_of(top_up, f"{OPENED}:{dispute.reference}", OPENED, now)
    store.insert_event(tx, msgspec.structs.replace(event, amount=dispute.amount))
    if not dispute.is_frozen:
        return
    freeze(tx, dispute.freeze(top_up.user_sid), now)
    evidence = {
        "top_up": str(top_up.id),
        "user_sid": top_up.user_sid,
        "provider": top_up.provider,
        "payment": top_up.payment_id,
        "dispute": dispute.reference,
        "amount": f"{dispute.amount} {dispute.currency}",
    }
    open_incident(tx, Incident(IncidentKind.PAYMENT_DISPUTED, "", "", evidence), now)


def _go_on(
    tx: Transaction,
    top_up: TopUp,
    dispute: Dispute,
    found: ProviderDispute,
    now: datetime,
) -> None:
    """Post what the provider moved, take on the state, and let go what needs not be frozen."""
    moved = [one for one in found.movements if _move(tx, top_up, dispute, one, now)]
    if moved or found.state is not dispute.state:
        dispute_store.change_dispute(
            tx,
            dispute.id,
            state=found.state,
            withdrawn=dispute.withdrawn - sum(one.paid[0] for one in moved),
            movements=dispute.movements + len(moved),
            changed_at=now,
        )
    after = dispute_store.find_by_reference(tx, dispute.provider, dispute.reference)
    if dispute.is_frozen and after is not None and not after.is_frozen:
        close_hold(tx, dispute.freeze(top_up.user_sid).id, now)


def _move(
    tx: Transaction, top_up: TopUp, dispute: Dispute, movement: DisputeMovement, now: datetime
) -> bool:
    """Post one line of the provider's account and its fee, once; return whether it was new."""
    amount, currency = abs(movement.paid[0]), movement.paid[1]
    if currency != top_up.currency or amount == 0:
        odd = ProviderDispute(dispute.reference, dispute.state, amount, currency)
        _report(tx, top_up, odd, now)
        return False
    owed = lock_wallets(tx, [top_up.user_sid])[top_up.user_sid].debt
    posting = dispute_posting(top_up, dispute, movement, owed, now)
    event = event_of(top_up, posting.event_key, posting.event, now)
    if not store.insert_event(tx, msgspec.structs.replace(event, amount=amount)):
        return False
    record_fact(tx, posting.fact, now)
    post_transfer(tx, posting.transfer, now, is_choice=False)
    line, key = line_of(top_up, dispute, movement, now), event_key_of(movement)
    keep_line(tx, top_up.provider, line, key, now, is_posted=True)
    return True


def _report(tx: Transaction, top_up: TopUp, found: ProviderDispute, now: datetime) -> None:
    evidence: dict[str, object] = {
        "wrong": ["dispute"],
        "asked": f"{top_up.amount} {top_up.currency}",
        "found": f"{found.amount} {found.currency}",
        "state": str(found.state),
        "payment": top_up.payment_id,
        "named": found.reference,
    }
    report(tx, top_up, evidence, now)
