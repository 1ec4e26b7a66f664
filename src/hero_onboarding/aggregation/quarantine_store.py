"""Every query about what is not billed, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select, text, update

from hero_onboarding.aggregation.domain import Reason
from hero_onboarding.aggregation.tables import quarantine
from hero_onboarding.database import Transaction
from hero_onboarding.kernel.paging import PAGE_ITEMS, Page, page_of, read_cursor
from hero_onboarding.usage import Bucket

_IS_WAITING = text("state = 'waiting'")


@dataclass(frozen=True, slots=True)
class Source:
    """Where in which repository something was read."""

    repository: str
    head: str
    path: str
    blob_id: str
    bucket: Bucket
    file_number: int


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One thing that is not billed; ``content`` is the whole record while it waits."""

    source: Source
    line: int
    key: str | None
    digest: bytes
    reason: Reason
    detail: str
    content: Mapping[str, Any] | None = None
    first_seen: datetime | None = None
    number: int = 0


def insert_quarantined(tx: Transaction, rows: Sequence[Quarantined], now: datetime) -> int:
    """Insert what is not there yet and return how many that were."""
    if not rows:
        return 0
    insert = tx.insert(quarantine).on_conflict_do_nothing()
    new = tx.execute(insert.returning(quarantine.c.number), [_values(row, now) for row in rows])
    return len(new.all())


def list_quarantine(
    tx: Transaction, cursor: str | None, *, size: int = PAGE_ITEMS
) -> Page[Quarantined]:
    """List what is in quarantine now, newest first; what was released is not.

    Raises:
        WrongCursorError: If the cursor is none of an earlier page.
    """
    c = quarantine.c
    query = select(quarantine).where(c.state != "released").order_by(c.number.desc())
    before = read_cursor(cursor)
    if before is not None:
        query = query.where(c.number < before)
    rows = [_quarantined(row) for row in tx.execute(query.limit(size + 1))]
    return page_of(rows, lambda row: row.number, size=size)


def count_quarantine(tx: Transaction) -> dict[str, int]:
    """Count what is in quarantine by reason; what was released is not."""
    c = quarantine.c
    query = (
        select(c.reason, func.count().label("rows")).where(c.state != "released").group_by(c.reason)
    )
    return {row.reason: int(row.rows) for row in tx.execute(query)}


def list_waiting_buckets(tx: Transaction) -> list[Bucket]:
    """List the buckets that have records waiting, in order."""
    c = quarantine.c
    query = select(c.node_id, c.hour).where(_IS_WAITING).distinct().order_by(c.node_id, c.hour)
    return [Bucket(row.node_id, row.hour) for row in tx.execute(query)]


def list_waiting(tx: Transaction, bucket: Bucket, *, after: int, limit: int) -> list[Quarantined]:
    """List waiting records of a bucket in the order they came."""
    c = quarantine.c
    query = (
        select(quarantine)
        .where(_IS_WAITING, c.node_id == bucket.node_id, c.hour == bucket.hour)
        .where(c.number > after)
        .order_by(c.number)
        .limit(limit)
    )
    return [_quarantined(row) for row in tx.execute(query)]


def release(tx: Transaction, numbers: Sequence[int]) -> set[int]:
    """Take records out of quarantine; return the numbers of those that were waiting."""
    c = quarantine.c
    statement = update(quarantine).where(c.number.in_(numbers), _IS_WAITING)
    return set(tx.execute(statement.values(state="released").returning(c.number)).scalars())


def change_reasons(tx: Transaction, changed: Sequence[tuple[int, Reason, str]]) -> None:
    """Write why records wait now."""
    if not changed:
        return
    c = quarantine.c
    statement = (
        update(quarantine)
        .where(c.number == bindparam("row"), _IS_WAITING)
        .values(reason=bindparam("why"), detail=bindparam("words"))
    )
    tx.execute(statement, [{"row": n, "why": r, "words": d} for n, r, d in changed])


def _values(row: Quarantined, now: datetime) -> dict[str, Any]:
    source = row.source
    is_waiting = row.reason.is_retriable
    return {
        "repository": source.repository,
        "head": source.head,
        "path": source.path,
        "blob_id": source.blob_id,
        "line": row.line,
        "node_id": source.bucket.node_id,
        "hour": source.bucket.hour,
        "idempotency_key": row.key,
        "digest": row.digest,
        "reason": row.reason,
        "detail": row.detail,
        "retriable": is_waiting,
        "state": "waiting" if is_waiting else "refused",
        "content": None if row.content is None else dict(row.content),
        "file_number": source.file_number,
        "first_seen": now,
    }


def _quarantined(row: Row[Any]) -> Quarantined:
    bucket = Bucket(row.node_id, row.hour)
    return Quarantined(
        source=Source(
            row.repository, row.head, row.path, row.blob_id, bucket, int(row.file_number)
        ),
        line=row.line,
        key=row.idempotency_key,
        digest=bytes(row.digest),
        reason=Reason(row.reason),
        detail=row.detail,
        content=row.content,
        first_seen=row.first_seen,
        number=row.number,
    )
