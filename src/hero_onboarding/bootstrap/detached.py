"""Programs as detached processes, for machines without systemd."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hero_onboarding.bootstrap.health import is_healthy, wait_until
from hero_onboarding.bootstrap.server_address import (
    ADMIN,
    SERVER,
    Announced,
    find_origin,
    read_announced,
)
from hero_onboarding.bootstrap.settings import PREFIX, Settings
from hero_onboarding.database import find_owner
from hero_onboarding.kernel.errors import UnavailableError

START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 30.0
EXIT_REFUSED: Final = 1
EXIT_TRY_AGAIN: Final = 3
_LOG_LINES_SHOWN: Final = 10
_DATA_DIR: Final = f"{PREFIX}DATA_DIR"


class StartFailedError(UnavailableError):
    """A program did not answer in time, or ended.

    Attributes:
        exit_code: The program's own, or 3 when it did not answer.
    """

    code = "service.start_failed"

    def __init__(self, message: str, exit_code: int = EXIT_TRY_AGAIN) -> None:
        super().__init__(message)
        self.exit_code = exit_code if exit_code > 0 else EXIT_TRY_AGAIN


@dataclass(frozen=True, slots=True)
class DetachedProgram:
    """One program with its pid file and log in the data folder."""

    settings: Settings
    name: str

    @property
    def pid_path(self) -> Path:
        """Where the id of the process that was started here is written."""
        return self.settings.data_dir / f"{self.name}.pid"

    @property
    def log_path(self) -> Path:
        """Where its output goes."""
        return self.settings.data_dir / f"{self.name}.log"

    @property
    def origin(self) -> str:
        """Where it answers."""
        return find_origin(self.settings, self.name)

    def find_pid(self) -> int | None:
        """Return the id of its process, None when that does not run any more.

        On SQLite it is the process that holds the data folder, whoever started it, else the one
        that was started here and does not hold it yet. A process that is not known to be of this
        data folder is none.
        """
        if self.settings.is_sqlite:
            owner = find_owner(self.settings.data_dir)
            if owner is not None and _runs(owner, SERVER, ADMIN):
                return owner
        try:
            pid = int(self.pid_path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None
        return pid if _runs(pid, self.name) and self._is_of_this_folder(pid) else None

    def _is_of_this_folder(self, pid: int) -> bool:
        """Whether a process was started for this data folder."""
        try:
            words = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return False
        start = f"{_DATA_DIR}=".encode()
        named = [os.fsdecode(one.removeprefix(start)) for one in words if one.startswith(start)]
        return [Path(name).expanduser().resolve() for name in named] == [
            self.settings.data_dir.resolve()
        ]

    def is_healthy(self) -> bool:
        """Whether it answers at its health path."""
        return is_healthy(self.origin, self.name)

    def find_announced(self, pid: int) -> Announced | None:
        """Return what a process said of where it listens, None when it has not yet."""
        found = read_announced(self.settings).get(self.name)
        return found if found is not None and found.pid == pid else None

    def is_served_by(self, pid: int) -> bool:
        """Whether this process answers where the settings say: another server may do that too."""
        found = self.find_announced(pid)
        return found is not None and found.origin == self.origin and self.is_healthy()

    def start(self, environment: Mapping[str, str]) -> None:
        """Start it and come back when it answers; do nothing when it does already.

        Raises:
            StartFailedError: If it ends, or does not answer within a minute; then it is stopped.
        """
        self.settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.log_path.open("ab") as guard:
            # Of two that start it at once the second finds it running.
            fcntl.flock(guard, fcntl.LOCK_EX)
            if not self._is_running():
                self._start_anew(environment)

    def _is_running(self) -> bool:
        """Whether its process answers; one that is just starting is waited for.

        Raises:
            StartFailedError: If it answers elsewhere than the settings say, or not at all.
        """

        def is_settled() -> bool:
            pid = self.find_pid()
            return pid is None or self.find_announced(pid) is not None

        wait_until(is_settled, seconds=START_SECONDS)
        pid = self.find_pid()
        if pid is None:
            return False
        if self.is_served_by(pid):
            return True
        found = self.find_announced(pid)
        if found is None or found.origin == self.origin:
            message = f"{self.name} runs as process {pid} and does not answer; stop it with --stop"
            raise StartFailedError(message)
        message = f"{self.name} runs already as process {pid} at {found.origin}, which is not where"
        remedy = "the settings say; to start it anew, run --stop first"
        raise StartFailedError(f"{message} {remedy}", EXIT_REFUSED)

    def _start_anew(self, environment: Mapping[str, str]) -> None:
        with self.log_path.open("ab") as log:
            begins_at = log.seek(0, os.SEEK_END)
            process = subprocess.Popen(  # noqa: S603 - our own program
                [str(program_path(self.name))],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                # Named whatever names it, so that --stop knows whose process this is.
                env={**environment, _DATA_DIR: str(self.settings.data_dir)},
                cwd="/",
            )
        self.pid_path.write_text(f"{process.pid}\n", encoding="ascii")

        def has_ended() -> bool:
            return process.poll() is not None

        wait_until(lambda: has_ended() or self.is_served_by(process.pid), seconds=START_SECONDS)
        if has_ended() or not self.is_served_by(process.pid):
            code = process.poll()
            if code is None:
                _end(process.pid, self.name)
            self.pid_path.unlink(missing_ok=True)
            message = f"{self.name} did not start:\n{self._log_end(begins_at)}"
            raise StartFailedError(message, EXIT_TRY_AGAIN if code is None else code)

    def stop(self) -> bool:
        """Stop it and wait until it has ended; return whether it ran."""
        pid = self.find_pid()
        if pid is not None:
            _end(pid, SERVER, ADMIN)
        self.pid_path.unlink(missing_ok=True)
        return pid is not None

    def _log_end(self, begins_at: int) -> str:
        """Return the last lines that were logged from a position on."""
        with self.log_path.open("rb") as file:
            file.seek(begins_at)
            lines = file.read().decode("utf-8", "replace").splitlines()
        return "\n".join(lines[-_LOG_LINES_SHOWN:])


def program_path(name: str) -> Path:
    """Return where a console script of this installation lies."""
    return Path(sys.executable).parent / name


def _runs(pid: int, *names: str, is_ending: bool = False) -> bool:
    """Whether a process runs one of some programs, not counting one that has ended.

    A process that ends has no command line any more for a moment, and still holds what it holds;
    ``is_ending`` says that this one was seen to be such a program before.
    """
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    is_zombie = state.rpartition(")")[2].split()[0] == "Z"
    words = {Path(os.fsdecode(word)).name for word in command.split(b"\0")}
    is_program = not words.isdisjoint(names) or (is_ending and not command)
    return is_program and not is_zombie


def _end(pid: int, *names: str) -> None:
    """End a process of a program's, by force when it takes too long."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        if wait_until(lambda: not _runs(pid, *names, is_ending=True), seconds=STOP_SECONDS):
            return
