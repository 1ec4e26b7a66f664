"""The scheduler inside the server: each hour once, whoever runs it, whatever fails."""

import logging
import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import update

from hero_onboarding.database import Database
from hero_onboarding.http import Role
from hero_onboarding.jobs import Job, JobCounts, count_jobs, enqueue, newest_slot
from hero_onboarding.jobs.tables import jobs
from hero_onboarding.kernel.overriding import override
from hero_onboarding.scheduling import (
    BILLING_CRON,
    CENTRAL_CRON,
    JOB_KINDS,
    PAYMENTS_CRON,
    RECONCILING_CRON,
    Action,
    EmbeddedScheduler,
    JobRunner,
    billing_cron,
    central_cron,
    embedded_actions,
)
from tests.fakes.clock import FakeClock

HOURLY = Action("hourly", 3_600_000, ("first", "second"))
NOTHING = JobCounts(0, 0, 0, 0)


class LongestWait(random.Random):
    """Draws the longest back-off there is."""

    @override
    def uniform(self, a: float, b: float) -> float:
        return max(a, b)


@dataclass
class Log:
    """What was done, and which kinds fail for the time being."""

    done: list[str] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)
    reached: threading.Event = field(default_factory=threading.Event)

    def do(self, kind: str) -> None:
        self.done.append(kind)
        if len(self.done) > 1:
            self.reached.set()
        if kind in self.failing:
            raise ZeroDivisionError(kind)


@dataclass(frozen=True)
class Site:
    """A database that any number of schedulers share."""

    database: Database
    clock: FakeClock
    log: Log

    def scheduler(self, clock: FakeClock | None = None) -> EmbeddedScheduler:
        def handler(kind: str) -> Any:  # noqa: ANN401 - a handler
            def handle(_: Mapping[str, Any]) -> None:
                self.log.do(kind)

            return handle

        handlers = {kind: handler(kind) for kind in ("first", "second", "other")}
        runner = JobRunner(self.database, self.clock, handlers, LongestWait())
        return EmbeddedScheduler(self.database, clock or self.clock, runner, tick_seconds=0.01)

    @property
    def counts(self) -> JobCounts:
        with self.database.reading() as tx:
            return count_jobs(tx)

    def newest_slot(self, action: str = "hourly") -> int | None:
        with self.database.reading() as tx:
            return newest_slot(tx, action)

    def let_wait_pass(self) -> None:
        """Go on as if the back-off of failed jobs had passed."""
        with self.database.transaction() as tx:
            tx.execute(update(jobs).values(not_before=0))


@pytest.fixture
def site(database: Database, clock: FakeClock) -> Site:
    return Site(database, clock, Log())


def test_a_runner_rests_after_each_job_as_it_is_told(site: Site) -> None:
    rests: list[float] = []
    handlers = {"first": lambda _: site.log.do("first")}
    runner = JobRunner(site.database, site.clock, handlers, LongestWait(), rests.append)
    with site.database.transaction() as tx:
        for key in ("one", "other"):
            enqueue(tx, Job("first", key, site.clock.now()))

    assert runner.run_due() == (2, 0)
    assert len(rests) == 2
    assert all(0 < seconds < 60 for seconds in rests)


def test_registering_counts_the_present_slot_as_run(site: Site) -> None:
    scheduler = site.scheduler()

    scheduler.register(HOURLY)

    assert scheduler.enqueue_slots() == 0
    assert site.counts == NOTHING
    assert site.newest_slot() == int(site.clock.now().timestamp()) // 3600


def test_each_hour_of_the_clock_enqueues_each_job_once(site: Site) -> None:
    scheduler = site.scheduler()
    scheduler.register(HOURLY)

    site.clock.advance(minutes=59, seconds=59)
    assert scheduler.enqueue_slots() == 0
    site.clock.advance(seconds=1)
    assert [scheduler.enqueue_slots() for _ in range(3)] == [2, 0, 0]
    assert scheduler.runner.run_due() == (2, 0)
    site.clock.advance(hours=1)
    assert [scheduler.enqueue_slots() for _ in range(3)] == [2, 0, 0]
    assert scheduler.runner.run_due() == (2, 0)

    assert site.log.done == ["first", "second"] * 2
    assert site.counts == JobCounts(waiting=0, running=0, done=4, dead=0)


def test_two_schedulers_on_one_database_elect_one(site: Site) -> None:
    schedulers = [site.scheduler() for _ in range(2)]
    for scheduler in schedulers:
        scheduler.register(HOURLY)
    site.clock.advance(hours=1)
    enqueued: list[int] = []
    ready = threading.Barrier(2, timeout=30)

    def look(scheduler: EmbeddedScheduler) -> None:
        ready.wait()
        enqueued.append(scheduler.enqueue_slots())

    threads = [threading.Thread(target=look, args=[one]) for one in schedulers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(enqueued) == [0, 2]
    assert site.counts.waiting == 2


def test_a_server_that_joins_later_does_not_count_the_slot_again(site: Site) -> None:
    site.scheduler().register(HOURLY)
    site.clock.advance(hours=1)
    late = site.scheduler()

    late.register(HOURLY)

    assert late.enqueue_slots() == 2


def test_of_several_missed_slots_one_is_run(site: Site) -> None:
    scheduler = site.scheduler()
    scheduler.register(HOURLY)

    site.clock.advance(hours=30)

    assert [scheduler.enqueue_slots(), scheduler.enqueue_slots()] == [2, 0]
    assert site.newest_slot() == int(site.clock.now().timestamp()) // 3600


def test_a_job_that_is_still_open_is_not_enqueued_again(site: Site) -> None:
    scheduler = site.scheduler()
    scheduler.register(HOURLY)
    site.clock.advance(hours=1)
    assert scheduler.enqueue_slots() == 2

    site.clock.advance(hours=1)

    assert scheduler.enqueue_slots() == 0
    assert site.counts.waiting == 2


def test_a_server_whose_clock_is_behind_elects_no_slot_of_the_past(site: Site) -> None:
    scheduler, slow = site.scheduler(), site.scheduler(FakeClock())
    for one in (scheduler, slow):
        one.register(HOURLY)
    site.clock.advance(hours=2)
    scheduler.enqueue_slots()

    assert slow.enqueue_slots() == 0


def test_a_failing_job_is_given_back_and_the_others_go_on(site: Site) -> None:
    scheduler = site.scheduler()
    scheduler.register(HOURLY)
    site.log.failing.add("first")
    site.clock.advance(hours=1)
    scheduler.enqueue_slots()

    assert scheduler.runner.run_due() == (2, 1)
    assert site.counts == JobCounts(waiting=1, running=0, done=1, dead=0)

    site.log.failing.clear()
    site.let_wait_pass()
    assert scheduler.runner.run_due() == (1, 0)
    assert site.counts == JobCounts(waiting=0, running=0, done=2, dead=0)


def test_an_unregistered_action_is_not_enqueued(site: Site) -> None:
    scheduler = site.scheduler()
    scheduler.register(HOURLY)
    scheduler.register(Action("other", 3_600_000, ("other",)))
    site.clock.advance(hours=1)

    scheduler.unregister("hourly")

    assert scheduler.enqueue_slots() == 1


@dataclass
class BrokenClock(FakeClock):
    """Raises something unexpected a few times, then tells the time."""

    faults: int = 0
    asked: int = 0

    @override
    def now(self) -> datetime:
        self.asked += 1
        if self.asked <= self.faults:
            raise ZeroDivisionError("the clock stands on its head")
        return super().now()


def test_an_unexpected_exception_does_not_end_the_thread(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    broken = BrokenClock()
    scheduler = site.scheduler(broken)
    scheduler.register(HOURLY)
    broken.advance(hours=1)
    site.clock.advance(hours=1)
    broken.faults = broken.asked + 3

    with caplog.at_level(logging.WARNING):
        scheduler.start()
        assert site.log.reached.wait(30)
        scheduler.stop()

    assert site.log.done == ["first", "second"]
    told = [one for one in caplog.records if "could not look" in one.getMessage()]
    assert len(told) == 3
    assert all(one.exc_info for one in told), "what nobody expects is logged with its trace"


def test_stopping_ends_the_thread_after_the_job_at_hand(site: Site) -> None:
    scheduler = site.scheduler()
    scheduler.register(HOURLY)
    site.clock.advance(hours=1)
    scheduler.enqueue_slots()
    scheduler.stopping.set()

    assert scheduler.runner.run_due(is_stopping=lambda: bool(site.log.done)) == (1, 0)
    scheduler.start()
    scheduler.stop()

    assert scheduler.thread is not None
    assert not scheduler.thread.is_alive()
    assert site.log.done == ["first"]
    assert site.counts.waiting == 1


CENTRE = (CENTRAL_CRON, PAYMENTS_CRON, RECONCILING_CRON)


@pytest.mark.parametrize(
    ("role", "scheduler", "names"),
    [
        (Role.ALL, "embedded", [BILLING_CRON, *CENTRE]),
        (Role.CENTRAL, "embedded", [BILLING_CRON, *CENTRE]),
        (Role.NODE, "embedded", [BILLING_CRON]),
        (Role.ALL, "systemd", [*CENTRE]),
        (Role.CENTRAL, "systemd", [*CENTRE]),
        (Role.NODE, "systemd", []),
        (Role.ALL, "off", []),
        (Role.CENTRAL, "off", []),
        (Role.NODE, "off", []),
    ],
)
def test_what_runs_inside_the_server_follows_role_and_setting(
    role: Role, scheduler: str, names: list[str]
) -> None:
    assert [action.name for action in embedded_actions(role, scheduler)] == names


def test_the_two_actions_are_hourly_and_have_every_job_once() -> None:
    assert billing_cron().interval_ms == central_cron().interval_ms == 3_600_000
    assert billing_cron().jobs + central_cron().jobs == JOB_KINDS
    assert len(set(JOB_KINDS)) == len(JOB_KINDS)
