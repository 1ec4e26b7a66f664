"""A place for files that nobody needs after the test: in memory, if there is room."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

MEMORY: Final = Path("/dev/shm")
BYTES_MIN: Final = 2**31


@contextmanager
def folder(otherwise: Path) -> Iterator[Path]:
    """Give a folder in memory for the time of the block, or another one where there is none."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < BYTES_MIN:
        yield otherwise
        return
    made = MEMORY / f"hero-tests-{uuid.uuid4().hex[:12]}"
    made.mkdir(0o700)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
