"""Money that a payer's bank takes and gives back, as facts and in double entry. Pure."""

from datetime import datetime
from typing import Final

from hero_onboarding.ledger import Entry, Fact, FactKind, Operation, Transfer
from hero_onboarding.payments.dispute_ports import DisputeMovement
from hero_onboarding.payments.disputes import Dispute
from hero_onboarding.payments.domain import TopUp, units_of
from hero_onboarding.payments.movement_ports import MoneyMovement, MovementKind
from hero_onboarding.payments.postings import clearing_account, exchanged
from hero_onboarding.payments.refund_postings import Posting, split_debt
from hero_onboarding.wallet import debt_account

OPENED: Final = "dispute_opened"
WITHDRAWN: Final = "withdrawn"
REINSTATED: Final = "reinstated"
"""Kinds of facts about payments; the last two say what left the provider, and what returned."""


def event_key_of(movement: DisputeMovement) -> str:
    """Return the key of the fact about a payment that says that a line moved it."""
    return f"{WITHDRAWN if movement.amount < 0 else REINSTATED}:{movement.reference}"


def dispute_posting(
    top_up: TopUp, dispute: Dispute, movement: DisputeMovement, owed: int, now: datetime
) -> Posting:
    """Write a movement of a dispute; the fact and the transfer have the same id.

    Args:
        top_up: What was paid.
        dispute: Which dispute of it.
        movement: The line of the provider's account.
        owed: The user's debt, in micro-dollars: what comes back pays no more than that.
        now: The present instant.
    """
    paid, currency = movement.paid
    is_back, worth = paid > 0, dispute.worth_of(abs(paid))
    operation = Operation.DISPUTE_RETURNED if is_back else Operation.DISPUTE_WITHDRAWN
    sign = 1 if is_back else -1
    entries = exchanged(
        Entry(debt_account(top_up.user_sid), sign * worth),
        Entry(clearing_account(top_up.provider, currency), -units_of(paid, currency), currency),
    )
    owed = min(worth, owed) if is_back else worth
    if is_back:
        entries = split_debt(entries, owed)
    key = f"{top_up.provider}:{movement.reference}"
    detail = {
        "provider": top_up.provider,
        "payment": top_up.payment_id,
        "dispute": dispute.reference,
        "top_up": str(top_up.id),
        "moved": paid,
        "currency": currency,
    }
    event_key = event_key_of(movement)
    return Posting(
        event=REINSTATED if is_back else WITHDRAWN,
        event_key=event_key,
        fact=Fact(FactKind(operation), top_up.user_sid, key, {"amount": owed, **detail}, now),
        transfer=Transfer(operation, top_up.user_sid, key, entries, now, detail),
    )


def line_of(
    top_up: TopUp, dispute: Dispute, movement: DisputeMovement, now: datetime
) -> MoneyMovement:
    """Say the same as the provider's own list of lines does."""
    is_back = movement.amount > 0
    return MoneyMovement(
        reference=movement.reference,
        kind=MovementKind.DISPUTE_REVERSAL if is_back else MovementKind.DISPUTE,
        amount=movement.amount,
        fee=movement.fee,
        currency=movement.currency,
        at=now,
        payment_id=top_up.payment_id,
        source=dispute.reference,
        shown_amount=movement.shown_amount,
        shown_currency=movement.shown_currency,
    )
