"""Single records with group commit over one commit each; batches over the driver's bulk insert."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import psycopg

from benchmarks.places import HOUR, Engine, records
from benchmarks.timing import Ratio, clock, compare
from hero_onboarding.database import Database
from hero_onboarding.usage import (
    Bucket,
    GroupCommit,
    Intake,
    Outcome,
    count_journal,
    record_usage,
)
from hero_onboarding.usage import store as usage_store
from hero_onboarding_schema import UsageRecord, normalised_digest, read_usage_record

SINGLES = 3_000
CALLERS = 64
BATCHES = 30
BATCH = 1_000

Guard = tuple[str, str, int, bytes]
Line = tuple[str, int, str, str, int, str, int]

GUARDS = "INSERT INTO usage_guard (node_id, idempotency_key, hour, digest) VALUES ({})"
COLUMNS = "(node_id, hour, idempotency_key, user_sid, amount_cents, resource_kind, occurred_at)"
JOURNAL = f"INSERT INTO usage_journal {COLUMNS} VALUES ({{}})"
COPY_GUARDS = "COPY usage_guard (node_id, idempotency_key, hour, digest) FROM STDIN"
COPY_JOURNAL = f"COPY usage_journal {COLUMNS} FROM STDIN"


def measure(name: str, engine: Engine) -> list[Ratio]:
    """Measure both ways of taking records in."""
    return [_singles(name, engine), *_batches(name, engine)]


def _singles(name: str, engine: Engine) -> Ratio:
    some = records(SINGLES)

    def grouped() -> float:
        with engine.database() as database:
            return clock(lambda: asyncio.run(_record_grouped(database, some)))

    def one_by_one() -> float:
        with engine.database() as database:
            return clock(lambda: _record_each(database, some))

    title = f"{name}: single records, group commit over one commit each"
    return compare(title, grouped, one_by_one, amount=SINGLES, aim=">= 2")


async def _record_grouped(database: Database, some: Sequence[UsageRecord]) -> None:
    """Record from 64 callers at once, each waiting for its answer before its next record."""

    def commit(batch: Sequence[UsageRecord]) -> Sequence[Outcome]:
        with database.transaction() as tx:
            return record_usage(tx, batch, Intake())

    group = GroupCommit(commit)
    group.start()

    async def caller(number: int) -> None:
        for record in some[number::CALLERS]:
            await group.record(record)

    await asyncio.gather(*(caller(number) for number in range(CALLERS)))
    group.stop()


def _record_each(database: Database, some: Sequence[UsageRecord]) -> None:
    for record in some:
        with database.transaction() as tx:
            record_usage(tx, [record], Intake())


def _batches(name: str, engine: Engine) -> list[Ratio]:
    some = records(BATCH * BATCHES)
    bodies = [_body(some[start : start + BATCH]) for start in range(0, len(some), BATCH)]

    def ours() -> float:
        with engine.database() as database:
            return clock(lambda: _record_bodies(database, bodies))

    prepared = [_prepare(some[start : start + BATCH]) for start in range(0, len(some), BATCH)]

    def driver() -> float:
        with engine.database() as database:
            return clock(lambda: _insert_prepared(database, prepared))

    def copied() -> float:
        with engine.database() as database:
            return clock(lambda: _copy_prepared(database, prepared))

    title = f"{name}: batches of 1,000 from JSON over executemany"
    found = [compare(title, ours, driver, amount=len(some), aim=">= 0.4")]
    if name == "postgresql":
        title = f"{name}: the same over COPY, for comparison"
        found.append(compare(title, ours, copied, amount=len(some), aim="none"))
    return found


def _body(some: Sequence[UsageRecord]) -> bytes:
    names = ("node_id", "user_sid", "amount_cents", "resource_kind", "idempotency_key")
    return msgspec.json.encode(
        [{**{n: getattr(r, n) for n in names}, "occurred_at": r.occurred_at.text} for r in some]
    )


def _record_bodies(database: Database, bodies: Sequence[bytes]) -> None:
    """Read, check and record, a commit for each body."""
    for body in bodies:
        batch = [read_usage_record(fields) for fields in msgspec.json.decode(body)]
        with database.transaction() as tx:
            record_usage(tx, batch, Intake())


def _prepare(some: Sequence[UsageRecord]) -> tuple[list[Guard], list[Line]]:
    ordered = sorted(some, key=lambda record: record.idempotency_key)
    guards = [(r.node_id, r.idempotency_key, HOUR, normalised_digest(r)) for r in ordered]
    lines = [
        (
            r.node_id,
            HOUR,
            r.idempotency_key,
            r.user_sid,
            r.amount_cents,
            r.resource_kind,
            int(r.occurred_at),
        )
        for r in ordered
    ]
    return guards, lines


def _insert_prepared(
    database: Database, prepared: Sequence[tuple[list[Guard], list[Line]]]
) -> None:
    """Insert the same rows into the same tables with nothing checked, a commit for each batch."""
    mark = "%s" if database.is_postgresql else "?"
    with database.transaction() as tx:
        usage_store.lock_buckets(tx, [Bucket("node-a", HOUR)])
    for guards, lines in prepared:
        with database.transaction() as tx:
            tx.run_driver_sql(GUARDS.format(", ".join([mark] * 4)), guards)
            tx.run_driver_sql(JOURNAL.format(", ".join([mark] * 7)), lines)
            usage_store.grow_buckets(tx, {Bucket("node-a", HOUR): (len(lines), 100 * len(lines))})
    with database.reading() as tx:
        assert count_journal(tx) == (BATCH * BATCHES, 1)


def _copy_prepared(database: Database, prepared: Sequence[tuple[list[Guard], list[Line]]]) -> None:
    """The same by PostgreSQL's COPY."""
    with database.transaction() as tx:
        usage_store.lock_buckets(tx, [Bucket("node-a", HOUR)])
    for guards, lines in prepared:
        with database.transaction() as tx:
            driver = tx.connection.connection.driver_connection
            assert isinstance(driver, psycopg.Connection)
            _copy(driver, COPY_GUARDS, guards)
            _copy(driver, COPY_JOURNAL, lines)
            usage_store.grow_buckets(tx, {Bucket("node-a", HOUR): (len(lines), 100 * len(lines))})
    with database.reading() as tx:
        assert count_journal(tx) == (BATCH * BATCHES, 1)


def _copy(driver: psycopg.Connection[Any], statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    with driver.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for row in rows:
            copy.write_row(row)
