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
from hero_onboarding.bootstrap.server_address import find_origin
from hero_onboarding.bootstrap.settings import Settings
from hero_onboarding.kernel.errors import UnavailableError

START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 30.0
_LOG_LINES_SHOWN: Final = 10


class StartFailedError(UnavailableError):
    """A program did not answer in time, or ended."""

    code = "service.start_failed"


@dataclass(frozen=True, slots=True)
class DetachedProgram:
    """One program with its pid file and log in the data folder."""

    settings: Settings
    name: str

    @property
    def pid_path(self) -> Path:
        """Where its process id is written."""
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
        """Return the id of its process, None when that does not run any more."""
        try:
            pid = int(self.pid_path.read_text(encoding="ascii"))
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        except (OSError, ValueError):
            return None
        is_ours = self.name in {Path(os.fsdecode(word)).name for word in command.split(b"\0")}
        is_zombie = state.rpartition(")")[2].split()[0] == "Z"
        return pid if is_ours and not is_zombie else None

    def is_healthy(self) -> bool:
        """Whether it answers at its health path."""
        return is_healthy(self.origin, self.name)

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
        """Whether its process answers; one that is just starting is waited for."""
        wait_until(lambda: self.find_pid() is None or self.is_healthy(), seconds=START_SECONDS)
        pid = self.find_pid()
        if pid is not None and not self.is_healthy():
            message = f"{self.name} runs as process {pid} and does not answer; stop it with --stop"
            raise StartFailedError(message)
        return pid is not None

    def _start_anew(self, environment: Mapping[str, str]) -> None:
        with self.log_path.open("ab") as log:
            begins_at = log.seek(0, os.SEEK_END)
            process = subprocess.Popen(  # noqa: S603 - our own program
                [str(program_path(self.name))],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=dict(environment),
                cwd="/",
            )
        self.pid_path.write_text(f"{process.pid}\n", encoding="ascii")

        def answers() -> bool:
            # Another server may answer at this address: this one has said that it listens there.
            return f"{self.name} listens on " in self._log(begins_at) and self.is_healthy()

        wait_until(lambda: process.poll() is not None or answers(), seconds=START_SECONDS)
        if process.poll() is not None or not answers():
            self.stop()
            raise StartFailedError(f"{self.name} did not start:\n{self._log_end(begins_at)}")

    def stop(self) -> bool:
        """Stop it and wait until it has ended; return whether it ran."""
        pid = self.find_pid()
        if pid is not None:
            _signal(pid, signal.SIGTERM)
            if not wait_until(lambda: self.find_pid() is None, seconds=STOP_SECONDS):
                _signal(pid, signal.SIGKILL)
                wait_until(lambda: self.find_pid() is None, seconds=STOP_SECONDS)
        self.pid_path.unlink(missing_ok=True)
        return pid is not None

    def _log(self, begins_at: int) -> str:
        """Return what was logged from a position on."""
        with self.log_path.open("rb") as file:
            file.seek(begins_at)
            return file.read().decode("utf-8", "replace")

    def _log_end(self, begins_at: int) -> str:
        return "\n".join(self._log(begins_at).splitlines()[-_LOG_LINES_SHOWN:])


def program_path(name: str) -> Path:
    """Return where a console script of this installation lies."""
    return Path(sys.executable).parent / name


def _signal(pid: int, number: int) -> None:
    """Send a signal to a process that may just have ended."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
