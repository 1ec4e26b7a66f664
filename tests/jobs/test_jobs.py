"""Durable work: claimed under a lease, done once or more, never lost, never kept by two."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from hero_onboarding.jobs import (
    ClaimedJob,
    Job,
    JobCounts,
    LeaseLostError,
    complete,
    elect_slot,
    end_all_leases,
    enqueue,
    newest_slot,
)
from hero_onboarding.jobs.domain import (
    ATTEMPTS_MAX,
    BACKOFF_SECONDS_MAX,
    LEASE_SECONDS,
    backoff_seconds,
)
from hero_onboarding.jobs.tables import jobs
from hero_onboarding.kernel.errors import ConflictError
from tests.jobs.desk import Desk


def test_a_job_is_claimed_with_what_it_needs_and_done(desk: Desk) -> None:
    desk.add("a", page=7)

    (job,) = desk.claim()
    assert (job.kind, job.key, job.payload, job.attempts, job.epoch) == (
        "push",
        "a",
        {"page": 7},
        1,
        1,
    )
    assert desk.counts == JobCounts(waiting=0, running=1, done=0, dead=0)

    desk.complete(job)
    assert desk.counts == JobCounts(waiting=0, running=0, done=1, dead=0)
    assert desk.claim() == []


def test_a_job_that_was_never_committed_was_never_there(desk: Desk) -> None:
    def fail() -> None:
        with desk.database.transaction() as tx:
            assert enqueue(tx, Job("push", "a", desk.clock.now()))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert desk.claim() == []


def test_jobs_are_claimed_when_due_in_order_and_by_kind(desk: Desk) -> None:
    desk.add("later", minutes=30)
    desk.add("second", minutes=20)
    desk.add("first", minutes=10)
    desk.add("other", "mail")

    assert desk.claim() == []
    desk.clock.advance(minutes=20)
    assert {job.key for job in desk.claim()} == {"first", "second"}
    desk.clock.advance(minutes=10)
    assert [job.key for job in desk.claim()] == ["later"]
    assert [job.key for job in desk.claim(kinds=["mail"])] == ["other"]


def test_of_many_due_jobs_the_oldest_are_claimed_first(desk: Desk) -> None:
    for minutes in (5, 1, 4, 2, 3):
        desk.add(f"k{minutes}", minutes=minutes)
    desk.clock.advance(minutes=5)

    assert {job.key for job in desk.claim(2)} == {"k1", "k2"}
    assert {job.key for job in desk.claim(2)} == {"k3", "k4"}


def test_an_open_job_is_not_added_again(desk: Desk) -> None:
    assert desk.add("a")
    assert not desk.add("a")
    assert desk.add("a", "aggregate")
    (job,) = desk.claim(kinds=["push"])
    assert not desk.add("a")

    desk.give_back(job)
    assert not desk.add("a")
    desk.set(job, not_before=0)
    (job,) = desk.claim(kinds=["push"])
    desk.complete(job)
    assert desk.add("a")


def test_a_lease_keeps_others_away_until_it_ends(desk: Desk) -> None:
    desk.add("a")
    (first,) = desk.claim()

    assert desk.claim() == []
    with desk.database.transaction() as tx:
        left = int(str(desk_row(desk, first, "lease_until"))) - tx.server_micros()
    assert (LEASE_SECONDS - 30) * 10**6 < left <= LEASE_SECONDS * 10**6

    desk.set(first, lease_until=0)
    (second,) = desk.claim()
    assert (second.number, second.epoch, second.attempts) == (first.number, first.epoch + 1, 2)


def desk_row(desk: Desk, job: ClaimedJob, name: str) -> object:
    with desk.database.glancing() as tx:
        return tx.execute(select(jobs.c[name]).where(jobs.c.number == job.number)).scalar_one()


def test_a_worker_whose_job_was_taken_over_can_not_end_it(desk: Desk) -> None:
    desk.add("a")
    (slow,) = desk.claim()
    desk.set(slow, lease_until=0)
    (quick,) = desk.claim()
    before = desk.row(slow)

    for act in (desk.complete, desk.give_back):
        with pytest.raises(LeaseLostError) as caught:
            act(slow)
        assert isinstance(caught.value, ConflictError)
        assert desk.row(slow) == before

    desk.complete(quick)
    with pytest.raises(LeaseLostError):
        desk.complete(slow)
    with pytest.raises(LeaseLostError):
        desk.complete(quick)
    assert desk.counts.done == 1


def test_a_lost_lease_takes_the_result_with_it(desk: Desk) -> None:
    desk.add("a")
    (slow,) = desk.claim()
    desk.set(slow, lease_until=0)
    desk.claim()

    def finish() -> None:
        with desk.database.transaction() as tx:
            enqueue(tx, Job("push", "the result", desk.clock.now()))
            complete(tx, slow)

    with pytest.raises(LeaseLostError):
        finish()

    assert desk.claim() == []


def test_a_lease_that_ended_does_no_harm_while_nobody_else_came(desk: Desk) -> None:
    desk.add("a")
    (slow,) = desk.claim()
    desk.set(slow, lease_until=0)

    desk.complete(slow)

    assert desk.counts.done == 1


def test_a_forged_epoch_ends_nothing(desk: Desk) -> None:
    desk.add("a")
    (job,) = desk.claim()

    for epoch in (0, 2):
        with pytest.raises(LeaseLostError):
            desk.complete(replace(job, epoch=epoch))
    assert desk.counts.running == 1


def test_a_failed_job_waits_and_is_tried_again(desk: Desk) -> None:
    desk.add("a")
    (job,) = desk.claim()

    assert desk.give_back(job, "x" * 5000) is True

    row = desk.row(job)
    assert (row["state"], row["last_error"]) == ("waiting", "x" * 1000)
    assert desk.claim() == []
    desk.set(job, not_before=0)
    (again,) = desk.claim()
    assert (again.attempts, again.epoch) == (2, 2)
    desk.complete(again)
    assert desk.row(job)["last_error"] == ""


def test_after_twelve_attempts_a_job_is_dead_and_stays_to_be_seen(desk: Desk) -> None:
    desk.add("a")
    for attempt in range(1, ATTEMPTS_MAX + 1):
        (job,) = desk.claim()
        assert job.attempts == attempt
        assert desk.give_back(job) is (attempt < ATTEMPTS_MAX)
        desk.set(job, not_before=0)

    assert desk.claim() == []
    assert desk.counts == JobCounts(waiting=0, running=0, done=0, dead=1)
    assert desk.add("a"), "a dead job is in nobody's way"


@given(st.integers(1, 10_000), st.integers())
def test_back_off_is_drawn_below_a_doubling_ceiling(attempts: int, seed: int) -> None:
    wait = backoff_seconds(attempts, random.Random(seed))

    assert 0 <= wait <= min(BACKOFF_SECONDS_MAX, 2 ** min(attempts, 60))


def test_back_off_uses_its_whole_range() -> None:
    chance = random.Random(1)
    waits = [backoff_seconds(20, chance) for _ in range(2000)]

    assert min(waits) < BACKOFF_SECONDS_MAX * 0.05
    assert max(waits) > BACKOFF_SECONDS_MAX * 0.95


def test_the_wait_of_a_failed_job_is_within_its_bounds(desk: Desk) -> None:
    desk.add("a")
    (job,) = desk.claim()
    with desk.database.transaction() as tx:
        before = tx.server_micros()
    desk.give_back(job)
    with desk.database.transaction() as tx:
        after = tx.server_micros()

    not_before = int(str(desk.row(job)["not_before"]))
    assert before <= not_before <= after + 2 * 10**6


def test_a_partition_runs_only_so_many_at_once(desk: Desk) -> None:
    for key in "abcd":
        desk.add(key, partition="stripe")
    desk.add("e", partition="mail")

    first = desk.claim(limits={"stripe": 2})
    assert sorted(job.key for job in first) == ["a", "b", "e"]
    assert desk.claim(limits={"stripe": 2}) == []

    desk.complete(next(job for job in first if job.key == "a"))
    assert [job.key for job in desk.claim(limits={"stripe": 2})] == ["c"]


def test_a_dead_workers_job_takes_no_place_in_its_partition(desk: Desk) -> None:
    desk.add("a", partition="stripe")
    desk.add("b", partition="stripe")
    (lost,) = desk.claim(limits={"stripe": 1})
    desk.set(lost, lease_until=0)

    (again,) = desk.claim(limits={"stripe": 1})

    assert again.key == "a"
    assert desk.claim(limits={"stripe": 1}) == []


def test_a_full_partition_holds_up_no_other(desk: Desk) -> None:
    for number in range(30):
        desk.add(f"s{number}", partition="stripe")
    desk.add("last", partition="mail", minutes=0)
    desk.claim(1, limits={"stripe": 1})

    assert [job.key for job in desk.claim(5, limits={"stripe": 1})] == ["last"]


def test_a_partition_of_no_places_runs_nothing(desk: Desk) -> None:
    desk.add("a", partition="stripe")

    assert desk.claim(limits={"stripe": 0}) == []
    assert len(desk.claim()) == 1


def test_the_owner_of_a_new_lock_frees_all_leases(desk: Desk) -> None:
    desk.add("a")
    desk.add("b")
    (gone,) = desk.claim(1)

    with desk.database.transaction() as tx:
        end_all_leases(tx)

    with pytest.raises(LeaseLostError):
        desk.complete(gone)
    claimed = desk.claim()
    assert sorted(job.key for job in claimed) == ["a", "b"]
    assert {job.epoch for job in claimed if job.key == "a"} == {2}


def test_freed_leases_wake_neither_the_dead_nor_the_done(desk: Desk) -> None:
    desk.add("a")
    desk.complete(desk.claim()[0])

    with desk.database.transaction() as tx:
        end_all_leases(tx)

    assert desk.claim() == []
    assert desk.counts.done == 1


def test_a_slot_is_given_out_once_for_ever(desk: Desk) -> None:
    def elect(action: str, slot: int) -> bool:
        with desk.database.transaction() as tx:
            return elect_slot(tx, action, slot, desk.clock.now())

    assert [elect("cron", 7), elect("cron", 7), elect("cron", 6), elect("other", 7)] == [
        True,
        False,
        True,
        True,
    ]
    with desk.database.reading() as tx:
        assert newest_slot(tx, "cron") == 7
        assert newest_slot(tx, "never") is None
