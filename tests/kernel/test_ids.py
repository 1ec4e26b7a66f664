"""Sids count up in base 36, as the ecosystem's SmartId with one contributor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.kernel.ids import sid_from_counter


@pytest.mark.parametrize(
    ("counter", "sid"),
    [
        (0, "0001"),
        (8, "0009"),
        (9, "000a"),
        (34, "000z"),
        (35, "0010"),
        (10_988, "08h9"),
        (1_679_614, "zzzz"),
        (1_679_615, "10000"),
        (60_466_174, "zzzzz"),
        (60_466_175, "100000"),
        (36**6 - 2, "zzzzzz"),
    ],
)
def test_counters_have_the_published_sids(counter: int, sid: str) -> None:
    assert sid_from_counter(counter) == sid


@pytest.mark.parametrize("counter", [36**6 - 1, 36**6, 10**12, -1, -36])
def test_a_counter_outside_the_space_is_refused(counter: int) -> None:
    with pytest.raises(ValueError, match="no sid is left"):
        sid_from_counter(counter)


@given(st.integers(0, 36**6 - 2))
def test_a_sid_reads_back_as_its_counter(counter: int) -> None:
    sid = sid_from_counter(counter)

    assert int(sid, 36) - 1 == counter
    assert sid == sid.lower()
    assert 4 <= len(sid) <= 6
    assert len(sid) == 4 or not sid.startswith("0")
