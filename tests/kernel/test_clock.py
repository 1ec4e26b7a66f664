"""Instants are aware and in UTC; seconds are cut, never rounded up."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.kernel.clock import SystemClock, from_unix, unix_seconds


def test_the_system_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


@given(st.integers(0, 2**32 - 1), st.integers(0, 999_999))
def test_a_part_of_a_second_is_cut(seconds: int, micros: int) -> None:
    moment = from_unix(seconds) + timedelta(microseconds=micros)

    assert unix_seconds(moment) == seconds


def test_an_instant_before_1970_is_cut_downwards() -> None:
    assert unix_seconds(datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC)) == -1


def test_another_zone_is_the_same_instant() -> None:
    moment = datetime(2026, 3, 1, 13, 0, tzinfo=timezone(timedelta(hours=3)))

    assert unix_seconds(moment) == unix_seconds(datetime(2026, 3, 1, 10, 0, tzinfo=UTC))


def test_an_instant_without_a_zone_is_our_own_mistake() -> None:
    with pytest.raises(AssertionError):
        unix_seconds(datetime(2026, 3, 1))  # noqa: DTZ001 - naive on purpose
