"""Single records with group commit over one commit each; batches over the driver's bulk insert."""

import asyncio
from collections.abc import Sequence

import msgspec

from benchmarks.places import HOUR, Engine, records
from benchmarks.timing import Ratio, clock, compare
from hero_onboarding.database import Database, Transaction
from hero_onboarding.otoml import encoded_size
from hero_onboarding.usage import (
    Bucket,
    GroupCommit,
    Intake,
    Outcome,
    list_buckets,
    record_usage,
)
from hero_onboarding.usage import store as usage_store
from hero_onboarding_schema import UsageRecord, normalised_digest, read_usage_record

SINGLES = 3_000
CALLERS = 64
BATCHES = 30
BATCH = 1_000


def measure(name: str, engine: Engine) -> list[Ratio]:
    """Measure both ways of taking records in."""
    return [_singles(name, engine), _batches(name, engine)]


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


def _batches(name: str, engine: Engine) -> Ratio:
    some = records(BATCH * BATCHES)
    bodies = [_body(some[start : start + BATCH]) for start in range(0, len(some), BATCH)]

    def ours() -> float:
        with engine.database() as database:
            return clock(lambda: _record_bodies(database, bodies))

    def driver() -> float:
        prepared = [_prepare(some[start : start + BATCH]) for start in range(0, len(some), BATCH)]
        with engine.database() as database:
            return clock(lambda: _insert_prepared(database, prepared))

    title = f"{name}: batches of 1,000 from JSON over the driver's bulk insert"
    return compare(title, ours, driver, amount=len(some), aim=">= 0.4")


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


def _prepare(some: Sequence[UsageRecord]) -> list[usage_store.JournalRow]:
    rows = [usage_store.JournalRow(r, HOUR, normalised_digest(r)) for r in some]
    return sorted(rows, key=lambda row: row.place)


def _insert_prepared(database: Database, prepared: Sequence[list[usage_store.JournalRow]]) -> None:
    """Insert the same rows into the same tables with nothing checked, a commit for each batch."""
    with database.transaction() as tx:
        usage_store.lock_buckets(tx, [Bucket("node-a", HOUR)])
    for rows in prepared:
        with database.transaction() as tx:
            _insert_plain(tx, rows)
    with database.reading() as tx:
        assert len(list_buckets(tx, only_changed=True)) == 1


def _insert_plain(tx: Transaction, rows: list[usage_store.JournalRow]) -> None:
    usage_store.insert_guards(tx, rows)
    usage_store.insert_journal(tx, rows)
    size = encoded_size(rows[0].record) * len(rows)
    usage_store.grow_buckets(tx, {Bucket("node-a", HOUR): (len(rows), size)})
