"""The console scripts as real processes, each in a data folder of its own, on free ports."""

import json
import os
import select
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hero_onboarding.bootstrap.detached import program_path

SERVER, ADMIN, COMMAND = "hero_onboarding_server", "hero_onboarding_admin", "hero_onboarding"
SECONDS_MAX = 60


@dataclass(frozen=True)
class Program:
    """A server that was started here and has said where it listens."""

    process: "subprocess.Popen[bytes]"
    origins: dict[str, str]
    environment: dict[str, str]

    def health(self, name: str = SERVER) -> Any:  # noqa: ANN401 - JSON
        return fetch(f"{self.origins[name]}/health")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(SECONDS_MAX)


def environment_of(folder: Path, **changes: str) -> dict[str, str]:
    """The environment of a program; nothing of ours comes from outside."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith("HERO_ONBOARDING_")}
    values = {
        "DATA_DIR": str(folder),
        "LISTEN": "127.0.0.1:0",
        "ADMIN_LISTEN": "127.0.0.1:0",
        "NODE_NAME": "node-a",
        "SOCKET_DIR": "off",  # tests that want one name a folder of their own
        **changes,
    }
    return plain | {f"HERO_ONBOARDING_{name}": value for name, value in values.items()}


def run(
    environment: Mapping[str, str], *words: str, seconds: float = SECONDS_MAX
) -> "subprocess.CompletedProcess[str]":
    """Run a console script to its end."""
    command = [str(program_path(words[0])), *words[1:]]
    return subprocess.run(
        command,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@contextmanager
def serving(
    environment: dict[str, str], *, program: str = SERVER, listeners: int = 2
) -> Iterator[Program]:
    """Start a program in the foreground, wait for its listeners, and stop it after the block."""
    log = Path(environment["HERO_ONBOARDING_DATA_DIR"]).with_suffix(".log")
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [str(program_path(program))],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            bufsize=0,
        )
    try:
        words = [line.split() for line in _read_lines(process, listeners, log)]
        yield Program(process, {line[0]: line[-1] for line in words}, environment)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(SECONDS_MAX)
        assert process.stdout is not None
        process.stdout.close()


def _read_lines(process: "subprocess.Popen[bytes]", count: int, log: Path) -> list[str]:
    assert process.stdout is not None
    ends_at, said = time.monotonic() + SECONDS_MAX, b""
    while said.count(b"\n") < count:
        left = max(0.0, ends_at - time.monotonic())
        ready, _, _ = select.select([process.stdout], [], [], left)
        more = process.stdout.read(65_536) if ready else b""
        assert more, f"it did not start: {said!r} {log.read_text()}"
        said += more
    return said.decode().splitlines()


def fetch(url: str) -> Any:  # noqa: ANN401 - JSON
    with urllib.request.urlopen(url, timeout=SECONDS_MAX) as response:
        return json.load(response)


def answers(url: str) -> bool:
    """Whether anything listens there."""
    try:
        urllib.request.urlopen(url, timeout=SECONDS_MAX).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def is_running(pid: int) -> bool:
    """Whether a process runs, not counting one that only waits to be asked for its exit code."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] != "Z"


def wait_for(is_so: Callable[[], bool]) -> bool:
    """Wait until something is so, for a bounded time."""
    ends_at = time.monotonic() + SECONDS_MAX
    while not is_so():
        if time.monotonic() > ends_at:
            return False
        select.select([], [], [], 0.05)
    return True
