"""Instants survive both engines to the microsecond; those without a zone never get in."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, delete, insert, select
from sqlalchemy.exc import StatementError

from hero_onboarding.database import Database, Instant, RowId, micros_of

MOMENTS = Table(
    "moments",
    MetaData(),
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("at", Instant),
    Column("other", Integer),
)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
ANY = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=ZONES)  # noqa: DTZ001 - zones follow


@pytest.fixture
def moments(database: Database) -> Iterator[Database]:
    with database.transaction() as tx:
        MOMENTS.create(tx.connection)
    yield database
    with database.transaction() as tx:
        MOMENTS.drop(tx.connection)


@given(moment=ANY)
def test_an_instant_comes_back_the_same_and_in_utc(moments: Database, moment: datetime) -> None:
    with moments.transaction() as tx:
        tx.execute(delete(MOMENTS))
        tx.execute(insert(MOMENTS).values(at=moment))
        found = tx.execute(select(MOMENTS.c.at)).scalar_one()

    assert found == moment
    assert found is not None
    assert found.tzinfo is UTC


@given(one=ANY, other=ANY)
def test_instants_compare_in_the_database_as_they_do_here(
    moments: Database, one: datetime, other: datetime
) -> None:
    with moments.transaction() as tx:
        tx.execute(delete(MOMENTS))
        tx.execute(insert(MOMENTS).values(at=one))
        found = tx.execute(select(MOMENTS.c.number).where(MOMENTS.c.at < other)).first()

    assert (found is not None) == (one < other)


def test_no_instant_is_nothing(moments: Database) -> None:
    with moments.transaction() as tx:
        tx.execute(insert(MOMENTS).values(at=None))

        assert tx.execute(select(MOMENTS.c.at)).scalar_one() is None


@pytest.mark.parametrize("wrong", [datetime(2026, 3, 1), 5, "2026-03-01"])  # noqa: DTZ001 - naive on purpose
def test_what_is_no_aware_instant_never_gets_in(moments: Database, wrong: object) -> None:
    with (
        pytest.raises((AssertionError, AttributeError, StatementError)),
        moments.transaction() as tx,
    ):
        tx.execute(insert(MOMENTS).values(at=wrong))

    with moments.reading() as tx:
        assert tx.execute(select(MOMENTS)).all() == []


@given(st.integers(-(10**15), 10**15))
def test_microseconds_are_counted_without_rounding(micros: int) -> None:
    assert micros_of(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)) == micros


def test_row_ids_ascend(moments: Database) -> None:
    with moments.transaction() as tx:
        for _ in range(3):
            tx.execute(insert(MOMENTS).values(at=None))
        found = tx.execute(select(MOMENTS.c.number).order_by(MOMENTS.c.number)).scalars().all()

    assert list(found) == sorted(set(found))
    assert len(found) == 3


def test_the_clock_of_leases_is_near_this_machines(database: Database) -> None:
    before = micros_of(datetime.now(tz=UTC))
    with database.transaction() as tx:
        server = tx.server_micros()
    after = micros_of(datetime.now(tz=UTC))

    assert isinstance(server, int)
    assert before - 1_000_000 <= server <= after + 1_000_000
