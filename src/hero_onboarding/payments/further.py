"""Further payments under one checkout: each is a top-up of its own.

A hosted link may be paid twice. The money is the payer's, so each payment is credited by its own
id, and what becomes of one later does not touch the others.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from hero_onboarding.database import Transaction
from hero_onboarding.ledger import keyed_id
from hero_onboarding.payments import store
from hero_onboarding.payments.domain import Decision, Step, TopUp, TopUpRequest
from hero_onboarding.payments.events import evidence_of, report
from hero_onboarding.payments.ports import ProviderPayment
from hero_onboarding.payments.quotes import find_quote, insert_quote, shown_worth
from hero_onboarding.payments.refunds import reversals_of
from hero_onboarding.payments.returns import Returns
from hero_onboarding.payments.service import get_top_up, settle

_KEY_OF_OURS: Final = "\x1f"
"""Keys of ours begin with what no key of anybody else may hold."""


def settle_further(
    tx: Transaction, parent: TopUp, payments: Sequence[ProviderPayment], now: datetime
) -> None:
    """Do what the provider says of further payments under a top-up's checkout, each once.

    The checkout may have been found just now, by a search: its name is read anew.
    """
    parent = get_top_up(tx, parent.id)
    for payment in payments:
        if payment.payment_id is None or not payment.state.has_come_in:
            continue
        if payment.currency != parent.currency or payment.amount <= 0:
            wrong = Decision(Step.REPORT, parent.state, ("currency",))
            report(tx, parent, evidence_of(parent, payment, wrong), now)
            continue
        top_up = get_top_up(tx, _owner(tx, parent, payment, payment.payment_id, now))
        found = replace(payment, top_up_id=str(top_up.id))
        settle(tx, top_up.id, found, top_up.wanted, now, Returns(reversals_of(payment)))


def _owner(
    tx: Transaction, parent: TopUp, payment: ProviderPayment, payment_id: str, now: datetime
) -> UUID:
    """Return the top-up that a payment is, which is made where there is none."""
    known = store.find_by_references(tx, parent.provider, [payment_id])
    if known:
        return known[0]
    top_up_id = keyed_id("further_payment", parent.provider, payment_id)
    quote = find_quote(tx, parent.id)
    request = TopUpRequest(
        user_sid=parent.user_sid,
        provider=parent.provider,
        method=parent.method,
        amount=payment.amount,
        currency=payment.currency,
        key=f"{_KEY_OF_OURS}{payment_id}",
    )
    values = {
        "id": top_up_id,
        "key": request.key,
        "digest": request.digest,
        "amount": request.amount,
        "currency": request.currency,
        "credit": shown_worth(request.amount, request.currency, quote),
        "changed_at": now,
    }
    store.insert_further(tx, parent, values)
    if quote is not None:
        insert_quote(tx, replace(quote, top_up_id=top_up_id), request.currency)
    return top_up_id
