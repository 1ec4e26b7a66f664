"""The golden files and the table that describes them."""

import re
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"
NAME = "usage_2026-03-01-10.otoml"
ROW = re.compile(r"^\| `([^`]+)` \| (\d+) \| `([0-9a-f]{40})` \|", re.MULTILINE)


def golden(path: str) -> bytes:
    """Read a golden file; a bare folder means the bucket file in it."""
    found = GOLDEN / path
    return (found / NAME if found.is_dir() else found).read_bytes()


def rows(text: str) -> list[tuple[str, int, str]]:
    """Read file, size and blob id from a table of vectors."""
    return [(path, int(size), blob) for path, size, blob in ROW.findall(text)]
