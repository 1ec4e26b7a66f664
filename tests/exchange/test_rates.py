"""Rates: written, rounded, published once, and asked for every hour."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from hero_onboarding.database import Database
from hero_onboarding.exchange import (
    OPERATOR,
    NoRateError,
    Rate,
    RateKeeper,
    WrongRateError,
    applied_rate,
    find_rate,
    micros_of,
    rate_at,
    read_rate,
    write_rate,
)
from hero_onboarding.exchange.domain import RATE_MAX
from hero_onboarding.exchange.tables import exchange_rates
from tests.fakes.clock import FakeClock


@dataclass
class FakeSource:
    says: int = 2_510_000_000
    name: str = "clickpesa"
    asked: list[str] = field(default_factory=list)

    def fetch_rate(self, currency: str) -> int:
        self.asked.append(currency)
        return self.says


@pytest.fixture
def source() -> FakeSource:
    return FakeSource()


@pytest.fixture
def keeper(database: Database, clock: FakeClock, source: FakeSource) -> RateKeeper:
    return RateKeeper(database, clock, source, 200)


def published(keeper: RateKeeper) -> int:
    with keeper.database.reading() as tx:
        return len(tx.execute(select(exchange_rates)).all())


def found(keeper: RateKeeper) -> Rate:
    with keeper.database.reading() as tx:
        return find_rate(tx, "TZS", keeper.clock.now())


def test_five_thousand_shillings_are_worth_what_the_design_says() -> None:
    assert micros_of(500_000, read_rate("2550")) == 1_960_784


def test_the_margin_is_on_top_and_rounded_up() -> None:
    assert applied_rate(read_rate("2500"), 200) == read_rate("2550")
    assert applied_rate(1_000_001, 1) == 1_000_102


@given(st.integers(0, 10**12), st.integers(10_000, RATE_MAX))
def test_worth_is_rounded_down_and_never_a_whole_unit_short(hundredths: int, rate: int) -> None:
    micros = micros_of(hundredths, rate)

    assert micros * rate <= hundredths * 10**10 < (micros + 1) * rate


@given(st.integers(10_000, RATE_MAX))
def test_a_rate_is_read_as_it_is_written(rate: int) -> None:
    assert read_rate(write_rate(rate)) == rate


@pytest.mark.parametrize("text", ["", "0", "0.001", "-1", "1e3", "2,550", "1.0000001", "٣", "nan"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(WrongRateError):
        read_rate(text)


def test_without_a_rate_there_is_none_to_go_by(keeper: RateKeeper) -> None:
    with pytest.raises(NoRateError, match="hero_onboarding payments rates set"):
        found(keeper)


def test_a_source_is_asked_and_what_it_says_counts_with_our_margin(
    keeper: RateKeeper, source: FakeSource
) -> None:
    assert keeper.refresh() == 1

    rate = found(keeper)
    assert (rate.source, rate.mid, rate.margin) == ("clickpesa", 2_510_000_000, 200)
    assert rate.applied == 2_560_200_000
    assert source.asked == ["TZS"]


def test_the_same_again_is_kept_once_until_it_grows_old(
    keeper: RateKeeper, clock: FakeClock
) -> None:
    for _ in range(3):
        keeper.refresh()
        clock.advance(hours=1)
    assert published(keeper) == 1

    clock.advance(days=2)
    keeper.refresh()

    assert found(keeper).published_at == clock.now()


def test_a_providers_rate_is_not_gone_by_for_ever(keeper: RateKeeper, clock: FakeClock) -> None:
    keeper.refresh()
    clock.advance(days=3, seconds=1)

    with pytest.raises(NoRateError):
        found(keeper)


def test_an_operators_rate_counts_and_the_source_is_left_alone(
    keeper: RateKeeper, clock: FakeClock, source: FakeSource
) -> None:
    keeper.refresh()
    clock.advance(seconds=1)
    keeper.publish("TZS", read_rate("2600"))
    clock.advance(days=30)

    assert keeper.refresh() == 0
    assert (found(keeper).mid, found(keeper).source) == (read_rate("2600"), OPERATOR)
    assert source.asked == ["TZS"]


def test_whoever_set_a_rate_can_follow_the_source_again(
    keeper: RateKeeper, clock: FakeClock
) -> None:
    keeper.publish("TZS", read_rate("2600"))
    clock.advance(seconds=1)

    keeper.follow("TZS")

    assert found(keeper).source == "clickpesa"


def test_a_rate_of_the_past_is_found_by_its_time(keeper: RateKeeper, clock: FakeClock) -> None:
    before = clock.now()
    for text in ("2500", "2600", "2700"):
        keeper.publish("TZS", read_rate(text))
        clock.advance(hours=1)

    def at(moment: datetime) -> int | None:
        with keeper.database.reading() as tx:
            rate = rate_at(tx, "TZS", moment)
        return None if rate is None else rate.mid

    assert at(before - timedelta(seconds=1)) is None
    assert at(before + timedelta(minutes=59)) == read_rate("2500")
    assert at(before + timedelta(hours=1)) == read_rate("2600")


@pytest.mark.parametrize(("currency", "mid"), [("EUR", 10**6), ("TZS", 0), ("TZS", RATE_MAX + 1)])
def test_what_can_not_be_published_changes_nothing(
    keeper: RateKeeper, currency: str, mid: int
) -> None:
    with pytest.raises(WrongRateError):
        keeper.publish(currency, mid)

    assert published(keeper) == 0
