"""Workers that die over a job: after so many of them nobody is given it any more."""

import pytest

from hero_onboarding.jobs import JobCounts, LeaseLostError, end_all_leases
from hero_onboarding.jobs.domain import ATTEMPTS_MAX
from tests.jobs.desk import Desk


def test_a_job_whose_workers_all_die_is_dead_after_twelve_of_them(desk: Desk) -> None:
    desk.add("deadly")
    desk.add("harmless", minutes=-1)
    taken = []
    for _ in range(ATTEMPTS_MAX):
        taken += [job for job in desk.claim() if job.key == "deadly"]
        desk.set(taken[-1], lease_until=0)

    assert [job.attempts for job in taken] == list(range(1, ATTEMPTS_MAX + 1))
    assert desk.claim() == []
    row = desk.row(taken[-1])
    assert (row["state"], row["attempts"], row["lease_until"]) == ("dead", ATTEMPTS_MAX, 0)
    assert row["last_error"] == "the last worker that took it ended without a word"
    assert desk.counts == JobCounts(waiting=0, running=1, done=0, dead=1)
    assert desk.add("deadly"), "a dead job is in nobody's way"


def test_a_job_that_ends_the_owner_of_the_lock_each_time_is_dead_in_the_end(desk: Desk) -> None:
    desk.add("deadly")
    for _ in range(ATTEMPTS_MAX):
        assert len(desk.claim()) == 1
        with desk.database.transaction() as tx:
            end_all_leases(tx)

    assert desk.claim() == []
    assert desk.counts == JobCounts(waiting=0, running=0, done=0, dead=1)


def test_a_worker_in_its_last_attempt_is_left_alone_while_it_has_its_lease(desk: Desk) -> None:
    desk.add("a")
    (job,) = desk.claim()
    desk.set(job, attempts=ATTEMPTS_MAX)

    assert desk.claim() == []

    desk.complete(job)
    assert desk.counts == JobCounts(waiting=0, running=0, done=1, dead=0)


def test_a_worker_that_comes_back_to_a_dead_job_can_not_end_it(desk: Desk) -> None:
    desk.add("a")
    (job,) = desk.claim()
    desk.set(job, attempts=ATTEMPTS_MAX, lease_until=0)
    assert desk.claim() == []
    before = desk.row(job)

    for act in (desk.complete, desk.give_back):
        with pytest.raises(LeaseLostError):
            act(job)

    assert desk.row(job) == before
