"""Money that waits aside and goes back to its payer: the books follow it there."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import msgspec

from hero_onboarding.database import Transaction
from hero_onboarding.ledger import Entry, Fact, FactKind, Operation, Transfer, record_fact
from hero_onboarding.payments import store
from hero_onboarding.payments.domain import TopUp, units_of
from hero_onboarding.payments.events import event_of
from hero_onboarding.payments.ports import ProviderPayment, ProviderRefund, RefundState
from hero_onboarding.payments.postings import clearing_account
from hero_onboarding.payments.refund_postings import CAME_BACK, GIVEN_BACK
from hero_onboarding.wallet import post_transfer

SUSPENDED: Final = "suspended"
"""The kind of fact that says that a payment waits aside."""

_OPERATIONS: Final = {
    GIVEN_BACK: Operation.SUSPENSE_PAID,
    CAME_BACK: Operation.SUSPENSE_REVERSED,
}


def return_suspended(
    tx: Transaction,
    top_up: TopUp,
    payment: ProviderPayment,
    refunds: Sequence[ProviderRefund],
    now: datetime,
) -> None:
    """Post what the provider says of the refunds of a payment that was suspended, each once.

    Nobody's wallet was credited, so nobody owes: what went back leaves suspense, and what failed
    after that is there again. A payment that does not wait in suspense is left alone.
    """
    if not store.has_event(tx, top_up.provider, f"in:{payment.payment_id}", SUSPENDED):
        return
    for refund in sorted(refunds, key=lambda one: one.reference):
        sent = _sent_back(payment, refund)
        if sent is None:
            continue
        if refund.state is RefundState.SUCCEEDED:
            _post(tx, top_up, payment, sent, GIVEN_BACK, now)
        elif refund.state is RefundState.FAILED and _went_back(tx, top_up, refund):
            _post(tx, top_up, payment, sent, CAME_BACK, now)


def _sent_back(payment: ProviderPayment, refund: ProviderRefund) -> ProviderRefund | None:
    """Say what a refund is of what the provider holds: all of what it exchanged, or nothing."""
    if refund.currency != payment.currency or refund.amount <= 0:
        return None
    if payment.held is None:
        return refund
    held = payment.held
    is_whole = refund.amount == payment.amount
    return replace(refund, amount=held.amount, currency=held.currency) if is_whole else None


def _went_back(tx: Transaction, top_up: TopUp, refund: ProviderRefund) -> bool:
    return store.has_event(tx, top_up.provider, f"{GIVEN_BACK}:{refund.reference}")


def _post(
    tx: Transaction,
    top_up: TopUp,
    payment: ProviderPayment,
    refund: ProviderRefund,
    kind: str,
    now: datetime,
) -> None:
    event = msgspec.structs.replace(
        event_of(top_up, f"{kind}:{refund.reference}", kind, now),
        payment_id=payment.payment_id,
        amount=refund.amount,
        currency=refund.currency,
    )
    if not store.insert_event(tx, event):
        return
    operation = _OPERATIONS[kind]
    sign = 1 if kind == GIVEN_BACK else -1
    units = sign * units_of(refund.amount, refund.currency)
    entries = (
        Entry(clearing_account(top_up.provider, refund.currency), units, refund.currency),
        Entry(f"suspense:{top_up.provider}", -units, refund.currency),
    )
    detail = {
        "provider": top_up.provider,
        "payment": payment.payment_id,
        "top_up": str(top_up.id),
        "given_back": refund.amount,
        "currency": refund.currency,
    }
    key = f"{top_up.provider}:{refund.reference}"
    record_fact(tx, Fact(FactKind(operation), top_up.provider, key, detail, now), now)
    transfer = Transfer(operation, top_up.provider, key, entries, now, detail)
    post_transfer(tx, transfer, now, is_choice=False)
