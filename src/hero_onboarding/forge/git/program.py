"""Run the git program: bounded in time and output, deaf to the machine's own configuration."""

import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from hero_onboarding.forge.errors import ForgeRefusedError, ForgeUnavailableError
from hero_onboarding.kernel.boundary import require_no_transaction
from hero_onboarding.outbound.tracing import AFTER_CALL, BEFORE_CALL, Trace

OUTPUT_BYTES_MAX: Final = 256 * 1024
_CHUNK_BYTES: Final = 64 * 1024
_SSH: Final = "ssh -o BatchMode=yes -o ConnectTimeout=10 -o StrictHostKeyChecking=yes"


@dataclass(frozen=True, slots=True)
class GitResult:
    """How git ended and the beginning of what it said."""

    exit_code: int
    output: str
    said: str


@dataclass(frozen=True, slots=True)
class GitProgram:
    """The git program with the configuration that is given to every process.

    ``config`` travels in the environment, never in the arguments, since it may hold a token.
    ``environment`` holds what else a process needs, such as ``SSH_AUTH_SOCK``.
    """

    path: Path
    config: Mapping[str, str] = field(repr=False)
    trace: Trace
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, folder: Path, words: Sequence[str], *, timeout_seconds: float) -> GitResult:
        """Run git in a folder and return what came of it, success or not.

        Raises:
            ForgeUnavailableError: If it can't be started or did not end in time; its process
                group is killed then.
        """
        require_no_transaction(f"git {words[0]}")
        self.trace(BEFORE_CALL)
        with self._start(folder, words) as process:
            try:
                output, said = _read_both(process, time.monotonic() + timeout_seconds)
            except TimeoutError:
                limit = f"{timeout_seconds:g} s"
                raise ForgeUnavailableError(f"git {words[0]} took over {limit}") from None
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
        self.trace(AFTER_CALL)
        return GitResult(process.returncode, _text(output), _text(said))

    def _start(self, folder: Path, words: Sequence[str]) -> "subprocess.Popen[bytes]":
        """Start git as the head of a process group of its own."""
        try:
            return subprocess.Popen(  # noqa: S603 - no shell, and every word is our own or checked
                [str(self.path), "-C", str(folder), *words],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise ForgeUnavailableError(f"git can't be started: {error.strerror}") from error

    def _environment(self) -> dict[str, str]:
        """Compose an environment from nothing, so that no variable of ours leaks in."""
        settings = {
            **dict(self.environment),
            "PATH": f"{self.path.parent}:/usr/local/bin:/usr/bin:/bin",
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_SSH_COMMAND": _SSH,
            "GIT_CONFIG_COUNT": str(len(self.config)),
        }
        settings.setdefault("HOME", os.devnull)
        for number, (key, value) in enumerate(self.config.items()):
            settings[f"GIT_CONFIG_KEY_{number}"] = key
            settings[f"GIT_CONFIG_VALUE_{number}"] = value
        return settings


def find_program() -> Path | None:
    """Return where git is installed, None where it is not."""
    found = shutil.which("git")
    return None if found is None else Path(found)


def get_program() -> Path:
    """Return where git is installed.

    Raises:
        ForgeRefusedError: If it is not.
    """
    found = find_program()
    if found is None:
        raise ForgeRefusedError("the git program is not installed on this machine")
    return found


def _read_both(process: "subprocess.Popen[bytes]", ends_at: float) -> tuple[bytes, bytes]:
    """Read both outputs to their ends, keeping only the beginning of each."""
    assert process.stdout is not None, process
    assert process.stderr is not None, process
    kept: dict[IO[bytes], bytearray] = {process.stdout: bytearray(), process.stderr: bytearray()}
    with selectors.DefaultSelector() as selector:
        for stream in kept:
            selector.register(stream, selectors.EVENT_READ, stream)
        while selector.get_map():
            ready = selector.select(max(0, ends_at - time.monotonic()))
            if not ready:
                raise TimeoutError
            for key, _ in ready:
                _read_some(selector, key.data, kept[key.data])
    try:
        process.wait(max(0, ends_at - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    return bytes(kept[process.stdout]), bytes(kept[process.stderr])


def _read_some(selector: selectors.BaseSelector, stream: IO[bytes], kept: bytearray) -> None:
    part = os.read(stream.fileno(), _CHUNK_BYTES)
    if not part:
        selector.unregister(stream)
    kept += part[: OUTPUT_BYTES_MAX - len(kept)]


def _text(output: bytes) -> str:
    return output.decode(errors="replace")
