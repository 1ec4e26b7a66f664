"""The locks on a data folder and on a database file: one process owns an SQLite database."""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hero_onboarding.database.errors import DatabaseHeldError

FOLDER_LOCK: Final = "server.lock"


@contextmanager
def own_data_folder(folder: Path) -> Iterator[None]:
    """Own the folder for the time of the block; the kernel frees it when the process dies.

    Raises:
        DatabaseHeldError: If another process owns it, naming that process.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _own(folder / FOLDER_LOCK, "data folder"):
        yield


@contextmanager
def own_database_file(path: Path) -> Iterator[None]:
    """Own an SQLite file likewise, by a lock beside it: several folders may name one file.

    Raises:
        DatabaseHeldError: If another process owns it, naming that process.
    """
    # By its real name: a link is another name of the same file.
    real = path.resolve()
    with _own(real.with_name(f"{real.name}.lock"), "database", str(path)):
        yield


def find_owner(folder: Path) -> int | None:
    """Return the id of the process that owns a data folder, None when none can be seen to.

    The lock file may name a process that is gone and whose number another one has: it counts only
    when it holds the lock at this moment. Nothing is locked to find out.
    """
    path = folder / FOLDER_LOCK
    try:
        pid = int(path.read_text(encoding="utf-8").split()[1])
        lock = path.stat()
        numbers = list(Path(f"/proc/{pid}/fd").iterdir())
    except (OSError, ValueError, IndexError):
        return None
    return pid if any(_is_lock(number, lock) for number in numbers) else None


@contextmanager
def _own(path: Path, kind: str, name: str = "") -> Iterator[None]:
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise DatabaseHeldError(holder, kind, name) from None
        file.seek(0)
        file.truncate()
        file.write(f"process {os.getpid()} ({Path(sys.argv[0]).name})\n")
        file.flush()
        yield


def _is_lock(number: Path, lock: os.stat_result) -> bool:
    """Whether an open file of a process is this lock, and locked."""
    try:
        if not os.path.samestat(number.stat(), lock):
            return False
        told = (number.parent.parent / "fdinfo" / number.name).read_text(encoding="ascii")
    except (OSError, ValueError):
        return False
    return "FLOCK" in told
