"""No file within the cap ends or stalls the process that reads it.

Each file is read in a process of its own, so that a crash is a failed test and not the end of
the tests. Time and memory of each are printed: ``pytest -rP tests/otoml/test_limits.py``.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hero_onboarding.otoml import BYTES_MAX

SECONDS_MAX = 120
PROGRAM = """
import resource, sys, time
from hero_onboarding.otoml import FileRefusedError, decode_file

data = open(sys.argv[1], "rb").read()
begun = time.perf_counter()
try:
    read = decode_file(data)
    print(f"{len(read.records)} records, {read.refused_count} refused, {len(read.refused)} kept")
except FileRefusedError as error:
    print(f"{error.reason} in line {error.line}")
megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(f"{time.perf_counter() - begun:.2f} s, {megabytes} MB")
"""


def filled(start: str, part: str, end: str = "") -> str:
    """Repeat a part as often as the cap allows."""
    return start + part * ((BYTES_MAX - len(start) - len(end)) // len(part)) + end


def nested(start: str, left: str, right: str) -> str:
    """Open as often as can be closed."""
    depth = (BYTES_MAX - len(start) - 1) // (len(left) + len(right))
    return start + left * depth + "1" + right * depth


def numbered(start: str, pattern: str, count: int) -> str:
    return start + "".join(pattern.format(number) for number in range(count))


def deeper() -> str:
    return "".join(f"[[{'.'.join('a' * depth)}]]\n" for depth in range(1, 2800))


RECORD = (
    '[[records]]\nnode_id="n"\nuser_sid="u"\namount_cents=1\nresource_kind="c"\n'
    'idempotency_key="k"\noccurred_at="0"\n'
)
MILLION = "0 records, 1000000 refused, 1000 kept"
FILES: dict[str, tuple[Callable[[], str], str]] = {
    "brackets": (lambda: filled("", "["), "syntax in line 1"),
    "open arrays": (lambda: filled("a=", "["), "syntax in line 1"),
    "closed arrays": (lambda: nested("a=", "[", "]"), "syntax in line 1"),
    "open inline tables": (lambda: filled("a=", "{a="), "syntax in line 1"),
    "closed inline tables": (lambda: nested("a=", "{a=", "}"), "syntax in line 1"),
    "a dotted key": (lambda: filled("a", ".a", "=1"), "syntax in line 0"),
    "a dotted header": (lambda: filled("[a", ".a", "]"), "syntax in line 0"),
    "ever deeper headers": (deeper, "syntax in line 0"),
    "a long key": (lambda: filled("", "a", "=1"), "top_level in line 0"),
    "a string without an end": (lambda: filled('a="', "x"), "syntax in line 1"),
    "a long integer": (lambda: filled("a=", "9"), "syntax in line 1"),
    "a long hexadecimal integer": (lambda: filled("a=0x", "f"), "syntax in line 1"),
    "a long float": (lambda: filled("[[records]]\na=1.", "9"), "0 records, 1 refused, 1 kept"),
    "line feeds": (lambda: filled("", "\n"), "top_level in line 0"),
    "carriage returns": (lambda: filled("", "\r"), "syntax in line 1"),
    "many tables": (lambda: numbered("", "[t{}]\n", 700_000), "top_level in line 0"),
    "many keys": (
        lambda: numbered("[[records]]\n", "k{}=1\n", 700_000),
        "0 records, 1 refused, 1 kept",
    ),
    "quotes in a string": (
        lambda: filled('[[records]]\na="""', '"\n', '"""\n[[records]]'),
        "0 records, 2 refused, 2 kept",
    ),
    "escapes in a string": (
        lambda: filled('[[records]]\na="', "\\\\", '"\n[[records]]'),
        "0 records, 2 refused, 2 kept",
    ),
    "comments": (
        lambda: filled("[[records]]\n", "#[\n", "[[records]]"),
        "0 records, 2 refused, 2 kept",
    ),
    "headers": (lambda: filled("", "[[records]]\n"), "0 records, 699050 refused, 1000 kept"),
    "a million refused lines": (lambda: "records=[" + "{a=1},\n" * 1_000_000 + "]", MILLION),
    "empty inline tables": (
        lambda: filled("records=[", "{},", "]"),
        "0 records, 2796199 refused, 1000 kept",
    ),
    "one record again and again": (
        lambda: filled("", RECORD),
        "1 records, 0 refused, 0 kept",
    ),
}
# Of all that was tried, tables and arrays within a great many records cost the most.
WORST: list[tuple[Callable[[], str], str]] = [
    (
        lambda: filled("", "[[records]]\na=" + "[" * 50 + "]" * 50 + "\n"),
        "0 records, 72944 refused, 1000 kept",
    ),
    (
        lambda: filled("", "[[records]]\na.b.c.d.e.f.g=1\n"),
        "0 records, 299593 refused, 1000 kept",
    ),
]


def read(path: Path, text: str) -> str:
    """Read a file in a fresh process, print what that cost, and return what was found."""
    path.write_text(text, newline="")
    assert path.stat().st_size <= BYTES_MAX
    child = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)],
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert child.returncode == 0, (child.returncode, child.stderr[-1000:])
    found, cost = child.stdout.splitlines()
    print(cost)
    return found


@pytest.mark.parametrize(("make", "expected"), FILES.values(), ids=[*FILES])
def test_a_hostile_file_is_answered(make: Callable[[], str], expected: str, tmp_path: Path) -> None:
    assert read(tmp_path / "hostile.otoml", make()) == expected


@pytest.mark.slow
def test_the_worst_files_that_were_found_are_answered(tmp_path: Path) -> None:
    for make, expected in WORST:
        assert read(tmp_path / "hostile.otoml", make()) == expected
