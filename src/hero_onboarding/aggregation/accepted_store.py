"""Every query about claimed keys, accepted records, totals and deltas.

The hot ones are written in each driver's own SQL. The PostgreSQL forms carry all rows in one JSON
text, which the driver sends faster than arrays; the SQLite forms run once for each row inside the
one writing transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from sqlalchemy import func, select

from hero_onboarding.aggregation.tables import node_hours, usage_claims, usage_totals
from hero_onboarding.database import Transaction
from hero_onboarding.kernel.money import micros_from_cents
from hero_onboarding.usage import Bucket, pack_rest
from hero_onboarding_schema import UsageRecord


@dataclass(frozen=True, slots=True)
class Candidate:
    """A well-formed record of a file, with the digest of its content and its place there."""

    record: UsageRecord
    digest: bytes
    index: int

    @property
    def key(self) -> str:
        """Its idempotency key."""
        return self.record.idempotency_key

    @property
    def amount_micros(self) -> int:
        """Its charge in micro-dollars."""
        return micros_from_cents(self.record.amount_cents)


_FIND_CLAIMS: Final = {
    False: "SELECT c.idempotency_key, c.digest, c.file_number FROM json_each(?) AS j"
    " CROSS JOIN usage_claims AS c ON c.node_id = ? AND c.idempotency_key = j.value",
    True: "SELECT c.idempotency_key, c.digest, c.file_number"
    " FROM json_array_elements_text(%s::json) AS j(key)"
    " JOIN usage_claims AS c ON c.node_id = %s AND c.idempotency_key = j.key",
}
_INSERT_CLAIM: Final = (
    "INSERT INTO usage_claims (node_id, idempotency_key, digest, file_number) VALUES (?, ?, ?, ?)"
)
_INSERT_CLAIMS: Final = """
WITH sent AS MATERIALIZED (
  SELECT * FROM json_to_recordset(%(sent)s::json) AS j(k text, d text)
), claimed AS (
  INSERT INTO usage_claims (node_id, idempotency_key, digest, file_number)
  SELECT %(node)s, k, decode(d, 'hex'), %(file)s FROM sent
  ON CONFLICT DO NOTHING RETURNING idempotency_key
)
SELECT k FROM sent WHERE NOT EXISTS (SELECT FROM claimed WHERE idempotency_key = k)
"""
_INSERT_RECORD: Final = (
    "INSERT INTO usage_records (idempotency_key, user_sid, resource_kind, amount_cents,"
    " occurred_at, rest, file_number, node_id, hour, batch) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_RECORDS: Final = """
INSERT INTO usage_records (idempotency_key, user_sid, resource_kind, amount_cents,
  occurred_at, rest, file_number, node_id, hour, batch)
SELECT k, s, r, a, o, x, f, %(node)s, %(hour)s, %(batch)s
FROM json_to_recordset(%(sent)s::json)
  AS j(k text, s text, r text, a bigint, o bigint, x text, f bigint)
"""


class _Sent(msgspec.Struct, frozen=True):
    """A record on its way to PostgreSQL, its fields named as in ``_INSERT_RECORDS``."""

    k: str
    s: str
    r: str
    a: int
    o: int
    x: str | None
    f: int


def find_claims(tx: Transaction, node_id: str, keys: Sequence[str]) -> dict[str, tuple[bytes, int]]:
    """Return digest and file of those of a node's keys that are claimed."""
    packed = msgspec.json.encode(keys).decode()
    rows = tx.fetch_driver_sql(_FIND_CLAIMS[tx.is_postgresql], (packed, node_id))
    return {key: (bytes(digest), int(file)) for key, digest, file in rows}


def insert_claims(
    tx: Transaction, node_id: str, candidates: Sequence[Candidate], file_number: int
) -> set[str]:
    """Claim keys for a node and return those that others claimed meanwhile.

    On SQLite nobody can: the transaction has been the only writer since it looked.
    """
    ordered = sorted(candidates, key=lambda candidate: candidate.key)
    if not ordered:
        return set()
    if not tx.is_postgresql:
        values = [(node_id, c.key, c.digest, file_number) for c in ordered]
        tx.run_driver_sql(_INSERT_CLAIM, values)
        return set()
    sent = msgspec.json.encode([{"k": c.key, "d": c.digest.hex()} for c in ordered]).decode()
    parameters = {"sent": sent, "node": node_id, "file": file_number}
    return {row[0] for row in tx.fetch_driver_sql(_INSERT_CLAIMS, parameters)}


def list_claimed_keys(tx: Transaction, file_number: int) -> set[str]:
    """Return the keys that were first seen in a file."""
    query = select(usage_claims.c.idempotency_key).where(usage_claims.c.file_number == file_number)
    return set(tx.execute(query).scalars())


def has_claims(tx: Transaction, file_number: int) -> bool:
    """Whether any key was first seen in a file."""
    query = select(usage_claims.c.node_id).where(usage_claims.c.file_number == file_number)
    return tx.execute(query.limit(1)).first() is not None


def lock_hour(tx: Transaction, bucket: Bucket) -> None:
    """Hold the row of a node's hour, so that nobody else adds to it."""
    c = node_hours.c
    query = select(c.batch).where(c.node_id == bucket.node_id, c.hour == bucket.hour)
    tx.execute(query.with_for_update())


def next_batch(tx: Transaction, bucket: Bucket) -> int:
    """Take the next batch number of a node's hour; its row stays locked."""
    c = node_hours.c
    new = {"node_id": bucket.node_id, "hour": bucket.hour, "batch": 1, "verified_batch": 0}
    insert = tx.insert(node_hours).values(new)
    statement = insert.on_conflict_do_update(
        index_elements=["node_id", "hour"], set_={"batch": c.batch + 1}
    )
    return int(tx.execute(statement.returning(c.batch)).scalar_one())


def used_micros(tx: Transaction, bucket: Bucket, sids: Iterable[str]) -> dict[str, int]:
    """Return what a node has charged each of some users for an hour, in micro-dollars."""
    c = usage_totals.c
    query = (
        select(c.user_sid, func.sum(c.amount_micros).label("used"))
        .where(c.node_id == bucket.node_id, c.hour == bucket.hour)
        .where(c.user_sid.in_(sorted(set(sids))))
        .group_by(c.user_sid)
    )
    return {row.user_sid: int(row.used) for row in tx.execute(query)}


def insert_accepted(
    tx: Transaction,
    bucket: Bucket,
    accepted: Sequence[tuple[Candidate, int]],
    batch: int,
) -> None:
    """Write accepted records, with their file's number, and add them to totals and deltas."""
    rows = [_sent(candidate, file_number) for candidate, file_number in accepted]
    if tx.is_postgresql:
        sent = msgspec.json.encode(rows).decode()
        common = {"node": bucket.node_id, "hour": bucket.hour, "batch": batch}
        tx.run_driver_sql(_INSERT_RECORDS, {"sent": sent, **common})
    else:
        values = [
            (*msgspec.structs.astuple(row), bucket.node_id, bucket.hour, batch) for row in rows
        ]
        tx.run_driver_sql(_INSERT_RECORD, values)
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for candidate, _ in accepted:
        place = (candidate.record.user_sid, candidate.record.resource_kind)
        amount, records = sums.get(place, (0, 0))
        sums[place] = (amount + candidate.amount_micros, records + 1)
    _add_sums(tx, bucket, sums, batch)


def _sent(candidate: Candidate, file_number: int) -> _Sent:
    record = candidate.record
    return _Sent(
        record.idempotency_key,
        record.user_sid,
        record.resource_kind,
        record.amount_cents,
        int(record.occurred_at),
        pack_rest(record),
        file_number,
    )


_ADD_TOTALS: Final = (
    "INSERT INTO usage_totals (user_sid, resource_kind, amount_micros, records, node_id, hour)"
    " {} ON CONFLICT (node_id, hour, user_sid, resource_kind) DO UPDATE"
    " SET amount_micros = usage_totals.amount_micros + excluded.amount_micros,"
    " records = usage_totals.records + excluded.records"
)
_ADD_DELTAS: Final = (
    "INSERT INTO usage_deltas"
    " (user_sid, resource_kind, amount_micros, records, node_id, hour, batch) {}"
)
_SUMS_SENT: Final = (
    "FROM json_to_recordset(%(sent)s::json) AS j(s text, r text, a bigint, c bigint)"
)


def _add_sums(
    tx: Transaction, bucket: Bucket, sums: Mapping[tuple[str, str], tuple[int, int]], batch: int
) -> None:
    """Add a batch's sums by user and kind to the totals, and open a delta for each."""
    rows = [(sid, kind, amount, records) for (sid, kind), (amount, records) in sorted(sums.items())]
    if not tx.is_postgresql:
        totals = [(*row, bucket.node_id, bucket.hour) for row in rows]
        tx.run_driver_sql(_ADD_TOTALS.format("VALUES (?, ?, ?, ?, ?, ?)"), totals)
        deltas = [(*row, batch) for row in totals]
        tx.run_driver_sql(_ADD_DELTAS.format("VALUES (?, ?, ?, ?, ?, ?, ?)"), deltas)
        return
    sent = msgspec.json.encode([dict(zip("srac", row, strict=True)) for row in rows]).decode()
    place = {"sent": sent, "node": bucket.node_id, "hour": bucket.hour}
    chosen = "SELECT s, r, a, c, %(node)s, %(hour)s"
    tx.run_driver_sql(_ADD_TOTALS.format(f"{chosen} {_SUMS_SENT}"), place)
    chosen += ", %(batch)s"
    tx.run_driver_sql(_ADD_DELTAS.format(f"{chosen} {_SUMS_SENT}"), {**place, "batch": batch})
