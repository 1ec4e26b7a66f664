"""The lock on a data folder: one process owns an SQLite database."""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hero_onboarding.database.errors import DatabaseHeldError


@contextmanager
def own_data_folder(folder: Path) -> Iterator[None]:
    """Own the folder for the time of the block; the kernel frees it when the process dies.

    Raises:
        DatabaseHeldError: If another process owns it, naming that process.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "server.lock"
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise DatabaseHeldError(file.read().strip() or "another process") from None
        file.seek(0)
        file.truncate()
        file.write(f"process {os.getpid()} ({Path(sys.argv[0]).name})\n")
        file.flush()
        yield
