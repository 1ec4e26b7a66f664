"""Budgets of calls to providers, kept by all processes together."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select, update

from hero_onboarding.database import Transaction, micros_of
from hero_onboarding.jobs import Job, enqueue, is_unbegun
from hero_onboarding.payments import pacing
from hero_onboarding.payments.domain import TopUp, TopUpState
from hero_onboarding.payments.pacing import Pace
from hero_onboarding.payments.questions import ASK_PROVIDER, turn_key_of
from hero_onboarding.payments.tables import call_budgets

_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_c = call_budgets.c


def take_turn(
    tx: Transaction,
    top_up: TopUp,
    question: int,
    per_minute: int,
    now: datetime,
    turn: datetime | None = None,
) -> bool:
    """Say whether a question is asked now; if not, a job asks it when its turn comes.

    A top-up that waits for its turn needs no second one: whatever is open is asked then.

    Args:
        tx: The open transaction.
        top_up: Which top-up is asked about.
        question: The question's number.
        per_minute: How many calls its provider takes in a minute.
        now: The present instant.
        turn: Which turn the question comes back for; None for the first time.
    """
    pace = _lock(tx, top_up.provider)
    used = None if turn is None else pacing.use(pace, turn, now)
    if used is not None:
        _keep(tx, top_up.provider, used)
        return True
    key = turn_key_of(top_up.id)
    if is_unbegun(tx, ASK_PROVIDER, key, max(pace.next_at, now)):
        return False
    step = pacing.step_of(per_minute)
    after, given = pacing.reserve(pace, step, cost_of(top_up, now), now)
    _keep(tx, top_up.provider, after)
    if given <= now:
        return True
    micros = micros_of(given)
    payload = {"top_up": str(top_up.id), "question": question, "turn": micros}
    if not enqueue(tx, Job(ASK_PROVIDER, key, given, payload)):
        # The job that has this key runs now, and may have begun before this question.
        enqueue(tx, Job(ASK_PROVIDER, f"{key}.{micros}", given, payload))
    return False


def reserve_turn(
    tx: Transaction, provider: str, cost: int, per_minute: int, now: datetime
) -> datetime:
    """Take a turn for so many calls, for somebody who waits until it comes; return when that is."""
    after, turn = pacing.reserve(_lock(tx, provider), pacing.step_of(per_minute), cost, now)
    _keep(tx, provider, after)
    return turn


def leave_alone(tx: Transaction, provider: str, per_minute: int, until: datetime) -> None:
    """Have nobody ask a provider before an instant: it said that it was called too often."""
    step = pacing.step_of(per_minute)
    _keep(tx, provider, pacing.hold(_lock(tx, provider), step, until))


def turn_of(micros: int | None) -> datetime | None:
    """Read the turn that a job carries."""
    return None if micros is None else _NEVER + timedelta(microseconds=micros)


def cost_of(top_up: TopUp, now: datetime) -> int:
    """Say how many calls it takes to ask: an order without an answer is sent again first."""
    is_sent = top_up.state is TopUpState.OPEN and top_up.may_resend(now)
    return pacing.COST_MAX if is_sent else 1


def _lock(tx: Transaction, provider: str) -> Pace:
    """Return how far a provider's turns are given out, and hold it until the transaction ends."""
    statement = tx.insert(call_budgets).on_conflict_do_nothing()
    tx.execute(statement.values(provider=provider, next_at=_NEVER, used_at=_NEVER))
    query = select(_c.next_at, _c.used_at).where(_c.provider == provider).with_for_update()
    row = tx.execute(query).one()
    return Pace(row.next_at, row.used_at)


def _keep(tx: Transaction, provider: str, pace: Pace) -> None:
    values = {"next_at": pace.next_at, "used_at": pace.used_at}
    tx.execute(update(call_budgets).where(_c.provider == provider).values(**values))
