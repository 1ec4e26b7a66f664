"""A node records, pushes; the centre reads, charges; a balance moves."""

import pytest

from hero_onboarding.aggregation import PassCounts, PushCounts
from hero_onboarding.database import Database
from hero_onboarding.usage import Outcome
from tests.fakes.clock import FakeClock
from tests.fakes.forge import FakeForge
from tests.support.world import World, a_record


@pytest.fixture
def world(database: Database, clock: FakeClock) -> World:
    made = World(database, FakeForge(), clock)
    made.allow_all()
    made.users("ada", "bob", amount=1_000_000)
    return made


def test_a_record_becomes_a_charge_once(world: World) -> None:
    records = [a_record("k1"), a_record("k2", user_sid="bob", amount_cents=7)]

    assert world.record(records) == [Outcome.CREATED, Outcome.CREATED]
    assert world.push() == PushCounts(buckets=1, pushed=1, records=2)
    assert world.aggregate() == PassCounts(repositories=1, files_read=1, records_new=2, transfers=2)
    assert world.nets(["ada", "bob"]) == {"ada": 950_000, "bob": 930_000}
    world.assert_books()


def test_everything_delivered_three_times_changes_nothing_more(world: World) -> None:
    records = [a_record("k1"), a_record("k2", user_sid="bob", amount_cents=7)]

    for _ in range(3):
        world.record(records)
        world.push(full=True)
        world.aggregate()

    assert world.nets(["ada", "bob"]) == {"ada": 950_000, "bob": 930_000}
    world.assert_books()


def test_a_second_push_and_a_second_pass_answer_zeros(world: World) -> None:
    world.record([a_record()])
    world.push()
    world.aggregate()

    assert world.push() == PushCounts()
    assert world.aggregate() == PassCounts(repositories=1, unchanged=1)
