"""A node records and pushes; the centre reads and charges; a balance moves."""

from hero_onboarding.aggregation import PassCounts, PushCounts
from hero_onboarding.usage import Outcome
from tests.support.world import World, a_record


def test_a_record_becomes_a_charge_once(world: World) -> None:
    records = [a_record("k1"), a_record("k2", user_sid="bob", amount_cents=7)]

    assert world.record(records) == [Outcome.CREATED, Outcome.CREATED]
    assert world.push() == PushCounts(buckets=1, pushed=1, records=2)
    assert world.aggregate() == PassCounts(repositories=1, files_read=1, records_new=2, transfers=2)
    assert world.nets(["ada", "bob"]) == {"ada": 950_000, "bob": 930_000}


def test_everything_delivered_three_times_changes_nothing_more(world: World) -> None:
    records = [a_record("k1"), a_record("k2", user_sid="bob", amount_cents=7)]

    for _ in range(3):
        world.record(records)
        world.push(full=True)
        world.aggregate()

    assert world.nets(["ada", "bob"]) == {"ada": 950_000, "bob": 930_000}


def test_a_second_push_and_a_second_pass_answer_zeros(world: World) -> None:
    world.record([a_record()])
    world.push()
    world.aggregate()

    assert world.push() == PushCounts()
    assert world.aggregate() == PassCounts(repositories=1, unchanged=1)


def test_usage_is_charged_into_overdraft(world: World) -> None:
    world.record([a_record(amount_cents=250)])
    world.push()
    world.aggregate()

    assert world.nets(["ada"]) == {"ada": -1_500_000}


def test_a_late_record_of_a_pushed_hour_is_charged_by_itself(world: World) -> None:
    world.record([a_record("k1")])
    world.push()
    world.aggregate()

    world.record([a_record("k2", amount_cents=1)])

    assert world.push() == PushCounts(buckets=1, pushed=1, records=1)
    assert world.aggregate() == PassCounts(repositories=1, files_read=1, records_new=1, transfers=1)
    assert world.nets(["ada"]) == {"ada": 940_000}


def test_records_of_no_amount_are_kept_and_post_nothing(world: World) -> None:
    world.record([a_record(amount_cents=0)])
    world.push()

    assert world.aggregate() == PassCounts(repositories=1, files_read=1, records_new=1, transfers=0)
    assert world.nets(["ada"]) == {"ada": 1_000_000}
