"""Processes that answer pages: copies of a real server, and how they end with it."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import NewUrl
from tests.support.programs import SERVER, Program, environment_of, is_running, serving

pytestmark = pytest.mark.slow
COPIES = 2
SECONDS_MAX = 20


@pytest.fixture
def environment(tmp_path: Path, engine: str, new_database_url: NewUrl) -> dict[str, str]:
    (tmp_path / "data").mkdir()
    url = new_database_url(engine)
    return environment_of(
        tmp_path / "data", DATABASE_URL=url, PAGE_PROCESSES=str(COPIES), SCHEDULER="off"
    )


@pytest.fixture
def program(environment: dict[str, str]) -> Iterator[Program]:
    listeners = 2 if environment["HERO_ONBOARDING_DATABASE_URL"].startswith("sqlite") else 1
    with serving(environment, listeners=listeners) as made:
        yield made


def copies_of(program: Program) -> list[int]:
    """The processes that a server started, by number."""
    task = f"/proc/{program.process.pid}/task/{program.process.pid}/children"
    return sorted(int(number) for number in Path(task).read_text().split())


def wait_until_gone(pids: list[int]) -> None:
    ends_at = time.monotonic() + SECONDS_MAX
    while any(is_running(pid) for pid in pids):
        assert time.monotonic() < ends_at, "they outlived their server"
        time.sleep(0.05)


def cpu_ticks(pid: int) -> int:
    """How long a process has worked."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def open_files(pid: int) -> list[str]:
    return [str(one.readlink()) for one in Path(f"/proc/{pid}/fd").iterdir()]


def test_copies_answer_pages_and_the_server_all_else(program: Program) -> None:
    copies = copies_of(program)
    assert len(copies) == COPIES
    before = {pid: cpu_ticks(pid) for pid in copies}

    with httpx.Client(base_url=program.origins[SERVER], timeout=SECONDS_MAX) as browser:
        for _ in range(100):
            assert browser.get("/").status_code == browser.get("/help").status_code == 200
        assert browser.get("/health").json()["status"] == "ok"

    assert sum(cpu_ticks(pid) - before[pid] for pid in copies) > 0, "copies did the work"


def test_a_copy_holds_nothing_of_its_server_open(program: Program) -> None:
    """Neither its lock nor its listener: both must be free when the server is gone."""
    for pid in copies_of(program):
        held = open_files(pid)
        assert not any("server.lock" in name or ".lock" in name for name in held), held
        assert sum(name.startswith("socket:") for name in held) <= 3, held


def test_pages_are_answered_when_the_copies_are_killed(program: Program) -> None:
    with httpx.Client(base_url=program.origins[SERVER], timeout=SECONDS_MAX) as browser:
        assert browser.get("/help").status_code == 200
        for pid in copies_of(program):
            os.kill(pid, signal.SIGKILL)
            assert browser.get("/help").status_code == 200
        assert browser.get("/help").status_code == 200


def test_copies_end_with_their_server_however_it_ends(environment: dict[str, str]) -> None:
    listeners = 2 if environment["HERO_ONBOARDING_DATABASE_URL"].startswith("sqlite") else 1
    for number in (signal.SIGTERM, signal.SIGKILL):
        with serving(environment, listeners=listeners) as program:
            copies = copies_of(program)
            for pid in copies:
                os.kill(pid, signal.SIGTERM)  # as a supervisor does to all of a group at once
            httpx.get(f"{program.origins[SERVER]}/help", timeout=SECONDS_MAX).raise_for_status()
            program.stop(number)
            wait_until_gone(copies)
