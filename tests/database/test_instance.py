"""A database knows its mode, and the sandbox's clock is one for all and never goes back."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from hero_onboarding.database import (
    ClockBackwardsError,
    Database,
    SandboxClock,
    WrongModeError,
    find_mode,
    find_offset,
    lock_offset,
    move_clock,
    open_database,
    stamp_mode,
)
from hero_onboarding.kernel.errors import InvalidInputError, RefusedError


def offset_of(database: Database) -> timedelta:
    with database.reading() as tx:
        return find_offset(tx)


def move(database: Database, **parts: float) -> None:
    with database.transaction() as tx:
        move_clock(tx, timedelta(**parts))


def test_a_new_database_takes_its_mode_and_keeps_it(database: Database) -> None:
    with database.transaction() as tx:
        assert find_mode(tx) is None
        assert stamp_mode(tx, "sandbox") is True
    with database.transaction() as tx:
        assert stamp_mode(tx, "sandbox") is False
        assert find_mode(tx) == "sandbox"


@pytest.mark.parametrize(("made", "opened"), [("sandbox", "production"), ("production", "sandbox")])
def test_a_database_of_one_mode_is_refused_in_the_other(
    database: Database, made: str, opened: str
) -> None:
    with database.transaction() as tx:
        stamp_mode(tx, made)

    with pytest.raises(WrongModeError) as caught, database.transaction() as tx:
        stamp_mode(tx, opened)

    assert isinstance(caught.value, RefusedError)
    with database.reading() as tx:
        assert find_mode(tx) == made


def test_many_that_stamp_a_new_database_at_once_agree_on_who_was_first(database: Database) -> None:
    ready, firsts = threading.Barrier(8, timeout=20), []

    def stamp() -> None:
        ready.wait()
        with database.transaction() as tx:
            firsts.append(stamp_mode(tx, "sandbox"))

    threads = [threading.Thread(target=stamp) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(firsts) == [False] * 7 + [True]


def test_the_sandbox_clock_starts_with_the_machines(database: Database) -> None:
    now = SandboxClock(database).now()

    assert abs(now - datetime.now(tz=UTC)) < timedelta(seconds=10)
    assert now.tzinfo is UTC


def test_the_sandbox_clock_goes_forward_by_what_it_was_set(database: Database) -> None:
    clock = SandboxClock(database)
    before = clock.now()

    move(database, days=31, microseconds=5)
    clock.refresh()

    assert timedelta(days=31) < clock.now() - before < timedelta(days=31, seconds=30)
    assert offset_of(database) == timedelta(days=31, microseconds=5)


def test_the_sandbox_clock_can_be_read_inside_a_transaction(database: Database) -> None:
    move(database, hours=2)
    with database.transaction():
        inside = SandboxClock(database).now()
    with database.reading():
        again = SandboxClock(database).now()

    assert inside - datetime.now(tz=UTC) > timedelta(hours=1, minutes=59)
    assert again >= inside


def test_the_sandbox_clock_is_never_set_back(database: Database) -> None:
    move(database, hours=2)
    move(database, hours=2)

    with pytest.raises(ClockBackwardsError) as caught:
        move(database, hours=1, minutes=59)

    assert isinstance(caught.value, InvalidInputError)
    assert offset_of(database) == timedelta(hours=2)


def test_the_sandbox_clock_is_never_set_behind_the_machines(database: Database) -> None:
    with pytest.raises(ClockBackwardsError):
        move(database, seconds=-1)

    assert offset_of(database) == timedelta()


def test_of_two_that_set_the_clock_at_once_the_further_one_stays(database: Database) -> None:
    first_is_in, outcomes = threading.Event(), []

    def set_less() -> None:
        first_is_in.wait(20)
        try:
            move(database, hours=1)
        except ClockBackwardsError:
            outcomes.append("backwards")

    other = threading.Thread(target=set_less)
    other.start()
    with database.transaction() as tx:
        move_clock(tx, timedelta(hours=3))
        first_is_in.set()
        # The other session must wait for this one, not overtake it: it can't have ended yet.
        other.join(0.2)
        assert other.is_alive()
    other.join(30)

    assert outcomes == ["backwards"]
    assert offset_of(database) == timedelta(hours=3)


def test_all_processes_on_a_database_have_one_sandbox_clock(database: Database) -> None:
    second = open_database(database.writer.url.render_as_string(hide_password=False))
    clocks = [SandboxClock(database), SandboxClock(second)]
    for clock in clocks:
        clock.now()

    move(database, days=400)

    waited = threading.Event()
    for clock in clocks:
        for _ in range(100):
            if clock.now() - datetime.now(tz=UTC) > timedelta(days=399):
                break
            waited.wait(0.02)
    apart = clocks[1].now() - clocks[0].now()
    second.close()
    assert abs(apart) < timedelta(seconds=5)
    assert clocks[0].now() - datetime.now(tz=UTC) > timedelta(days=399)


def test_advances_at_once_are_all_counted(database: Database) -> None:
    def advance(_: int) -> None:
        with database.transaction() as tx:
            move_clock(tx, lock_offset(tx) + timedelta(hours=1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(advance, range(24)))

    assert offset_of(database) == timedelta(hours=24)
