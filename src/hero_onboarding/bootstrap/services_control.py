"""Start, stop and inspect the services: by systemd where it runs, else as detached processes."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hero_onboarding.bootstrap.detached import (
    START_SECONDS,
    DetachedProgram,
    StartFailedError,
    program_path,
)
from hero_onboarding.bootstrap.health import wait_until
from hero_onboarding.bootstrap.secret import make_secret
from hero_onboarding.bootstrap.server_address import ADMIN, SERVER
from hero_onboarding.bootstrap.settings import PREFIX, SECRETS, SHARED_NAMES, Settings
from hero_onboarding.kernel.server import Role
from hero_onboarding.scheduling import (
    BILLING_CRON,
    SchedulerError,
    SystemdScheduler,
    billing_cron,
    service_unit,
    write_units,
)
from hero_onboarding.scheduling.systemd import Run, run_program

SYSTEMD_MARK: Final = Path("/run/systemd/system")
_OF_COMMANDS: Final = frozenset({f"{PREFIX}API_KEY", f"{PREFIX}API_KEY_FILE"})


@dataclass(frozen=True, slots=True)
class ProgramStatus:
    """Whether a program runs and answers; ``pid`` only where it is a process of ours."""

    name: str
    origin: str
    is_healthy: bool
    pid: int | None


def programs_of(settings: Settings) -> tuple[str, ...]:
    """Return the programs that are processes of their own at this size and role."""
    if settings.is_sqlite or settings.role is Role.NODE:
        return (SERVER,)
    return (SERVER, ADMIN)


def status_of(settings: Settings) -> list[ProgramStatus]:
    """Say of each listener whether it answers; on SQLite one process serves both."""
    names = (SERVER,) if settings.role is Role.NODE else (SERVER, ADMIN)
    found = []
    for name in names:
        program = DetachedProgram(settings, name)
        owner = DetachedProgram(settings, SERVER) if settings.is_sqlite else program
        found.append(ProgramStatus(name, program.origin, program.is_healthy(), owner.find_pid()))
    return found


def start_detached(settings: Settings, environment: Mapping[str, str]) -> None:
    """Start the programs as processes; the hourly action runs inside the server.

    Raises:
        StartFailedError: If one does not answer within a minute.
    """
    for name in programs_of(settings):
        DetachedProgram(settings, name).start(environment)


def stop_detached(settings: Settings) -> bool:
    """Stop the programs; return whether any ran."""
    stopped = [DetachedProgram(settings, name).stop() for name in programs_of(settings)]
    return any(stopped)


@dataclass(frozen=True, slots=True)
class SystemdServices:
    """The programs and the hourly action as units of systemd."""

    settings: Settings
    folder: Path
    is_user: bool
    is_active: bool
    run: Run = run_program

    @property
    def environment_path(self) -> Path:
        """The file of settings that the units read; mode 0600."""
        return self.settings.data_dir / "environment"

    def start(self, environment: Mapping[str, str]) -> None:
        """Write, verify and start the units, and register the hourly action.

        Raises:
            SchedulerError: If systemd finds fault with a unit.
            StartFailedError: If a program ends, or does not answer within a minute.
        """
        if self.is_active and self._runs_without_units():
            return
        before, is_newer = self._settled(), self._is_newer(environment)
        self.write(environment)
        if not self.is_active:
            return
        is_new = is_newer or before != self._settled()
        for name in programs_of(self.settings):
            self._start_unit(name, is_new=is_new)
        self._register()

    def _runs_without_units(self) -> bool:
        """Whether another process than a unit's has the data folder, such as one in a terminal."""
        program = DetachedProgram(self.settings, SERVER)
        pid = program.find_pid() if self.settings.is_sqlite else None
        return pid is not None and pid != self._show_number(SERVER, "MainPID")

    def _settled(self) -> list[tuple[str, bytes]]:
        """Return what the units run by, to see whether it changed."""
        paths = [self.environment_path]
        paths += [self.folder / f"{name}.service" for name in programs_of(self.settings)]
        return [(path.name, path.read_bytes()) for path in paths if path.exists()]

    def _is_newer(self, environment: Mapping[str, str]) -> bool:
        """Whether a file that settings name was written after the units were last."""
        if not self.environment_path.exists():
            return True
        written_at = self.environment_path.stat().st_mtime_ns
        paths = [Path(name) for name in _named_files(environment).values()]
        return any(path.exists() and path.stat().st_mtime_ns > written_at for path in paths)

    def _start_unit(self, name: str, *, is_new: bool) -> None:
        """Start a unit, again where what it runs by has changed, and wait until it answers."""
        unit = f"{name}.service"
        self._systemctl("enable", "--now", unit)
        if is_new:
            self._systemctl("restart", unit)
        program = DetachedProgram(self.settings, name)

        def is_settled() -> bool:
            # Another server may answer at this address: it has to be the unit's own process.
            pid = self._show_number(name, "MainPID")
            return program.is_served_by(pid) or self._show(name, "ActiveState") == "failed"

        is_in_time = wait_until(is_settled, seconds=START_SECONDS)
        if is_in_time and program.is_served_by(self._show_number(name, "MainPID")):
            return
        code = self._show_number(name, "ExecMainStatus")
        self.stop()
        raise StartFailedError(f"{name} did not start; see journalctl -u {name}", code)

    def _show(self, name: str, quality: str) -> str:
        """Ask systemd for a property of a program's unit."""
        words = ("show", f"--property={quality}", "--value", f"{name}.service")
        return self._scheduler().control(*words).strip()

    def _show_number(self, name: str, quality: str) -> int:
        text = self._show(name, quality)
        return int(text) if text.isdecimal() else 0

    def write(self, environment: Mapping[str, str]) -> list[Path]:
        """Write and verify the units of the programs and of the hourly action.

        Raises:
            SchedulerError: If systemd finds fault with a unit; they are removed again.
        """
        make_secret(self.settings)
        scheduled_by = "off" if self.settings.scheduler == "off" else "systemd"
        ours = {**environment, f"{PREFIX}SCHEDULER": scheduled_by}
        _write_environment(self.environment_path, ours)
        units = {
            f"{name}.service": service_unit(
                f"{name} of the Hero network",
                [str(program_path(name))],
                self.environment_path,
                is_oneshot=False,
            )
            for name in programs_of(self.settings)
        }
        paths = write_units(self.folder, units)
        try:
            self._scheduler().verify(paths)
        except SchedulerError:
            for path in paths:
                path.unlink()
            raise
        if self.is_active:
            self._systemctl("daemon-reload")
        else:
            self._register()
        return paths

    def stop(self) -> bool:
        """Unregister the hourly action and stop the programs; return whether there was a unit."""
        self._scheduler().unregister(BILLING_CRON)
        paths = [self.folder / f"{name}.service" for name in programs_of(self.settings)]
        has_units = any(path.exists() for path in paths)
        for name, path in zip(programs_of(self.settings), paths, strict=True):
            if self.is_active and path.exists():
                self._systemctl("disable", "--now", f"{name}.service")
            path.unlink(missing_ok=True)
        return has_units

    def _register(self) -> None:
        """Register the hourly action with a timer, unless nothing is to run by time."""
        if self.settings.scheduler != "off":
            self._scheduler().register(billing_cron())

    def _scheduler(self) -> SystemdScheduler:
        return SystemdScheduler(
            self.folder,
            [str(program_path(ADMIN)), "push-usage", "--once"],
            self.environment_path,
            is_user=self.is_user,
            is_active=self.is_active,
            run=self.run,
        )

    def _systemctl(self, *words: str) -> None:
        self._scheduler().control(*words)


def find_systemd(settings: Settings) -> SystemdServices | None:
    """Return control by systemd where one runs for this user, else None."""
    if not SYSTEMD_MARK.is_dir():
        return None
    is_user = os.geteuid() != 0
    folder = Path("~/.config/systemd/user").expanduser() if is_user else Path("/etc/systemd/system")
    return SystemdServices(settings, folder, is_user=is_user, is_active=True)


def with_absolute_paths(environment: Mapping[str, str]) -> dict[str, str]:
    """Let programs, which run in another folder, find the files that settings name."""
    return {**environment, **_named_files(environment)}


def _named_files(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the files that settings name, by absolute paths."""
    names = {f"{PREFIX}CONFIG", *(f"{PREFIX}{name}_FILE" for name in SECRETS)}
    return {
        name: str(Path(path).expanduser().absolute())
        for name, path in environment.items()
        if name in names and path
    }


def _write_environment(path: Path, environment: Mapping[str, str]) -> None:
    """Write our settings for systemd, readable by their owner only; no program needs an API key."""
    ours = {
        name: value
        for name, value in environment.items()
        if (name.startswith(PREFIX) and name not in _OF_COMMANDS) or name in SHARED_NAMES
    }
    lines = [f'{name}="{_escape(value)}"' for name, value in sorted(ours.items())]
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(os.fsencode("\n".join(lines) + "\n"))


def _escape(value: str) -> str:
    """Escape what ends or changes a value in double quotes, for systemd and for a shell."""
    return re.sub(r'([\\"$`])', r"\\\1", value)
