"""Money that goes back, as facts and in double entry. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hero_onboarding.ledger import (
    STORED_BALANCES,
    Entry,
    Fact,
    FactKind,
    Operation,
    Transfer,
    account_kind,
)
from hero_onboarding.payments.domain import TopUp, units_of
from hero_onboarding.payments.ports import Hundredths
from hero_onboarding.payments.postings import clearing_account, exchanged
from hero_onboarding.payments.refunds import Refund, sent_back
from hero_onboarding.wallet import debt_account, wallet_account

ASKED: Final = "refund_asked"
FAILED: Final = "refund_failed"
GIVEN_BACK: Final = "given_back"
CAME_BACK: Final = "came_back"
"""Kinds of facts about payments; the last two say what left the provider, and what returned."""

_EVENTS: Final = {
    Operation.REFUND: ASKED,
    Operation.REFUND_PAID: GIVEN_BACK,
    Operation.REFUND_REVERSED: CAME_BACK,
    Operation.REFUND_RETURNED: FAILED,
    Operation.TAKEN_BACK: GIVEN_BACK,
    Operation.TAKEN_BACK_RETURNED: CAME_BACK,
}
_KEYED_BY_US: Final = frozenset({Operation.REFUND, Operation.REFUND_RETURNED})
_OF_USERS: Final = _KEYED_BY_US | {Operation.TAKEN_BACK, Operation.TAKEN_BACK_RETURNED}


@dataclass(frozen=True, slots=True)
class Posting:
    """A movement: what is told of it under which key, its fact, and its transfer."""

    event: str
    event_key: str
    fact: Fact
    transfer: Transfer


def refunds_account(provider: str) -> str:
    """Return the path of what is on its way back to payers."""
    return f"refunds:{provider}"


def split_debt(entries: tuple[Entry, ...], owed: int) -> tuple[Entry, ...]:
    """Write what comes back of what a user owed: their debt gets ``owed``, the rest were losses.

    A debt that was written off meanwhile is nobody's gain but ours: it never falls below zero.
    The debt is the first of the entries.
    """
    debt, *others = entries
    parts = ((debt.account, owed), ("losses", debt.amount - owed))
    return (*(Entry(account, part) for account, part in parts if part), *others)


def posting_of(
    top_up: TopUp, refund: Refund, operation: Operation, owed: int, now: datetime
) -> Posting:
    """Write a movement of a refund; the fact and the transfer have the same id.

    Args:
        top_up: What was paid.
        refund: Which refund of it.
        operation: What moves.
        owed: The user's debt, in micro-dollars: what comes back pays no more than that.
        now: The present instant.
    """
    sent = sent_back(top_up, refund)
    debit, credit = _sides(top_up, sent, operation)
    by_us = operation in _KEYED_BY_US
    key = str(refund.id) if by_us else f"{refund.provider}:{refund.reference}"
    owner = top_up.user_sid if operation in _OF_USERS else refund.provider
    detail = {
        "provider": refund.provider,
        "payment": top_up.payment_id,
        "refund": str(refund.id),
        "top_up": str(top_up.id),
        "given_back": refund.amount,
        "currency": refund.currency,
    }
    if top_up.held is not None:
        detail |= {"held": sent.amount, "held_currency": sent.currency}
    worth = refund.worth
    moved = -worth if operation is Operation.REFUND else worth
    entries = exchanged(_entry(credit, sent, worth), _entry(debit, sent, worth, sign=-1))
    if operation is Operation.TAKEN_BACK_RETURNED:
        moved = min(worth, owed)
        entries = split_debt(entries, moved)
    content = {"amount": moved, **detail}
    event = _EVENTS[operation]
    return Posting(
        event=event,
        event_key=f"{event}:{refund.id if by_us else refund.reference}",
        fact=Fact(FactKind(operation), owner, key, content, now),
        transfer=Transfer(operation, owner, key, entries, now, detail),
    )


def _entry(account: str, sent: Hundredths, worth: int, sign: int = 1) -> Entry:
    """Write one side: users' accounts are in dollars, the provider's in what it holds."""
    if account_kind(account) in STORED_BALANCES:
        return Entry(account, sign * worth)
    return Entry(account, sign * units_of(sent.amount, sent.currency), sent.currency)


def _sides(top_up: TopUp, sent: Hundredths, operation: Operation) -> tuple[str, str]:
    """Return which account is debited and which is credited."""
    wallet, debt = wallet_account(top_up.user_sid), debt_account(top_up.user_sid)
    transit = refunds_account(top_up.provider)
    clearing = clearing_account(top_up.provider, sent.currency)
    return {
        Operation.REFUND: (wallet, transit),
        Operation.REFUND_PAID: (transit, clearing),
        Operation.REFUND_REVERSED: (clearing, transit),
        Operation.REFUND_RETURNED: (transit, wallet),
        Operation.TAKEN_BACK: (debt, clearing),
        Operation.TAKEN_BACK_RETURNED: (clearing, debt),
    }[operation]
