"""Many workers at once, as threads and as processes: every job and every slot has one taker."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from hero_onboarding.database import Database
from hero_onboarding.jobs import Job, claim_due, complete, elect_slot, enqueue
from hero_onboarding.jobs.tables import jobs

NOW = datetime(2026, 3, 1, 11, tzinfo=UTC)
WORKER = """
import sys
from datetime import UTC, datetime
from hero_onboarding.database import open_database
from hero_onboarding.jobs import claim_due, complete, elect_slot

now = datetime(2026, 3, 1, 11, tzinfo=UTC)
database = open_database(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for slot in range(20):
    with database.transaction() as tx:
        if elect_slot(tx, "cron", slot, now):
            print("slot", slot)
while True:
    with database.transaction() as tx:
        claimed = claim_due(tx, now, kinds=["push"], limit=5)
    if not claimed:
        break
    for job in claimed:
        with database.transaction() as tx:
            complete(tx, job)
        print("job", job.key)
database.close()
"""


def add(database: Database, count: int, *, partition: str = "") -> None:
    with database.transaction() as tx:
        for number in range(count):
            assert enqueue(tx, Job("push", f"k{number}", NOW, partition=partition))


def together(count: int, work: Callable[[], None]) -> None:
    """Run the same in many threads that start at once; hand on what they raise."""
    ready, failures = threading.Barrier(count, timeout=30), []

    def run() -> None:
        ready.wait()
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - handed on below
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert failures == []


def test_threads_share_the_work_and_none_is_done_twice(database: Database) -> None:
    add(database, 60)
    done: list[str] = []

    def work() -> None:
        while True:
            with database.transaction() as tx:
                claimed = claim_due(tx, NOW, kinds=["push"], limit=4)
            if not claimed:
                return
            for job in claimed:
                with database.transaction() as tx:
                    complete(tx, job)
                done.append(job.key)

    together(6, work)

    assert Counter(done) == Counter(f"k{number}" for number in range(60))


def test_processes_share_the_work_and_the_slots(database: Database) -> None:
    add(database, 60)
    url = database.writer.url.render_as_string(hide_password=False)
    url = url.replace("postgresql+psycopg:", "postgresql:")
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    lines: list[str] = []
    try:
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("go\n")
            worker.stdin.flush()
        for worker in workers:
            output, _ = worker.communicate(timeout=60)
            assert worker.returncode == 0
            lines += output.splitlines()
    finally:
        for worker in workers:
            worker.kill()
            worker.wait(20)

    expected = [f"job k{number}" for number in range(60)] + [f"slot {slot}" for slot in range(20)]
    assert Counter(lines) == Counter(expected)


def test_two_threads_never_win_the_same_slot(database: Database) -> None:
    won: list[int] = []

    def work() -> None:
        for slot in range(15):
            with database.transaction() as tx:
                if elect_slot(tx, "cron", slot, NOW):
                    won.append(slot)

    together(4, work)

    assert sorted(won) == list(range(15))


def test_a_partitions_limit_holds_for_all_workers_together(database: Database) -> None:
    add(database, 40, partition="stripe")
    claimed: list[int] = []

    def work() -> None:
        for _ in range(3):
            with database.transaction() as tx:
                limits = {"stripe": 2}
                some = claim_due(tx, NOW, kinds=["push"], limit=3, partition_limits=limits)
            claimed.extend(job.number for job in some)

    together(8, work)

    assert len(claimed) == 2
    with database.transaction() as tx:
        tx.execute(update(jobs).values(lease_until=0))
    together(8, work)
    assert len(claimed) == 4


def test_a_worker_skips_what_another_is_just_claiming(database: Database) -> None:
    if not database.is_postgresql:
        pytest.skip("SQLite has one writer")
    add(database, 6)
    keys: list[str] = []

    def work() -> None:
        with database.transaction() as tx:
            keys.extend(job.key for job in claim_due(tx, NOW, kinds=["push"], limit=3))

    with database.transaction() as tx:
        first = [job.key for job in claim_due(tx, NOW, kinds=["push"], limit=3)]
        other = threading.Thread(target=work)
        other.start()
        other.join(20)
        assert not other.is_alive()

    assert sorted(first + keys) == [f"k{number}" for number in range(6)]
