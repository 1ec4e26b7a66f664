"""The services as units of systemd: what is written, who can read it, what systemd is told."""

import json
import os
import stat
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hero_onboarding.bootstrap.detached import StartFailedError
from hero_onboarding.bootstrap.services_control import (
    SYSTEMD_MARK,
    SystemdServices,
    find_systemd,
    programs_of,
    status_of,
    with_absolute_paths,
)
from hero_onboarding.bootstrap.settings import Settings
from hero_onboarding.scheduling import SchedulerError
from tests.bootstrap.reading import read
from tests.support.answering import answering
from tests.support.programs import environment_of, serving
from tests.support.systemd import require_systemd_analyze

HOSTILE = [
    "$HOME",
    "${PATH}",
    "`id`",
    "$(id)",
    'a"b',
    "a'b",
    "a\\b",
    "ends in \\",
    "a\nb",
    "a\\\nb",
    "a=b # c ; d",
    " spaces ",
    "50%",
    "\u00e9",
    '"',
    "\\n",
]
SERVER = "hero_onboarding_server.service"
TIMER = "hero_onboarding_billing_cron.timer"


@dataclass(frozen=True)
class FakeRun:
    """Takes down what it is told to run; tells the properties it was given, or refuses a word."""

    failing: str = "nothing"
    properties: dict[str, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)

    def __call__(self, command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        asked = next((word for word in command if word.startswith("--property=")), None)
        if asked is not None:
            said = self.properties.get(asked.removeprefix("--property="), "")
            return subprocess.CompletedProcess(list(command), 0, stdout=f"{said}\n", stderr="")
        self.commands.append(" ".join(command))
        code = 1 if self.failing in command else 0
        return subprocess.CompletedProcess(list(command), code, stdout="", stderr="")

    def systemctl(self) -> list[str]:
        prefix = "systemctl "
        return [one.removeprefix(prefix) for one in self.commands if one.startswith(prefix)]


def make(folder: Path, **changes: str) -> SystemdServices:
    """Services whose units are only written and verified."""
    require_systemd_analyze()
    return SystemdServices(settings_in(folder, **changes), folder / "units", False, is_active=False)


def controlled(folder: Path, run: FakeRun, **changes: str) -> SystemdServices:
    return SystemdServices(settings_in(folder, **changes), folder / "units", False, True, run)


def settings_in(folder: Path, **changes: str) -> Settings:
    values = {"LISTEN": "127.0.0.1:0", "ADMIN_LISTEN": "127.0.0.1:0", **changes}
    return read(DATA_DIR=str(folder / "data"), **values)


def units(services: SystemdServices) -> set[str]:
    return {path.name for path in services.folder.iterdir()}


def read_by_a_shell(path: Path, name: str) -> str:
    """A shell reads quoted values by the rules that systemd took over."""
    script = f'. "$1" && printf %s "${name}"'
    done = subprocess.run(
        ["sh", "-c", script, "sh", str(path)], capture_output=True, check=True, env={}
    )
    assert done.stderr == b""
    return done.stdout.decode()


def test_writing_makes_units_settings_and_secret(tmp_path: Path) -> None:
    services = make(tmp_path)

    paths = services.write(
        {"HERO_ONBOARDING_ROLE": "all", "PATH": "/bin", "OTHER": "x", "HERO_SOCKET_DIR": "/s"}
    )

    assert [path.name for path in paths] == [SERVER]
    assert units(services) == {SERVER, TIMER, TIMER.replace(".timer", ".service")}
    assert services.environment_path.read_text() == (
        'HERO_ONBOARDING_ROLE="all"\nHERO_ONBOARDING_SCHEDULER="systemd"\nHERO_SOCKET_DIR="/s"\n'
    )
    assert (services.settings.data_dir / "admin_secret").exists()


def test_the_settings_lie_in_no_unit(tmp_path: Path) -> None:
    services = make(tmp_path)

    services.write({"HERO_ONBOARDING_ADMIN_SECRET": "a-secret-of-the-tests"})

    for path in services.folder.iterdir():
        assert "a-secret-of-the-tests" not in path.read_text()
    assert "a-secret-of-the-tests" in services.environment_path.read_text()


def test_an_api_key_of_who_starts_the_services_is_not_kept(tmp_path: Path) -> None:
    services = make(tmp_path)

    services.write({"HERO_ONBOARDING_API_KEY": "hok_a-key", "HERO_ONBOARDING_API_KEY_FILE": "f"})

    assert "API_KEY" not in services.environment_path.read_text()


@pytest.mark.parametrize("mode", [None, 0o644, 0o666])
def test_only_its_owner_reads_the_settings(mode: int | None, tmp_path: Path) -> None:
    services = make(tmp_path)
    if mode is not None:
        services.settings.data_dir.mkdir()
        services.environment_path.write_text("OLD=x\n" * 100)
        services.environment_path.chmod(mode)

    services.write({})

    assert stat.S_IMODE(services.environment_path.stat().st_mode) == 0o600
    assert services.environment_path.read_text() == 'HERO_ONBOARDING_SCHEDULER="systemd"\n'


@pytest.mark.parametrize("value", HOSTILE)
def test_a_setting_survives_whatever_is_in_it(value: str, tmp_path: Path) -> None:
    services = make(tmp_path)

    services.write({"HERO_ONBOARDING_A": value, "HERO_ONBOARDING_B": "next"})

    assert read_by_a_shell(services.environment_path, "HERO_ONBOARDING_A") == value
    assert read_by_a_shell(services.environment_path, "HERO_ONBOARDING_B") == "next"


def test_bytes_that_are_no_text_are_handed_on(tmp_path: Path) -> None:
    services = make(tmp_path)

    services.write({"HERO_ONBOARDING_A": "a\udcff"})

    assert b'A="a\xff"\n' in services.environment_path.read_bytes()


def test_the_timer_takes_the_place_of_the_embedded_push(tmp_path: Path) -> None:
    services = make(tmp_path, SCHEDULER="embedded")

    services.write({"HERO_ONBOARDING_SCHEDULER": "embedded"})

    assert read_by_a_shell(services.environment_path, "HERO_ONBOARDING_SCHEDULER") == "systemd"
    assert TIMER in units(services)


def test_with_the_schedule_off_there_is_no_timer(tmp_path: Path) -> None:
    services = make(tmp_path, SCHEDULER="off")

    services.write({"HERO_ONBOARDING_SCHEDULER": "off"})

    assert read_by_a_shell(services.environment_path, "HERO_ONBOARDING_SCHEDULER") == "off"
    assert units(services) == {SERVER}


def test_on_postgresql_each_program_has_a_unit(tmp_path: Path) -> None:
    services = make(tmp_path, DATABASE_URL="postgresql://h/d", SCHEDULER="off")

    services.write({})

    assert units(services) == {SERVER, "hero_onboarding_admin.service"}


def test_units_that_are_refused_are_removed_again(tmp_path: Path) -> None:
    services = controlled(tmp_path, FakeRun(failing="verify"))

    with pytest.raises(SchedulerError):
        services.write({})

    assert units(services) == set()


def test_a_server_that_can_not_be_enabled_is_told(tmp_path: Path) -> None:
    run = FakeRun(failing="enable")

    with pytest.raises(SchedulerError, match="systemctl enable --now hero_onboarding_server"):
        controlled(tmp_path, run).start({})

    assert run.systemctl() == ["daemon-reload", f"enable --now {SERVER}"]


HEALTH = {"/health": {"status": "ok", "service": "hero_onboarding_server", "version": "1"}}
UNIT_PID = "4711"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[SystemdServices]:
    """Services whose unit answers and has said so."""
    with answering(HEALTH) as listen:
        run = FakeRun(properties={"MainPID": UNIT_PID, "ActiveState": "active"})
        services = controlled(tmp_path, run, LISTEN=listen, SCHEDULER="off")
        announce(services, f"http://{listen}", UNIT_PID)
        yield services


def announce(services: SystemdServices, origin: str, pid: str) -> None:
    services.settings.data_dir.mkdir(exist_ok=True)
    told = {"hero_onboarding_server": {"origin": origin, "pid": int(pid)}}
    (services.settings.data_dir / "addresses.json").write_text(json.dumps(told))


def told_by(services: SystemdServices) -> list[str]:
    """What systemd was told since this was asked last."""
    assert isinstance(services.run, FakeRun)
    said = services.run.systemctl()
    services.run.commands.clear()
    return said


def test_a_running_unit_is_started_anew_only_when_its_settings_changed(
    served: SystemdServices, tmp_path: Path
) -> None:
    config = tmp_path / "settings.toml"
    config.write_text("")
    environment = {"HERO_ONBOARDING_CONFIG": str(config)}
    again = ["daemon-reload", f"enable --now {SERVER}"]
    anew = [*again, f"restart {SERVER}"]

    served.start(environment)
    assert told_by(served) == anew
    served.start(environment)
    assert told_by(served) == again
    served.start({**environment, "HERO_ONBOARDING_NODE_NAME": "b"})
    assert told_by(served) == anew

    written_at = served.environment_path.stat().st_mtime_ns
    os.utime(config, ns=(written_at + 1, written_at + 1))
    served.start({**environment, "HERO_ONBOARDING_NODE_NAME": "b"})
    assert told_by(served) == anew


@pytest.mark.parametrize(("status", "code"), [("1", 1), ("2", 2), ("3", 3), ("0", 3), ("", 3)])
def test_another_server_at_the_address_is_not_taken_for_the_unit(
    status: str, code: int, served: SystemdServices
) -> None:
    assert isinstance(served.run, FakeRun)
    ended = {"MainPID": "0", "ActiveState": "failed", "ExecMainStatus": status}
    served.run.properties.update(ended)

    with pytest.raises(StartFailedError, match="see journalctl -u") as caught:
        served.start({})

    assert caught.value.exit_code == code
    assert told_by(served)[-1] == f"disable --now {SERVER}"
    assert units(served) == set()


def test_beside_a_server_in_the_foreground_no_unit_is_made(tmp_path: Path) -> None:
    run = FakeRun(properties={"MainPID": "0"})
    services = controlled(tmp_path, run)
    with serving(environment_of(tmp_path / "data")) as foreground:
        services.start({})

        assert run.commands == []
        assert not services.folder.exists()
        assert status_of(services.settings)[0].pid == foreground.process.pid
        assert services.stop() is False
        assert foreground.health()["status"] == "ok"


def test_stopping_disables_what_is_there_and_removes_it(tmp_path: Path) -> None:
    make(tmp_path).write({})
    run = FakeRun()
    services = controlled(tmp_path, run)

    assert services.stop() is True
    assert services.stop() is False

    assert run.systemctl() == [
        f"disable --now {TIMER}",
        "daemon-reload",
        f"disable --now {SERVER}",
    ]
    assert units(services) == set()
    assert services.environment_path.exists()


def test_files_that_settings_name_are_found_from_another_folder() -> None:
    here = Path.cwd()
    named = {
        "HERO_ONBOARDING_CONFIG": "settings.toml",
        "HERO_ONBOARDING_ADMIN_SECRET_FILE": "./secret",
        "HERO_ONBOARDING_FORGE_TOKEN_FILE": "~/token",
    }
    others = {"HERO_ONBOARDING_NODE_NAME": "a", "PATH": "bin"}

    assert with_absolute_paths(named | others) == others | {
        "HERO_ONBOARDING_CONFIG": f"{here}/settings.toml",
        "HERO_ONBOARDING_ADMIN_SECRET_FILE": f"{here}/secret",
        "HERO_ONBOARDING_FORGE_TOKEN_FILE": str(Path("~/token").expanduser()),
    }
    assert with_absolute_paths({"HERO_ONBOARDING_CONFIG": ""}) == {"HERO_ONBOARDING_CONFIG": ""}


def test_control_by_systemd_is_taken_only_where_one_runs(tmp_path: Path) -> None:
    found = find_systemd(settings_in(tmp_path))

    assert (found is not None) == SYSTEMD_MARK.is_dir()


@pytest.mark.parametrize(
    ("role", "url", "programs", "listeners"),
    [
        ("all", "", 1, 2),
        ("central", "", 1, 2),
        ("node", "", 1, 1),
        ("all", "postgresql://h/d", 2, 2),
        ("node", "postgresql://h/d", 1, 1),
    ],
)
def test_programs_and_listeners_follow_role_and_size(
    role: str, url: str, programs: int, listeners: int, tmp_path: Path
) -> None:
    settings = settings_in(tmp_path, ROLE=role, DATABASE_URL=url)

    assert len(programs_of(settings)) == programs
    assert len(status_of(settings)) == listeners
    assert not any(one.is_healthy for one in status_of(settings))
