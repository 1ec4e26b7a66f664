"""Every query of the journal; the hot ones in each driver's own SQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Row, delete, func, or_, select, update

from hero_onboarding.database import Transaction
from hero_onboarding.usage.domain import Bucket, ChangedBucket, ChargeRight
from hero_onboarding.usage.tables import charge_rights, usage_buckets, usage_journal
from hero_onboarding_schema import OPTIONAL_FIELDS, OTime, UsageRecord

Place = tuple[str, str]
"""A node and a key."""


class JournalRow(NamedTuple):
    """A record with what its rows need; ``size`` is what it adds to its bucket's file."""

    record: UsageRecord
    place: Place
    bucket: Bucket
    digest: bytes
    size: int


_FIND_GUARDS: Final = {
    False: "SELECT g.node_id, g.idempotency_key, g.digest FROM json_each(?) AS j"
    " CROSS JOIN usage_guard AS g ON g.node_id = json_extract(j.value, '$[0]')"
    " AND g.idempotency_key = json_extract(j.value, '$[1]')",
    True: "SELECT g.node_id, g.idempotency_key, g.digest"
    " FROM json_array_elements(%s::json) AS j(place)"
    " JOIN usage_guard AS g ON g.node_id = j.place->>0 AND g.idempotency_key = j.place->>1",
}
_LOCK_BUCKETS: Final = {
    False: "SELECT b.node_id, b.hour, b.bytes FROM json_each(?) AS j"
    " CROSS JOIN usage_buckets AS b ON b.node_id = json_extract(j.value, '$[0]')"
    " AND b.hour = json_extract(j.value, '$[1]')",
    True: "SELECT b.node_id, b.hour, b.bytes FROM json_array_elements(%s::json) AS j(place)"
    " JOIN usage_buckets AS b ON b.node_id = j.place->>0 AND b.hour = (j.place->>1)::int"
    " ORDER BY b.node_id, b.hour FOR UPDATE OF b",
}
_GROW_BUCKET: Final = (
    "UPDATE usage_buckets SET changes = changes + 1, records = records + ?, bytes = bytes + ?"
    " WHERE node_id = ? AND hour = ?"
)
_GROW_BUCKETS: Final = """
UPDATE usage_buckets AS b
SET changes = b.changes + 1, records = b.records + j.r, bytes = b.bytes + j.s
FROM json_to_recordset(%s::json) AS j(r bigint, s bigint, n text, h int)
WHERE b.node_id = j.n AND b.hour = j.h
"""
_INSERT_GUARD: Final = (
    "INSERT INTO usage_guard (node_id, idempotency_key, hour, digest) VALUES (?, ?, ?, ?)"
)
_INSERT_JOURNAL: Final = (
    "INSERT INTO usage_journal (node_id, idempotency_key, hour, user_sid, amount_cents,"
    " resource_kind, occurred_at, rest) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_NEW: Final = """
WITH sent AS MATERIALIZED (
  SELECT * FROM json_to_recordset(%s::json) AS j(
    n text, k text, h int, d text, s text, a bigint, r text, o bigint, x text)
), claimed AS (
  INSERT INTO usage_guard (node_id, idempotency_key, hour, digest)
  SELECT n, k, h, decode(d, 'hex') FROM sent
  ON CONFLICT DO NOTHING RETURNING node_id, idempotency_key
), written AS (
  INSERT INTO usage_journal
    (node_id, idempotency_key, hour, user_sid, amount_cents, resource_kind, occurred_at, rest)
  SELECT n, k, h, s, a, r, o, x
  FROM sent JOIN claimed ON node_id = n AND idempotency_key = k
)
SELECT n, k FROM sent
WHERE NOT EXISTS (SELECT FROM claimed WHERE node_id = n AND idempotency_key = k)
"""

_PLACE: Final = attrgetter("place")


def lock_buckets(tx: Transaction, buckets: Sequence[Bucket]) -> dict[Bucket, int]:
    """Hold the rows of buckets, made where missing, and return the bytes they have.

    They are locked in the given order, which is sorted, so that writers queue up.
    """
    insert = tx.insert(usage_buckets).on_conflict_do_nothing()
    zero = {"changes": 0, "pushed_changes": 0, "records": 0, "bytes": 0}
    tx.execute(insert, [{"node_id": b.node_id, "hour": b.hour, **zero} for b in buckets])
    packed = msgspec.json.encode(buckets).decode()
    rows = tx.fetch_driver_sql(_LOCK_BUCKETS[tx.is_postgresql], (packed,))
    return {Bucket(node, int(hour)): int(size) for node, hour, size in rows}


def find_digests(tx: Transaction, places: Sequence[Place]) -> dict[Place, bytes]:
    """Return the digests of the records that are there already."""
    packed = msgspec.json.encode(places).decode()
    rows = tx.fetch_driver_sql(_FIND_GUARDS[tx.is_postgresql], (packed,))
    return {(node, key): bytes(digest) for node, key, digest in rows}


def insert_new(tx: Transaction, rows: Sequence[JournalRow]) -> set[Place]:
    """Claim the keys of rows and write what was claimed; return those that others had claimed.

    On SQLite nobody can: the transaction has been the only writer since it looked.
    """
    ordered = sorted(rows, key=_PLACE)
    if not tx.is_postgresql:
        guards = [(*row.place, row.bucket.hour, row.digest) for row in ordered]
        tx.run_driver_sql(_INSERT_GUARD, guards)
        journal = [(*row.place, row.bucket.hour, *_payload(row.record)) for row in ordered]
        tx.run_driver_sql(_INSERT_JOURNAL, journal)
        return set()
    sent = [_sent(row) for row in ordered]
    packed = msgspec.json.encode(sent).decode()
    return {(node, key) for node, key in tx.fetch_driver_sql(_INSERT_NEW, (packed,))}


def grow_buckets(tx: Transaction, grown: Mapping[Bucket, tuple[int, int]]) -> None:
    """Mark buckets as changed and add to their records and bytes; their rows are locked."""
    rows = [(*grown[bucket], *bucket) for bucket in sorted(grown)]
    if not rows:
        return
    if not tx.is_postgresql:
        tx.run_driver_sql(_GROW_BUCKET, rows)
        return
    sent = msgspec.json.encode([dict(zip("rsnh", row, strict=True)) for row in rows]).decode()
    tx.run_driver_sql(_GROW_BUCKETS, (sent,))


def list_buckets(tx: Transaction, *, only_changed: bool) -> list[ChangedBucket]:
    """List buckets in order of node and hour."""
    c = usage_buckets.c
    query = select(c.node_id, c.hour, c.changes, c.bytes).order_by(c.node_id, c.hour)
    query = query.where(c.changes > (c.pushed_changes if only_changed else 0))
    return [
        ChangedBucket(Bucket(row.node_id, row.hour), row.changes, row.bytes)
        for row in tx.execute(query)
    ]


def list_bucket_records(tx: Transaction, bucket: Bucket) -> list[UsageRecord]:
    """Read the records of one bucket, and of no other."""
    c = usage_journal.c
    query = select(usage_journal).where(c.node_id == bucket.node_id, c.hour == bucket.hour)
    return [_record(row) for row in tx.execute(query)]


def mark_pushed(tx: Transaction, seen: ChangedBucket, *, size: int, now: datetime) -> None:
    """Clear a bucket's mark up to the changes that were seen before its records were read.

    ``size`` is that of the bucket's file, so that the cap holds for what others added too.
    """
    c = usage_buckets.c
    tx.execute(
        update(usage_buckets)
        .where(c.node_id == seen.bucket.node_id, c.hour == seen.bucket.hour)
        .where(c.pushed_changes < seen.changes)
        .values(pushed_changes=seen.changes, pushed_at=now)
    )
    raise_size(tx, seen.bucket, size)


def raise_size(tx: Transaction, bucket: Bucket, size: int) -> None:
    """Remember that a bucket's file has, or would have, ``size`` bytes.

    What is kept is the sum of its records' sizes, which is one more (``encoded_size``).
    """
    c = usage_buckets.c
    tx.execute(
        update(usage_buckets)
        .where(c.node_id == bucket.node_id, c.hour == bucket.hour, c.bytes <= size)
        .values(bytes=size + 1)
    )


def insert_right(tx: Transaction, right: ChargeRight, now: datetime) -> int:
    """Insert a right to charge and return its number."""
    statement = charge_rights.insert().values(
        node_id=right.node_id,
        user_sid=right.user_sid,
        micros_per_hour=right.micros_per_hour,
        created_at=now,
    )
    return int(tx.execute(statement.returning(charge_rights.c.number)).scalar_one())


def delete_right(tx: Transaction, number: int) -> bool:
    """Delete a right; return whether there was one."""
    result = tx.execute(delete(charge_rights).where(charge_rights.c.number == number))
    return bool(result.rowcount)


def list_rights(tx: Transaction) -> list[ChargeRight]:
    """List all rights to charge in the order they were given."""
    c = charge_rights.c
    query = select(c.node_id, c.user_sid, c.micros_per_hour, c.number).order_by(c.number)
    return [ChargeRight(**row) for row in tx.execute(query).mappings()]


def find_rights(tx: Transaction, node_id: str, user_sids: Sequence[str]) -> list[ChargeRight]:
    """Find the rights that speak of a node and any of some users."""
    c = charge_rights.c
    query = (
        select(c.node_id, c.user_sid, c.micros_per_hour, c.number)
        .where(or_(c.node_id == node_id, c.node_id.is_(None)))
        .where(or_(c.user_sid.in_(sorted(set(user_sids))), c.user_sid.is_(None)))
    )
    return [ChargeRight(**row) for row in tx.execute(query).mappings()]


def count_journal(tx: Transaction) -> tuple[int, int]:
    """Count the records and the buckets of the journal."""
    c = usage_buckets.c
    row = tx.execute(
        select(func.coalesce(func.sum(c.records), 0).label("records"), func.count().label("all"))
    ).one()
    return int(row.records), int(row.all)


class _Sent(msgspec.Struct, frozen=True):
    """A row on its way to PostgreSQL, its fields named as in ``_INSERT_NEW``."""

    n: str
    k: str
    h: int
    d: str
    s: str
    a: int
    r: str
    o: int
    x: str | None


def _sent(row: JournalRow) -> _Sent:
    (node_id, key), hour = row.place, row.bucket.hour
    sid, cents, kind, occurred_at, rest = _payload(row.record)
    return _Sent(node_id, key, hour, row.digest.hex(), sid, cents, kind, occurred_at, rest)


def _payload(record: UsageRecord) -> tuple[str, int, str, int, str | None]:
    return (
        record.user_sid,
        record.amount_cents,
        record.resource_kind,
        int(record.occurred_at),
        pack_rest(record),
    )


def pack_rest(record: UsageRecord) -> str | None:
    """Pack the optional fields and the unknown keys that a record has."""
    if record.is_bare:
        return None
    named = {
        name: value for name in OPTIONAL_FIELDS if (value := getattr(record, name)) is not None
    }
    times = {name: int(named[name]) for name in ("begins_at", "ends_at") if name in named}
    return msgspec.json.encode([{**named, **times}, record.extras]).decode()


def _record(row: Row[Any]) -> UsageRecord:
    named, extras = unpack_rest(row.rest)
    return UsageRecord(
        node_id=row.node_id,
        user_sid=row.user_sid,
        amount_cents=row.amount_cents,
        resource_kind=row.resource_kind,
        idempotency_key=row.idempotency_key,
        occurred_at=OTime(row.occurred_at),
        extras=extras,
        **named,
    )


def unpack_rest(rest: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Unpack what ``pack_rest`` packed: optional fields, and unknown keys."""
    if rest is None:
        return {}, {}
    named, extras = msgspec.json.decode(rest)
    named.update({n: OTime(named[n]) for n in ("begins_at", "ends_at") if n in named})
    return named, extras
