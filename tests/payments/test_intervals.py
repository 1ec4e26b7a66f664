"""Which time people may have looked at, at its edges."""

from datetime import UTC, datetime, timedelta

import pytest

from hero_onboarding.payments.errors import WrongIntervalError
from hero_onboarding.payments.intervals import require_interval

NOW = datetime(2026, 3, 1, 11, 0, 30, tzinfo=UTC)
FIRST = NOW - timedelta(days=400)
FAR = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("since", "until"), [(FIRST, None), (NOW, None), (FIRST, FIRST), (FIRST, FAR)]
)
def test_what_lies_in_the_last_400_days_is_looked_at(
    since: datetime, until: datetime | None
) -> None:
    require_interval(since, until, NOW)


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        (NOW + INSTANT, None, "since is in the future.*before 2026-03-01T11:00:30Z"),
        (FIRST - INSTANT, None, "more than 400 days ago.*2025-01-25T11:01:30Z or later"),
        (FIRST, FIRST - INSTANT, "until is before since"),
    ],
)
def test_other_time_is_refused_and_what_is_taken_is_named(
    since: datetime, until: datetime | None, said: str
) -> None:
    with pytest.raises(WrongIntervalError, match=said):
        require_interval(since, until, NOW)
