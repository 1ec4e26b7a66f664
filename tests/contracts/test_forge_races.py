"""Eight writers at once on one branch: everyone gets through and nothing is lost."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from hero_onboarding.forge import Forge, ForgeMovedError, ForgeUnavailableError
from hero_onboarding.forge.objects import blob_id
from tests.contracts.forge import Place, a_commit, changed, new

WRITERS = 8
ATTEMPTS = 200
COUNTER = "nodes/all/counter"

Work = Callable[[Forge, int], None]


def run_at_once(place: Place, work: Work) -> None:
    start = threading.Barrier(WRITERS)

    def one(number: int) -> None:
        forge = place.open()
        start.wait(20)
        work(forge, number)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(one, range(WRITERS)))


def insist(attempt: Callable[[], None], number: int) -> None:
    """Try as the product does: look, write, and after any doubt wait a little and look again."""
    chance = random.Random(number)
    for tried in range(ATTEMPTS):
        try:
            attempt()
        except (ForgeMovedError, ForgeUnavailableError):
            time.sleep(chance.uniform(0, min(0.5, 0.02 * 2**tried)))
        else:
            return
    pytest.fail(f"writer {number} did not get through")


def read_file(forge: Forge, path: str) -> bytes | None:
    treeish = forge.fetch_head()
    if treeish is None:
        return None
    for name in path.split("/"):
        found = {entry.name: entry.id for entry in forge.fetch_tree(treeish)}
        if name not in found:
            return None
        treeish = found[name]
    return forge.fetch_blobs([treeish], bytes_max=10_000)[treeish]


def test_writers_of_different_files_all_get_through(place: Place) -> None:
    def write(forge: Forge, number: int) -> None:
        files = [new(f"nodes/n{number}/{part}", b"%d" % number) for part in "ab"]

        def attempt() -> None:
            there = read_file(forge, f"nodes/n{number}/a"), read_file(forge, f"nodes/n{number}/b")
            missing = [file for file, one in zip(files, there, strict=True) if one is None]
            forge.push_files(missing, a_commit(who=f"n{number}"))

        insist(attempt, number)

    run_at_once(place, write)

    wanted = {f"nodes/n{n}/{part}": b"%d" % n for n in range(WRITERS) for part in "ab"}
    assert {path: place.files().get(path) for path in wanted} == wanted


def test_writers_of_one_file_lose_nothing_of_each_other(place: Place) -> None:
    def write(forge: Forge, number: int) -> None:
        line = b"%d\n" % number

        def attempt() -> None:
            before = read_file(forge, COUNTER)
            if before is None:
                forge.push_files([new(COUNTER, line)], a_commit())
            elif line not in before:
                merged = b"".join(sorted({*before.splitlines(keepends=True), line}))
                forge.push_files([changed(COUNTER, merged, before)], a_commit())

        insist(attempt, number)

    run_at_once(place, write)

    assert place.files()[COUNTER] == _lines(range(WRITERS))
    assert blob_id(place.files()[COUNTER]) == blob_id(_lines(range(WRITERS)))


def _lines(numbers: Sequence[int]) -> bytes:
    return b"".join(b"%d\n" % number for number in numbers)
