"""One process owns a data folder; the kernel frees it when that process dies, however it dies."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hero_onboarding.database import (
    DatabaseHeldError,
    find_owner,
    own_data_folder,
    own_database_file,
)
from hero_onboarding.kernel.errors import UnavailableError

OWN = """
import sys
from pathlib import Path
from hero_onboarding.database import own_data_folder

with own_data_folder(Path(sys.argv[1])):
    print("owned", flush=True)
    sys.stdin.read()
"""
TRY = """
import sys
from pathlib import Path
from hero_onboarding.database import DatabaseHeldError, own_data_folder

try:
    with own_data_folder(Path(sys.argv[1])):
        print("owned")
except DatabaseHeldError as error:
    print(error)
    sys.exit(3)
"""


@contextmanager
def owner(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a process that owns a folder until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", OWN, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "owned\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_second_owner_is_told_who_the_first_is(tmp_path: Path) -> None:
    with (
        owner(tmp_path) as process,
        pytest.raises(DatabaseHeldError) as caught,
        own_data_folder(tmp_path),
    ):
        pytest.fail("the folder has two owners")

    assert isinstance(caught.value, UnavailableError)
    assert f"process {process.pid} " in caught.value.holder
    assert str(process.pid) in str(caught.value)


def test_a_second_process_is_told_the_same(tmp_path: Path) -> None:
    with own_data_folder(tmp_path):
        second = subprocess.run(
            [sys.executable, "-c", TRY, str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    assert second.returncode == 3
    assert f"in use by process {os.getpid()} " in second.stdout


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_owner_leaves_the_folder_free(tmp_path: Path, end: signal.Signals) -> None:
    with owner(tmp_path) as process:
        process.send_signal(end)
        process.wait(20)

        with own_data_folder(tmp_path):
            line = (tmp_path / "server.lock").read_text(encoding="utf-8")

    assert line.startswith(f"process {os.getpid()} ")
    assert line.count("\n") == 1


def test_a_folder_is_free_again_after_the_block(tmp_path: Path) -> None:
    for _ in range(3):
        with own_data_folder(tmp_path), pytest.raises(DatabaseHeldError), own_data_folder(tmp_path):
            pytest.fail("the folder has two owners")


def test_a_new_folder_is_nobody_elses_to_read(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "hero"

    with own_data_folder(folder):
        assert folder.stat().st_mode & 0o077 == 0


def test_the_owner_of_a_folder_is_who_holds_the_lock(tmp_path: Path) -> None:
    with owner(tmp_path) as process:
        assert find_owner(tmp_path) == process.pid
    process.wait(20)

    assert find_owner(tmp_path) is None
    with own_data_folder(tmp_path):
        assert find_owner(tmp_path) == os.getpid()
    assert find_owner(tmp_path) is None


@pytest.mark.parametrize(
    "text", ["process {} (x)\n", "process one (x)", "", "\udcff", "process -1"]
)
def test_a_process_that_the_file_only_names_owns_nothing(text: str, tmp_path: Path) -> None:
    (tmp_path / "server.lock").write_text(text.format(os.getpid()), errors="surrogateescape")

    with (tmp_path / "server.lock").open(encoding="utf-8", errors="replace") as file:
        assert file.read() is not None
        assert find_owner(tmp_path) is None
    assert find_owner(tmp_path / "none") is None


def test_the_owner_of_one_folder_owns_no_other(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    second.mkdir()
    with own_data_folder(first):
        (second / "server.lock").write_bytes((first / "server.lock").read_bytes())

        assert find_owner(second) is None


def test_looking_for_an_owner_never_stands_in_its_way(tmp_path: Path) -> None:
    for _ in range(20):
        assert find_owner(tmp_path) is None
        with own_data_folder(tmp_path):
            assert find_owner(tmp_path) == os.getpid()


def test_a_database_file_has_one_owner_under_all_its_names(tmp_path: Path) -> None:
    path, link = tmp_path / "hero.sqlite", tmp_path / "link.sqlite"
    path.write_bytes(b"")
    link.symlink_to(path)

    with own_database_file(path):
        for name in (path, link):
            with pytest.raises(DatabaseHeldError) as caught, own_database_file(name):
                pytest.fail("the file has two owners")
            assert str(caught.value).startswith(f"the database {name} is in use by process ")
    with own_database_file(link):
        assert path.read_bytes() == b""


def test_files_beside_each_other_have_owners_of_their_own(tmp_path: Path) -> None:
    with own_database_file(tmp_path / "a.sqlite"), own_database_file(tmp_path / "b.sqlite"):
        assert {path.name for path in tmp_path.iterdir()} == {"a.sqlite.lock", "b.sqlite.lock"}
