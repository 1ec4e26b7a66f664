"""What a machine costs, held to the published examples, to the hour and the month."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.pricing import (
    PriceTable,
    Wanted,
    WrongPriceError,
    WrongWishError,
    estimate,
)

TABLE = PriceTable(30_560, 19_440, 2_550)
MACHINES = st.builds(Wanted, st.integers(1, 256), st.integers(1, 4096), st.integers(0, 100_000))


@pytest.mark.parametrize(
    ("machine", "hour", "month"),
    [
        (Wanted(1, 2, 25), 17_710, 12_751_200),
        (Wanted(2, 2, 15), 32_018, 23_052_960),
        (Wanted(4, 8, 100), 70_840, 51_004_800),
        (Wanted(2, 16, 50), 65_980, 47_505_600),
    ],
)
def test_the_published_examples_come_out(machine: Wanted, hour: int, month: int) -> None:
    found = estimate(TABLE, machine)

    assert (found.hour_micros, found.month_micros) == (hour, month)


@given(MACHINES, st.sampled_from(["vcpu", "memory_gb", "storage_gb"]))
def test_more_never_costs_less(machine: Wanted, name: str) -> None:
    more = replace(machine, **{name: getattr(machine, name) + 1})
    try:
        dearer = estimate(TABLE, more)
    except WrongWishError:
        return

    assert dearer.hour_micros >= estimate(TABLE, machine).hour_micros


@given(MACHINES)
def test_a_month_is_720_hours_to_the_rounding(machine: Wanted) -> None:
    found = estimate(TABLE, machine)

    assert abs(found.month_micros - 720 * found.hour_micros) <= 360


@pytest.mark.parametrize(
    "machine", [Wanted(0, 1, 0), Wanted(1, 0, 0), Wanted(1, 1, -1), Wanted(257, 1, 1)]
)
def test_a_machine_that_can_not_be_costs_nothing_at_all(machine: Wanted) -> None:
    with pytest.raises(WrongWishError, match="a machine has"):
        estimate(TABLE, machine)


@pytest.mark.parametrize(
    "table",
    [
        PriceTable(-1, 0),
        PriceTable(0, -1),
        PriceTable(10**9 + 1, 0),
        PriceTable(1, 1, 0),
        PriceTable(1, 1, 10**6 + 1),
    ],
)
def test_an_absurd_price_is_refused(table: PriceTable) -> None:
    with pytest.raises(WrongPriceError):
        table.require_sound()
