"""Many processes, each with many connections, spend from the same wallets at once."""

import itertools
import json
import os
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

from hero_onboarding.database import open_database
from tests.conftest import NewUrl
from tests.fakes.clock import FakeClock
from tests.support.spend_process import AMOUNT_MAX, TURNS
from tests.wallet.people import People

ROOT = Path(__file__).parents[2]
PROCESSES = 4
START = 60_000


def test_processes_at_once_never_spend_more_than_is_available(
    engine: str, new_database_url: NewUrl
) -> None:
    url = new_database_url(engine)
    with closing(open_database(url)) as database:
        people = People(database, FakeClock())
        people.open("ada", START)
        people.open("bob", START)

        done = spend_at_once(url)

        assert done["new of all"] == 2 * TURNS, "a repeat was taken for new, or the first was lost"
        assert done["refused"] > 0, "the money was not contested"
        ada, bob = people.wallet("ada"), people.wallet("bob")
        assert ada.net - ada.held == ada.available == START + done["ada"] + TURNS
        assert bob.net - bob.held == bob.available == START + done["bob"] - TURNS
        assert min(ada.available, bob.available) < AMOUNT_MAX
        for sid in ("ada", "bob"):
            movements = people.statement(sid, size=50)
            assert min(movement.balance_after for movement in movements) >= 0
            for newer, older in itertools.pairwise(movements):
                assert newer.sequence == older.sequence + 1
                assert newer.balance_after == older.balance_after + newer.amount
        people.assert_books()


def spend_at_once(url: str) -> Counter[str]:
    """Start processes, let all go at the same moment, and add up what they did."""
    processes = [start(url, number) for number in range(PROCESSES)]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        done: Counter[str] = Counter()
        for process in processes:
            said, _ = process.communicate(timeout=60)
            assert process.returncode == 0, "a deadlock, or a wait that was too long"
            done.update(json.loads(said))
    finally:
        for process in processes:
            process.kill()
            process.wait()
    return done


def start(url: str, number: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.spend_process", url, str(number)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
