"""A push reads the records of the buckets that changed, and no other row of the journal.

SQLite's work is counted in steps of its virtual machine, PostgreSQL's in rows that its own
statistics say were read from the table.
"""

import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, text

from hero_onboarding.database import Database, open_database
from hero_onboarding.usage import Bucket, store
from tests.conftest import NewUrl
from tests.fakes.clock import FakeClock
from tests.fakes.forge import FakeForge
from tests.support.world import AT, HOUR, World, a_record

OLD_ROWS, OLD_HOURS = 1_000_000, 100
NEW_ROWS = 500

pytestmark = pytest.mark.slow

FILL_JOURNAL = {
    "sqlite": """
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :rows)
        INSERT INTO usage_journal (node_id, hour, idempotency_key, user_sid, amount_cents,
          resource_kind, occurred_at)
        SELECT 'node-a', :hour - 1 - i % :hours, 'old-' || i, 'ada', 5, 'cpu',
          (:hour - 1 - i % :hours) * 3600 FROM n""",
    "postgresql": """
        INSERT INTO usage_journal (node_id, hour, idempotency_key, user_sid, amount_cents,
          resource_kind, occurred_at)
        SELECT 'node-a', :hour - 1 - i % :hours, 'old-' || i, 'ada', 5, 'cpu',
          (:hour - 1 - i % :hours)::bigint * 3600 FROM generate_series(0, :rows - 1) AS n(i)""",
}
FILL_BUCKETS = """
    INSERT INTO usage_buckets (node_id, hour, changes, pushed_changes, records, bytes)
    SELECT node_id, hour, 1, 1, count(*), 100 * count(*) FROM usage_journal GROUP BY node_id, hour
"""


def fill(database: Database, rows: int) -> None:
    """Put pushed records of a hundred earlier hours into the journal."""
    engine = "postgresql" if database.is_postgresql else "sqlite"
    with database.transaction() as tx:
        values = {"rows": rows, "hours": OLD_HOURS, "hour": HOUR}
        tx.execute(text(FILL_JOURNAL[engine]), values)
        tx.execute(text(FILL_BUCKETS))
    if database.is_postgresql:
        with database.transaction() as tx:
            tx.execute(text("ANALYZE usage_journal"))


def a_push(database: Database) -> None:
    world = World(database, FakeForge(), FakeClock())
    world.record([a_record(f"new-{n}", occurred_at=AT) for n in range(NEW_ROWS)])
    counts = world.push()
    assert (counts.buckets, counts.pushed, counts.records) == (1, 1, NEW_ROWS)


def rows_read_on_postgresql(url: str, work: Callable[[Database], None]) -> int:
    """Count the journal's rows that a piece of work reads, in connections of its own."""
    with psycopg.connect(url, autocommit=True) as watcher:
        before = journal_reads(watcher)
        database = open_database(url)
        try:
            work(database)
        finally:
            database.close()
        _wait_for_backends(watcher)
        return journal_reads(watcher) - before


def journal_reads(watcher: psycopg.Connection[Any]) -> int:
    """Ask how many of the journal's rows were ever read, by scan or by index."""
    watcher.execute("SELECT pg_stat_clear_snapshot()")
    row = watcher.execute(
        "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables"
        " WHERE relname = 'usage_journal'"
    ).fetchone()
    assert row is not None
    return int(row[0])


def _wait_for_backends(watcher: psycopg.Connection[Any]) -> None:
    """Wait until the other connections have ended: they hand their counts in when they do."""
    deadline = time.monotonic() + 20
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    while time.monotonic() < deadline:
        row = watcher.execute(query).fetchone()
        if row == (0,):
            return
        time.sleep(0.05)
    pytest.fail("connections stayed open")


@pytest.fixture
def sqlite_steps(new_database_url: NewUrl) -> Callable[[int], int]:
    """Give a function that counts the steps of one push beside so many old rows."""

    def count(old_rows: int) -> int:
        database = open_database(new_database_url("sqlite"))
        fill(database, old_rows)
        steps = 0

        def on_step() -> int:
            nonlocal steps
            steps += 1
            return 0

        event.listen(database.reader, "connect", lambda c, _: c.set_progress_handler(on_step, 1))
        try:
            a_push(database)
        finally:
            database.close()
        return steps

    return count


def test_on_sqlite_a_push_takes_as_many_steps_beside_a_million_rows(
    sqlite_steps: Callable[[int], int],
) -> None:
    few, many = sqlite_steps(1_000), sqlite_steps(OLD_ROWS)

    assert few >= NEW_ROWS, "the steps were not counted"
    assert many == few


def test_on_postgresql_a_push_reads_the_changed_rows_alone(new_database_url: NewUrl) -> None:
    url = new_database_url("postgresql")
    database = open_database(url)
    fill(database, OLD_ROWS)
    database.close()

    assert rows_read_on_postgresql(url, a_push) == NEW_ROWS


def test_a_read_without_the_index_would_be_noticed(new_database_url: NewUrl) -> None:
    """What the two tests above count does grow when more is read."""
    url = new_database_url("postgresql")
    database = open_database(url)
    fill(database, 10_000)
    with database.transaction() as tx:
        tx.execute(text("DROP INDEX ix_usage_journal_node_id_hour"))
    database.close()

    assert rows_read_on_postgresql(url, a_push) == 10_000 + NEW_ROWS


def test_on_sqlite_a_read_without_the_index_would_be_noticed(new_database_url: NewUrl) -> None:
    database = open_database(new_database_url("sqlite"))
    fill(database, 10_000)
    with database.transaction() as tx:
        tx.execute(text("DROP INDEX ix_usage_journal_node_id_hour"))
    steps = 0

    def on_step() -> int:
        nonlocal steps
        steps += 1
        return 0

    event.listen(database.reader, "connect", lambda c, _: c.set_progress_handler(on_step, 1))
    with database.reading() as tx:
        store.list_bucket_records(tx, Bucket("node-a", HOUR))
    database.close()

    assert steps > 10_000
