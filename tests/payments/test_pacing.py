"""Turns of calls: never more in a minute than there may be, whoever comes late or twice."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.payments.pacing import BURST, GRACE, Pace, hold, reserve, step_of, use

PER_MINUTE = 60
STEP = step_of(PER_MINUTE)
NOW = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
REST = Pace(NOW - timedelta(days=1), NOW - timedelta(days=1))


def most_in_a_minute(calls: list[datetime]) -> int:
    calls = sorted(calls)
    return max(sum(start <= one < start + timedelta(minutes=1) for one in calls) for start in calls)


def test_a_burst_is_for_now_and_the_rest_a_step_apart() -> None:
    pace, turns = REST, []
    for _ in range(BURST + 3):
        pace, turn = reserve(pace, STEP, 1, NOW)
        turns.append(turn - NOW)

    assert turns == [timedelta(0)] * BURST + [STEP, 2 * STEP, 3 * STEP]
    assert reserve(pace, STEP, 1, NOW + timedelta(hours=1))[1] == NOW + timedelta(hours=1)


def test_a_turn_is_used_once_in_its_time_and_in_order() -> None:
    turn = NOW + STEP

    assert use(REST, turn, NOW) is None, "too early"
    assert use(REST, turn, turn + GRACE) is None, "too late"
    used = use(REST, turn, turn + GRACE - timedelta(microseconds=1))
    assert used is not None
    assert use(used, turn, turn) is None, "twice"
    assert use(used, turn - STEP / 2, turn) is None, "out of order"
    assert use(used, turn + STEP, turn + STEP) is not None


def test_a_provider_that_is_held_is_not_asked_before() -> None:
    pace, turn = REST, NOW
    for _ in range(BURST + 5):
        pace, turn = reserve(pace, STEP, 1, NOW)
    until = NOW + timedelta(seconds=30)

    held = hold(pace, STEP, until)

    assert use(held, turn, turn) is None, "what was given out before counts no more"
    assert reserve(held, STEP, 1, NOW)[1] == until
    assert reserve(held, STEP, 1, until)[1] == until


@given(st.integers(0, 2**32), st.integers(20, 300))
def test_no_minute_has_more_calls_than_there_may_be(seed: int, count: int) -> None:
    """Questions come at any time, some dear, and come back late, too late, or twice."""
    chance = random.Random(seed)
    now, pace = NOW, REST
    waiting: list[tuple[datetime, datetime | None, int]] = [
        (NOW + timedelta(seconds=chance.uniform(0, 40)), None, chance.choice([1, 1, 1, 3]))
        for _ in range(count)
    ]
    calls: list[datetime] = []
    answered = 0
    while waiting:
        waiting.sort(key=lambda one: one[0])
        due_at, turn, cost = waiting.pop(0)
        now = max(now, due_at) + timedelta(seconds=chance.choice([0, 0, 0.01, 0.3, 1.2, 6]))
        used = None if turn is None else use(pace, turn, now)
        if used is not None:
            pace = used
        else:
            pace, given_at = reserve(pace, STEP, cost, now)
            if given_at > now:
                waiting.append((given_at, given_at, cost))
                continue
        calls += [now] * cost
        if chance.random() < 0.1 and len(calls) < 2_000:
            waiting.append((now, turn, cost))
        else:
            answered += 1

    assert answered == count
    assert most_in_a_minute(calls) <= PER_MINUTE
