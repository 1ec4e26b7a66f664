"""Say of a top-up that was paid what it is, of all that was given back or is disputed."""

from datetime import datetime
from typing import Final

from hero_onboarding.database import Transaction
from hero_onboarding.payments import dispute_store, refund_store, store
from hero_onboarding.payments.domain import TopUp, TopUpState
from hero_onboarding.payments.events import become
from hero_onboarding.payments.refunds import given_back

_JUDGED: Final = frozenset({TopUpState.PAID, TopUpState.REFUNDED, TopUpState.DISPUTED})


def judge(tx: Transaction, top_up: TopUp, now: datetime) -> None:
    """Take on the state that follows: disputed before given back in full before paid.

    A provider that tells of no disputes one by one says itself when one is over.
    """
    top_up = store.lock_top_up(tx, top_up.id)
    disputes = dispute_store.list_disputes(tx, top_up.id)
    if top_up.state not in _JUDGED or (top_up.state is TopUpState.DISPUTED and not disputes):
        return
    wanted = TopUpState.PAID
    if given_back(refund_store.list_refunds(tx, top_up.id)) >= top_up.amount:
        wanted = TopUpState.REFUNDED
    if any(dispute.state.is_against_us for dispute in disputes):
        wanted = TopUpState.DISPUTED
    if top_up.state is not wanted:
        become(tx, top_up, wanted, "", now)
