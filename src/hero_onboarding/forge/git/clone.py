"""Our own bare copy of a remote: where fetched history is kept and read from."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pygit2

from hero_onboarding.forge.errors import ForgeAnswerError, ForgeUnavailableError

KEPT: Final = "refs/kept/"
REMOTE: Final = "refs/remotes/origin/"
FALLBACK_BRANCH: Final = "main"
_LOCK_PAUSE_SECONDS: Final = 0.01

_OWN_CLONE: Final = {
    "core.fsync": "all",
    "core.fsyncObjectFiles": "true",
    "core.logAllRefUpdates": "false",
    "gc.autoDetach": "false",
    "gc.pruneExpire": "2.weeks.ago",
}
_OWN_REMOTE: Final = {
    "core.fsync": "all",
    "gc.autoDetach": "false",
    "receive.fsckObjects": "true",
    "receive.denyDeletes": "true",
    "receive.denyNonFastForwards": "true",
}


@dataclass(frozen=True, slots=True)
class Clone:
    """A bare repository of our own that several threads and processes may share."""

    folder: Path
    lock_seconds: float

    @contextmanager
    def locked(self) -> Iterator[pygit2.Repository]:
        """Hold the clone alone, having made it if need be.

        The kernel frees the lock when its holder dies.

        Raises:
            ForgeUnavailableError: If another holder keeps it for too long, or the disk is full.
            ForgeAnswerError: If it is damaged.
        """
        with self.guarded():
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(f"{self.folder}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._wait_for(lock)
            with self.guarded():
                make_repository(self.folder, FALLBACK_BRANCH, _OWN_CLONE)
                yield self.open()
        finally:
            os.close(lock)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Translate what the disk does to us.

        Raises:
            ForgeUnavailableError: If the disk is full or the folder can't be used.
            ForgeAnswerError: If the clone is damaged.
        """
        try:
            yield
        except OSError as error:
            where = f"the clone {self.folder} can't be used: {error.strerror}"
            raise ForgeUnavailableError(
                f"{where}: check the disk and the folder's owner"
            ) from error
        except pygit2.GitError as error:
            where = f"the clone {self.folder} is damaged: {error}"
            raise ForgeAnswerError(f"{where}: remove the folder, it is made again") from error

    def open(self) -> pygit2.Repository:
        """Open the objects; a repository object belongs to one thread."""
        return pygit2.Repository(str(self.folder))

    def _wait_for(self, lock: int) -> None:
        ends_at = time.monotonic() + self.lock_seconds
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            if time.monotonic() > ends_at:
                raise ForgeUnavailableError(f"another task keeps {self.folder.name} busy")
            time.sleep(_LOCK_PAUSE_SECONDS)


def make_repository(folder: Path, branch: str, config: dict[str, str]) -> None:
    """Make a bare repository where there is none, in one step that can't be half done."""
    if (folder / "HEAD").exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        made = pygit2.init_repository(str(new), bare=True, initial_head=branch)
        for key, value in config.items():
            made.config[key] = value
        made.free()
        shutil.rmtree(new / "hooks", ignore_errors=True)
        with suppress(OSError):
            new.rename(folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def make_remote(folder: Path, branch: str | None) -> None:
    """Make the billing repository itself on this machine's disk, where there is none."""
    make_repository(folder, branch or FALLBACK_BRANCH, _OWN_REMOTE)


def head_branch_of(folder: Path) -> str | None:
    """Return the branch that a repository on disk begins with, even while it is empty."""
    try:
        target = (folder / "HEAD").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    prefix = "ref: refs/heads/"
    return target.removeprefix(prefix) if target.startswith(prefix) else None


def keep(repository: pygit2.Repository, branch: str, head: str) -> None:
    """Remember a head for good, so that history that is rewritten later can still be read."""
    repository.references.create(f"{KEPT}{head}", head, force=True)
    repository.references.create(f"{REMOTE}{branch}", head, force=True)


def is_kept(repository: pygit2.Repository, head: str) -> bool:
    """Whether a head and all that it needs are here."""
    return repository.references.get(f"{KEPT}{head}") is not None
