"""How fast this disk is right now."""

import os
import tempfile
import time

SECONDS = 1.0


def fsync_rate() -> float:
    """Append 4 KiB and flush, again and again for a second; return flushes a second."""
    with tempfile.NamedTemporaryFile(dir=".") as file:
        block = b"\0" * 4096
        count = 0
        begun = time.perf_counter()
        while (elapsed := time.perf_counter() - begun) < SECONDS:
            os.write(file.fileno(), block)
            os.fdatasync(file.fileno())
            count += 1
    return count / elapsed
