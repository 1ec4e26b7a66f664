"""How calls to a provider are spread over time: a bucket of turns that fills steadily. Pure.

Turns are given out in order. The first few of a burst are for now, each one after them a step later
than the one before; whoever has a later one comes back for it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

BURST: Final = 15
"""How many calls are made at once after a rest."""

COST_MAX: Final = 3
"""How many calls a question costs whose order is sent again first; every other costs one."""

GRACE: Final = timedelta(seconds=5)
"""How late a turn may be used; afterwards it is lost, so that late ones never come all at once."""

_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """How far the turns of a provider are given out.

    Attributes:
        next_at: When the bucket will be full again, if nobody takes a turn before.
        used_at: The last turn that was come back for; it and all before it are used up.
    """

    next_at: datetime
    used_at: datetime


def step_of(per_minute: int) -> timedelta:
    """Return how far turns are apart so that no minute ever has more calls than that.

    In a minute fall the turns of that minute and of the grace before it, a burst, and one dear
    question at the end.
    """
    steady = per_minute - BURST - COST_MAX
    assert steady > 0, per_minute
    return (_MINUTE + GRACE) / steady


def reserve(pace: Pace, step: timedelta, cost: int, now: datetime) -> tuple[Pace, datetime]:
    """Give out the next turn: now, or later."""
    assert 1 <= cost <= COST_MAX, cost
    full_at = max(pace.next_at, now)
    turn = max(now, full_at - (BURST - 1) * step)
    return replace(pace, next_at=full_at + cost * step), turn


def use(pace: Pace, turn: datetime, now: datetime) -> Pace | None:
    """Come back for a turn; None where it was used before, is lost, or is still to come."""
    if not pace.used_at < turn <= now < turn + GRACE:
        return None
    return replace(pace, used_at=turn)


def hold(pace: Pace, step: timedelta, until: datetime) -> Pace:
    """Give out no turn before an instant, and none that was given out counts up to then."""
    full_at = max(pace.next_at, until + (BURST - 1) * step)
    return Pace(full_at, max(pace.used_at, until))
