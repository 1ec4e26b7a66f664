"""The console scripts as processes: they start, answer, refuse with a sentence, and stop."""

import os
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from hero_onboarding import __version__
from hero_onboarding.bootstrap.program import opened
from hero_onboarding.bootstrap.settings import read_settings
from tests.support.programs import (
    ADMIN,
    SERVER,
    Program,
    answers,
    environment_of,
    run,
    serving,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A server that tests ask and do not stop."""
    with serving(environment_of(tmp_path_factory.mktemp("shared") / "data")) as program:
        yield program


def folder_of(program: Program) -> Path:
    return Path(program.environment["HERO_ONBOARDING_DATA_DIR"])


def port_of(program: Program) -> str:
    return program.origins[SERVER].rpartition(":")[2]


def states(folder: Path) -> list[tuple[str, int]]:
    """What lies in a folder."""
    return sorted((str(path), path.lstat().st_mode) for path in folder.rglob("*"))


def test_a_server_on_a_new_folder_makes_what_it_needs_and_answers(shared: Program) -> None:
    folder = folder_of(shared)

    expected = {"status": "ok", "service": SERVER, "version": __version__}
    assert shared.health() == expected
    assert shared.health(ADMIN) == expected | {"service": ADMIN}
    assert (folder / "hero_onboarding.sqlite").is_file()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "admin_secret").stat().st_mode) == 0o600


def test_sigterm_stops_it_cleanly_and_sigkill_harms_nothing(tmp_path: Path) -> None:
    environment = environment_of(tmp_path / "data")

    with serving(environment) as program:
        assert program.stop() == 0
    with serving(environment) as program:
        assert program.stop(signal.SIGKILL) == -signal.SIGKILL
    with serving(environment, program=ADMIN) as program:
        assert program.health()["status"] == "ok"
        assert program.health(ADMIN)["status"] == "ok"
        assert program.stop(signal.SIGINT) == 0

    assert not (tmp_path / "data" / "hero_onboarding.sqlite-wal").exists(), "it was closed"


def test_a_second_process_on_the_folder_exits_3_and_names_the_holder(shared: Program) -> None:
    done = run(shared.environment, ADMIN)

    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        f"the data folder is in use by process {shared.process.pid} ({SERVER});"
        " stop it first, or use another data folder\n"
    )
    assert shared.health()["status"] == "ok"


def test_a_second_folder_with_the_same_database_exits_3_and_names_the_holder(
    shared: Program, tmp_path: Path
) -> None:
    path = folder_of(shared) / "hero_onboarding.sqlite"

    done = run(environment_of(tmp_path / "data", DATABASE_URL=f"sqlite:///{path}"), SERVER)

    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        f"the database {path} is in use by process {shared.process.pid} ({SERVER});"
        " stop it first, or use another database\n"
    )
    assert shared.health()["status"] == "ok"


def test_production_settings_that_contradict_exit_2_and_make_nothing(tmp_path: Path) -> None:
    changes = {"MODE": "production", "FORGE_URL": "http://forge.example", "RATE_LIMITS": "off"}

    done = run(environment_of(tmp_path / "data", **changes), SERVER)

    names = [line.split()[0].removeprefix("HERO_ONBOARDING_") for line in done.stderr.splitlines()]
    assert (done.returncode, names) == (2, ["PUBLIC_URL", "FORGE_URL", "RATE_LIMITS"])
    assert not (tmp_path / "data").exists()


def test_a_port_that_is_taken_exits_1_with_a_sentence(shared: Program, tmp_path: Path) -> None:
    listen = f"127.0.0.1:{port_of(shared)}"

    done = run(environment_of(tmp_path / "data", LISTEN=listen), SERVER)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == (
        f"service.cannot_listen: {SERVER} can't listen on {listen}: Address already in use;"
        " stop what listens there, or set HERO_ONBOARDING_LISTEN"
    )
    assert "Traceback" not in done.stderr


def test_wrong_settings_exit_2_naming_all_and_make_nothing(tmp_path: Path) -> None:
    environment = environment_of(tmp_path / "data", MODE="prod", LISTEN="0.0.0.0:0", BOGUS="x")

    done = run(environment, SERVER)

    names = [line.split()[0] for line in done.stderr.splitlines()]
    assert (done.returncode, done.stdout) == (2, "")
    assert names == [f"HERO_ONBOARDING_{name}" for name in ("MODE", "LISTEN", "BOGUS")]
    assert not (tmp_path / "data").exists()


def test_production_refuses_a_database_of_the_sandbox(tmp_path: Path) -> None:
    environment = environment_of(tmp_path / "data")
    with opened(read_settings(environment)):
        before = (tmp_path / "data" / "admin_secret").read_text()
    production = {"MODE": "production", "PUBLIC_URL": "https://onboarding.example"}

    done = run(environment_of(tmp_path / "data", **production), SERVER)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == (
        "database.wrong_mode: this database was made in sandbox mode, not in production mode"
    )
    assert (tmp_path / "data" / "admin_secret").read_text() == before
    with opened(read_settings(environment)):
        pass


@pytest.mark.parametrize(
    ("changes", "code", "sentence"),
    [
        ({"DATABASE_URL": "postgresql://x@127.0.0.1:1/x"}, 3, "database.unavailable: "),
        ({"DATA_DIR": "/dev/null/data"}, 1, "can't write: [Errno 20] "),
        ({"DATA_DIR": "/proc/nope"}, 1, "can't write: [Errno 2] "),
        ({"DATABASE_URL": "sqlite:////proc/nope/x.sqlite"}, 1, "can't write: [Errno 2] "),
        (
            {"ADMIN_LISTEN": "localhost.:0"},
            2,
            "HERO_ONBOARDING_ADMIN_LISTEN names 'localhost.:0', which is not loopback",
        ),
        (
            {"MODE": "production", "ROLE": "node", "LISTEN": "192.0.2.1:0"},
            1,
            f"service.cannot_listen: {SERVER} can't listen on 192.0.2.1:0: ",
        ),
        (
            {"MODE": "production", "ROLE": "node", "LISTEN": "a..b:0"},
            1,
            f"service.cannot_listen: {SERVER} can't listen on a..b:0: ",
        ),
    ],
)
def test_what_can_not_work_ends_with_a_sentence_and_no_trace(
    changes: dict[str, str], code: int, sentence: str, tmp_path: Path
) -> None:
    done = run(environment_of(tmp_path / "data") | prefixed(changes), SERVER)

    assert (done.returncode, done.stdout) == (code, "")
    assert any(line.startswith(sentence) for line in done.stderr.splitlines()), done.stderr
    assert "Traceback" not in done.stderr


def prefixed(values: dict[str, str]) -> dict[str, str]:
    return {f"HERO_ONBOARDING_{name}": value for name, value in values.items()}


def test_a_file_that_is_no_database_ends_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "hero_onboarding.sqlite"
    path.write_bytes(b"no database at all" * 500)

    done = run(environment_of(tmp_path / "data"), SERVER)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "database.unusable: file is not a database;"
        " restore a copy, or set another HERO_ONBOARDING_DATABASE_URL\n"
    )
    assert path.read_bytes() == b"no database at all" * 500


def test_assertions_can_not_be_stripped(tmp_path: Path) -> None:
    environment = environment_of(tmp_path / "data") | {"PYTHONOPTIMIZE": "1"}

    done = run(environment, SERVER)

    assert (done.returncode, done.stderr) == (2, "assertions are stripped; start without -O\n")
    assert not (tmp_path / "data").exists()


def test_the_hourly_push_asks_the_running_server(shared: Program) -> None:
    done = run(shared.environment, ADMIN, "push-usage", "--once", "--json")

    assert (done.returncode, done.stderr) == (0, "")
    assert '"failures": 0' in done.stdout


def test_the_hourly_push_without_a_server_exits_3(tmp_path: Path) -> None:
    for changes in ({}, {"ADMIN_SECRET": "a-secret-of-the-tests"}):
        environment = environment_of(tmp_path / "data", LISTEN="127.0.0.1:1", **changes)

        done = run(environment, ADMIN, "push-usage", "--once")

        assert (done.returncode, done.stdout) == (3, "")
        assert "start" in done.stderr
    assert not (tmp_path / "data").exists()


def test_the_hourly_push_with_a_wrong_secret_exits_1(shared: Program) -> None:
    wrong = prefixed({"ADMIN_SECRET": "another-secret-of-the-tests"})

    done = run(shared.environment | wrong, ADMIN, "push-usage", "--once")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("request.")


def test_the_hourly_push_is_never_made_by_chance(shared: Program) -> None:
    done = run(shared.environment, ADMIN, "push-usage")

    assert (done.returncode, done.stdout) == (2, "")
    assert "--once" in done.stderr


def test_a_node_has_no_admin_listener(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = environment_of(tmp_path / "data", ROLE="node", ADMIN_LISTEN=f"127.0.0.1:{port}")

    with serving(environment, listeners=1) as program:
        assert list(program.origins) == [SERVER]
        assert program.health()["status"] == "ok"
        assert not answers(f"http://127.0.0.1:{port}/health")
        assert program.stop() == 0


def test_the_lock_names_the_process_that_holds_it(shared: Program) -> None:
    text = (folder_of(shared) / "server.lock").read_text()

    assert text == f"process {shared.process.pid} ({SERVER})\n"
    assert shared.process.pid != os.getpid()
