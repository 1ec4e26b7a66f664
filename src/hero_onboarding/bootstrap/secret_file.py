"""Files that hold one secret, for their owner only, and that several processes make at once."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path


def read_secret_file(path: Path) -> str | None:
    """Return a file's secret; what is missing, empty or can't stand in a header is none."""
    try:
        return _read(path.read_bytes())
    except OSError:
        return None


def settle_secret_file(path: Path, settle: Callable[[str | None], str]) -> str:
    """Let ``settle`` keep or replace a file's secret, alone among processes, and return it.

    What is new is on disk with mode 0600 when this returns; what is kept is not touched.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        found = _read(file.read())
        settled = settle(found)
        if settled != found:
            path.chmod(0o600)
            file.seek(0)
            file.truncate()
            file.write(f"{settled}\n".encode())
            file.flush()
            os.fsync(file.fileno())
    return settled


def _read(content: bytes) -> str | None:
    text = content.decode("ascii", "replace").strip()
    return text if text.isascii() and text.isprintable() and text else None
