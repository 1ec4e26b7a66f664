"""``--start``, ``--status`` and ``--stop`` where no systemd runs."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hero_onboarding.bootstrap.detached import program_path
from hero_onboarding.bootstrap.services_control import SYSTEMD_MARK, stop_detached
from hero_onboarding.bootstrap.settings import read_settings
from hero_onboarding.database import own_data_folder
from tests.conftest import NewUrl
from tests.support.programs import (
    ADMIN,
    COMMAND,
    SERVER,
    answers,
    environment_of,
    is_running,
    run,
    serving,
    wait_for,
)
from tests.support.shell import Shell

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SYSTEMD_MARK.is_dir(), reason="--start would write units of this machine"),
]
Services = Callable[..., dict[str, str]]


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Environments of services in one data folder, which are stopped after the test."""
    made: list[dict[str, str]] = []

    def make(**changes: str) -> dict[str, str]:
        made.append(environment_of(tmp_path / "data", **changes))
        return made[-1]

    yield make
    for environment in made:
        stop_detached(read_settings(environment))


def pid_of(environment: dict[str, str], program: str = SERVER) -> int:
    folder = Path(environment["HERO_ONBOARDING_DATA_DIR"])
    return int((folder / f"{program}.pid").read_text())


def test_services_are_started_once_inspected_and_stopped_once(services: Services) -> None:
    environment = services()

    started, again = start_at_once(environment, 2)
    pid = pid_of(environment)
    shell = Shell(environment)
    status = shell("--status")

    lines = started.splitlines()
    assert [line.split(" at ")[0] for line in lines] == [f"{SERVER} runs", f"{ADMIN} runs"]
    assert all(line.endswith(f", process {pid}") for line in lines)
    assert all(answers(line.split(" at ")[1].split(",")[0]) for line in lines)
    assert (again, status.out, status.code) == (started, started, 0)

    stopped = run(environment, COMMAND, "--stop")
    assert (stopped.returncode, stopped.stdout) == (0, "stopped\n")
    assert not is_running(pid)
    assert shell("--stop").out == "nothing ran\n"
    status = shell("--status")
    assert (status.code, status.out.count("does not answer")) == (3, 2)


def start_at_once(environment: dict[str, str], count: int) -> list[str]:
    """Start it several times at the same time; return what each of them printed."""
    command = [str(program_path(COMMAND)), "--start"]
    starters = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(count)
    ]
    said = [one.communicate(timeout=90)[0] for one in starters]
    assert [one.returncode for one in starters] == [0] * count
    return said


def test_a_port_of_another_server_is_no_success(services: Services, tmp_path: Path) -> None:
    with serving(environment_of(tmp_path / "other")) as other:
        listen = other.origins[SERVER].removeprefix("http://")
        environment = services(LISTEN=listen)

        said = Shell(environment)("--start").refused(1)

        assert said.startswith(f"{SERVER} did not start:\nservice.cannot_listen: ")
        assert f"{listen}: Address already in use" in said
        assert not (tmp_path / "data" / f"{SERVER}.pid").exists()
        assert other.health()["status"] == "ok"


def test_a_start_that_fails_tells_the_end_of_its_own_log_and_leaves_no_process(
    services: Services, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "hero_onboarding.sqlite").write_bytes(b"no database" * 900)
    (tmp_path / "data" / f"{SERVER}.log").write_text("of an earlier run\n")

    said = Shell(services())("--start").refused(1)

    assert said.startswith(f"{SERVER} did not start:\ndatabase.unusable: file is not a database;")
    assert "of an earlier run" not in said
    assert not (tmp_path / "data" / f"{SERVER}.pid").exists()
    assert holders(tmp_path / "data") == []


def holders(folder: Path) -> list[str]:
    """Processes whose environment names a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            text = path.read_bytes()
        except OSError:
            continue
        if f"HERO_ONBOARDING_DATA_DIR={folder}\0".encode() in text:
            found.append(path.parent.name)
    return found


def test_a_folder_that_can_not_be_made_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    said = Shell(environment_of(tmp_path / "file" / "data"))("--start").refused(1)

    assert said.startswith("can't write the data folder or stop: [Errno ")


def test_a_start_ends_with_the_code_of_its_program(services: Services, tmp_path: Path) -> None:
    with own_data_folder(tmp_path / "data"):
        said = Shell(services())("--start").refused(3)

    assert f"the data folder is in use by process {os.getpid()} " in said
    nobody = services(DATABASE_URL="postgresql://x@127.0.0.1:1/x")
    assert "database.unavailable: " in Shell(nobody)("--start").refused(3)


def test_a_second_start_elsewhere_is_refused_and_loses_nothing(services: Services) -> None:
    first = services()
    start_at_once(first, 1)
    pid = pid_of(first)

    elsewhere = services(LISTEN="127.0.0.1:1", ADMIN_LISTEN="127.0.0.1:2")
    said = Shell(elsewhere)("--start").refused(1)

    assert said.startswith(f"{SERVER} runs already as process {pid} at http://127.0.0.1:")
    assert said.endswith("to start it anew, run --stop first")
    assert pid_of(first) == pid
    assert Shell(first)("--status").code == 0
    assert Shell(elsewhere)("--stop").out == "stopped\n"
    assert not is_running(pid)


@pytest.mark.parametrize("program", [SERVER, ADMIN])
def test_a_server_in_the_foreground_counts_as_started_and_is_stopped(
    program: str, services: Services, tmp_path: Path
) -> None:
    environment = services()
    with serving(environment, program=program) as foreground:
        started = Shell(environment)("--start")

        assert started.code == 0
        assert started.out.splitlines()[0] == (
            f"{SERVER} runs at {foreground.origins[SERVER]}, process {foreground.process.pid}"
        )
        assert not (tmp_path / "data" / f"{SERVER}.pid").exists()
        assert Shell(environment)("--stop").out == "stopped\n"
        assert foreground.process.wait(30) == 0
    assert Shell(environment)("--stop").out == "nothing ran\n"


@pytest.mark.parametrize("url", ["", "postgresql://x@127.0.0.1:1/x"])
def test_a_stale_pid_file_harms_no_server_of_another_folder(url: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    environment = environment_of(tmp_path / "data", DATABASE_URL=url)
    with serving(environment_of(tmp_path / "other")) as other:
        pid = other.process.pid
        (tmp_path / "data" / f"{SERVER}.pid").write_text(f"{pid}\n")
        (tmp_path / "data" / "server.lock").write_text(f"process {pid} ({SERVER})\n")

        assert Shell(environment)("--stop").out == "nothing ran\n"

        assert other.health()["status"] == "ok"


def test_a_server_of_another_folder_at_our_address_is_told_and_not_stopped(
    tmp_path: Path,
) -> None:
    with serving(environment_of(tmp_path / "other")) as other:
        listen = other.origins[SERVER].removeprefix("http://")

        said = Shell(environment_of(tmp_path / "data", LISTEN=listen))("--stop").refused(1)

        assert said.startswith(f"{SERVER} at http://{listen} is not of this data folder")
        assert other.health()["status"] == "ok"


@pytest.mark.parametrize("text", ["{}\n", "no number\n", "999999999\n", "-1\n", ""])
def test_a_pid_file_that_names_no_program_of_ours_stops_nothing(text: str, tmp_path: Path) -> None:
    environment = environment_of(tmp_path)
    log = tmp_path / f"{SERVER}.log"
    log.write_text("")
    bystander = subprocess.Popen(["tail", "-f", str(log)])
    (tmp_path / f"{SERVER}.pid").write_text(text.format(bystander.pid))
    try:
        assert stop_detached(read_settings(environment)) is False
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait(30)


def test_on_postgresql_there_are_two_processes(
    services: Services, new_database_url: NewUrl
) -> None:
    environment = services(DATABASE_URL=new_database_url("postgresql"))

    (started,) = start_at_once(environment, 1)

    pids = [pid_of(environment, name) for name in (SERVER, ADMIN)]
    for line, pid in zip(started.splitlines(), pids, strict=True):
        assert line.endswith(f", process {pid}")
        assert answers(line.split(" at ")[1].split(",")[0])
    assert pids[0] != pids[1]

    assert Shell(environment)("--stop").out == "stopped\n"
    assert wait_for(lambda: not any(map(is_running, pids)))
