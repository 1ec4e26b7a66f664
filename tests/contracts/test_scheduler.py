"""What every scheduler does: actions are registered once, listed by name, and taken back."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hero_onboarding.database import open_database
from hero_onboarding.scheduling import (
    Action,
    EmbeddedScheduler,
    JobRunner,
    Scheduler,
    SystemdScheduler,
    billing_cron,
    central_cron,
)
from tests.conftest import NewUrl
from tests.fakes.clock import FakeClock
from tests.support.systemd import require_systemd_analyze


@pytest.fixture(params=["embedded", "systemd"])
def scheduler(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock, new_database_url: NewUrl
) -> Iterator[Scheduler]:
    """Each implementation in turn."""
    if request.param == "systemd":
        require_systemd_analyze()
        folder, settings = tmp_path / "units", tmp_path / "environment"
        command = [sys.executable, "-c", "pass"]
        yield SystemdScheduler(folder, command, settings, is_user=False, is_active=False)
        return
    database = open_database(new_database_url("sqlite"))
    yield EmbeddedScheduler(database, clock, JobRunner(database, clock, {}))
    database.close()


def test_at_first_nothing_is_registered(scheduler: Scheduler) -> None:
    assert list(scheduler.list_actions()) == []


def test_registered_actions_are_listed_by_name(scheduler: Scheduler) -> None:
    scheduler.register(central_cron())
    scheduler.register(billing_cron())

    assert list(scheduler.list_actions()) == [
        "hero_onboarding_billing_cron",
        "hero_onboarding_central_cron",
    ]


def test_registering_twice_is_registering_once(scheduler: Scheduler) -> None:
    for _ in range(2):
        scheduler.register(billing_cron())

    assert list(scheduler.list_actions()) == ["hero_onboarding_billing_cron"]
    scheduler.unregister("hero_onboarding_billing_cron")
    assert list(scheduler.list_actions()) == []


def test_an_action_may_be_registered_with_another_interval(scheduler: Scheduler) -> None:
    for interval_ms in (3_600_000, 1_500, 86_400_000_000):
        scheduler.register(Action("hero_onboarding_other", interval_ms, ("push_usage",)))

    assert list(scheduler.list_actions()) == ["hero_onboarding_other"]


def test_unregistering_takes_one_action_back_and_leaves_the_others(scheduler: Scheduler) -> None:
    scheduler.register(billing_cron())
    scheduler.register(central_cron())

    scheduler.unregister("hero_onboarding_billing_cron")

    assert list(scheduler.list_actions()) == ["hero_onboarding_central_cron"]


def test_unregistering_what_is_unknown_does_nothing(scheduler: Scheduler) -> None:
    scheduler.register(billing_cron())

    for name in ("hero_onboarding_other", "", "hero_onboarding_billing"):
        scheduler.unregister(name)

    assert list(scheduler.list_actions()) == ["hero_onboarding_billing_cron"]


def test_an_action_that_was_taken_back_may_come_again(scheduler: Scheduler) -> None:
    scheduler.register(billing_cron())
    scheduler.unregister("hero_onboarding_billing_cron")

    scheduler.register(billing_cron())

    assert list(scheduler.list_actions()) == ["hero_onboarding_billing_cron"]
