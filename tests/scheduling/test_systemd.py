"""Units of systemd: the machine's own check takes them, and finds what is wrong with them."""

import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hero_onboarding.scheduling import (
    Action,
    SchedulerError,
    SystemdScheduler,
    billing_cron,
    service_unit,
    write_units,
)
from hero_onboarding.scheduling.systemd import run_program
from hero_onboarding.scheduling.units import timer_unit
from tests.support.systemd import require_systemd_analyze

NAME = "hero_onboarding_billing_cron"
HOSTILE = ["a b", "a  b", "100%", "%h%n", "$HOME", "$$", "a'b", "\u00e9", ";", "-x", "a\\"]


@dataclass(frozen=True)
class FakeRun:
    """Takes down what it is told to run, and answers as it is set to."""

    failing: str = "nothing"
    said: str = ""
    commands: list[str] = field(default_factory=list)

    def __call__(self, command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        self.commands.append(" ".join(command))
        code = 1 if self.failing in command else 0
        return subprocess.CompletedProcess(list(command), code, stdout="", stderr=self.said)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that could be run."""
    return a_program(tmp_path / "program")


def a_program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def scheduler(
    folder: Path, program: Path, *arguments: str, settings: Path = Path("/etc/hero/environment")
) -> SystemdScheduler:
    require_systemd_analyze()
    command = [str(program), *arguments]
    return SystemdScheduler(folder / "units", command, settings, is_user=False, is_active=False)


def controlled(folder: Path, run: FakeRun, *, is_user: bool = False) -> SystemdScheduler:
    command = [sys.executable, "push-usage"]
    settings = Path("/etc/hero/environment")
    return SystemdScheduler(
        folder / "units", command, settings, is_user=is_user, is_active=True, run=run
    )


def test_registering_writes_units_that_systemd_takes(tmp_path: Path, program: Path) -> None:
    made = scheduler(tmp_path, program, "push-usage", "--once")

    made.register(billing_cron())

    service = (made.folder / f"{NAME}.service").read_text()
    timer = (made.folder / f"{NAME}.timer").read_text()
    made.verify(sorted(made.folder.iterdir()))
    assert f'ExecStart="{program}" "push-usage" "--once"\n' in service
    assert "Type=oneshot\n" in service
    assert "EnvironmentFile=/etc/hero/environment\n" in service
    assert "OnUnitActiveSec=3600s\n" in timer
    assert "WantedBy=timers.target\n" in timer


@pytest.mark.parametrize(
    ("interval_ms", "span"),
    [(3_600_000, "3600s"), (1_000, "1s"), (1_500, "1500ms"), (86_400_123_000, "86400123s")],
)
def test_the_interval_of_a_timer_is_exact(interval_ms: int, span: str, tmp_path: Path) -> None:
    text = timer_unit("a timer", interval_ms)

    assert re.findall(r"^(\w+Sec)=(.+)$", text, re.MULTILINE) == [
        ("OnActiveSec", span),
        ("OnUnitActiveSec", span),
        ("AccuracySec", "1s"),
    ]
    made = scheduler(tmp_path, a_program(tmp_path / "program"))
    made.register(Action("hero_onboarding_x", interval_ms, ()))


def test_the_service_of_a_program_is_taken_too(tmp_path: Path, program: Path) -> None:
    made = scheduler(tmp_path, program)
    text = service_unit("a server", [str(program)], tmp_path / "environment", is_oneshot=False)

    made.verify(write_units(made.folder, {"hero_onboarding_server.service": text}))

    assert "Restart=on-failure\n" in text
    assert "RestartPreventExitStatus=1 2\n" in text
    assert "WantedBy=default.target\n" in text


@pytest.mark.parametrize(
    ("section", "line"),
    [
        ("[Service]", "Colour=blue"),
        ("[Service]", "NoNewPrivileges=perhaps"),
        ("[Unit]", "not even a line"),
        ("[Service]", "Type=forever"),
    ],
)
def test_a_line_that_systemd_does_not_know_is_found(
    section: str, line: str, tmp_path: Path, program: Path
) -> None:
    made = scheduler(tmp_path, program)
    text = service_unit("x", [str(program)], tmp_path / "environment", is_oneshot=True)
    wrong = text.replace(section, f"{section}\n{line}", 1)
    paths = write_units(made.folder, {"hero_onboarding_x.service": wrong})

    with pytest.raises(SchedulerError, match=r"hero_onboarding_x\.service"):
        made.verify(paths)


@pytest.mark.parametrize("name", ["none", "folder/none"])
def test_units_that_are_refused_are_removed_again(name: str, tmp_path: Path) -> None:
    made = scheduler(tmp_path, tmp_path / name)

    with pytest.raises(SchedulerError, match="is not executable"):
        made.register(billing_cron())

    assert list(made.folder.iterdir()) == []
    assert list(made.list_actions()) == []


@pytest.mark.parametrize("name", ["a b", "100%", "%h%n", "$HOME", "$$", "\u00e9", "a;b", "-x"])
def test_the_programs_path_survives_whatever_is_in_it(name: str, tmp_path: Path) -> None:
    made = scheduler(tmp_path, a_program(tmp_path / name / "program"))

    made.register(billing_cron())

    assert list(made.list_actions()) == [NAME]


@pytest.mark.parametrize("name", ["a'b", 'a"b', "a\\b", "a\nb"])
def test_a_path_that_systemd_can_not_run_is_refused(name: str, tmp_path: Path) -> None:
    made = scheduler(tmp_path, a_program(tmp_path / name / "program"))

    with pytest.raises(SchedulerError, match="special characters"):
        made.register(billing_cron())

    assert list(made.folder.iterdir()) == []


@pytest.mark.parametrize("word", [*HOSTILE, 'a"b', "a\nb", ""])
def test_arguments_survive_whatever_is_in_them(word: str, tmp_path: Path, program: Path) -> None:
    made = scheduler(tmp_path, program, word, "last")

    made.register(billing_cron())

    service = (made.folder / f"{NAME}.service").read_text(encoding="utf-8")
    (line,) = re.findall(r"^ExecStart=(.*)$", service, re.MULTILINE)
    assert as_systemd_reads(line) == [str(program), word, "last"]


def as_systemd_reads(line: str) -> list[str]:
    """Unquote the words of a command by the rules of systemd.service(5)."""
    words = []
    for quoted in re.findall(r'"((?:[^"\\]|\\.)*)"', line):
        text = quoted.replace("%%", "%").replace("$$", "$")
        words.append(re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], text))
    return words


@pytest.mark.parametrize("name", ["a b", "100%", "a'b", 'a"b', "a\\b", "$x"])
def test_the_path_of_the_settings_stands_as_it_is(name: str, tmp_path: Path, program: Path) -> None:
    """systemd takes the rest of that line as it is, but for its percent signs."""
    made = scheduler(tmp_path, program, settings=tmp_path / name / "environment")

    made.register(billing_cron())

    service = (made.folder / f"{NAME}.service").read_text()
    (line,) = re.findall(r"^EnvironmentFile=(.*)$", service, re.MULTILINE)
    assert line.replace("%%", "%") == f"{tmp_path}/{name}/environment"


def test_complaints_about_units_of_others_are_none_of_our_business(tmp_path: Path) -> None:
    run = FakeRun(said="/lib/systemd/system/other.service:3: Unknown key 'X', ignoring.\n")

    controlled(tmp_path, run).register(billing_cron())

    assert len(run.commands) == 3


def test_registering_where_systemd_runs_enables_the_timer(tmp_path: Path) -> None:
    run = FakeRun()

    controlled(tmp_path, run).register(billing_cron())

    units = tmp_path / "units"
    assert run.commands == [
        f"systemd-analyze verify {units}/{NAME}.service {units}/{NAME}.timer",
        "systemctl daemon-reload",
        f"systemctl enable --now {NAME}.timer",
    ]


def test_unregistering_disables_the_timer_before_its_units_go(tmp_path: Path) -> None:
    made = controlled(tmp_path, FakeRun(), is_user=True)
    made.register(billing_cron())
    assert isinstance(made.run, FakeRun)
    made.run.commands.clear()

    made.unregister(NAME)
    made.unregister(NAME)

    assert made.run.commands == [
        f"systemctl --user disable --now {NAME}.timer",
        "systemctl --user daemon-reload",
    ]
    assert list(made.folder.iterdir()) == []


def test_nothing_is_enabled_when_the_units_are_refused(tmp_path: Path) -> None:
    run = FakeRun(failing="verify", said="it is wrong")

    with pytest.raises(SchedulerError, match="it is wrong"):
        controlled(tmp_path, run).register(billing_cron())

    assert len(run.commands) == 1
    assert list((tmp_path / "units").iterdir()) == []


def test_what_systemctl_refuses_is_told(tmp_path: Path) -> None:
    run = FakeRun(failing="enable", said="no bus")

    with pytest.raises(SchedulerError, match=f"systemctl enable --now {NAME}.timer: no bus"):
        controlled(tmp_path, run).register(billing_cron())


def test_a_machine_without_the_program_is_told_which(tmp_path: Path) -> None:
    with pytest.raises(SchedulerError, match="systemd-of-the-moon"):
        run_program([f"{tmp_path}/systemd-of-the-moon"])


def test_timers_of_others_in_the_folder_are_not_ours(tmp_path: Path) -> None:
    made = controlled(tmp_path, FakeRun())
    write_units(made.folder, {"fstrim.timer": timer_unit("x", 1000), f"{NAME}.timer": "x"})

    assert list(made.list_actions()) == [NAME]
