"""Record usage once per node and key, and say who may charge whom."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from hero_onboarding.database import Transaction
from hero_onboarding.otoml import encoded_size
from hero_onboarding.usage import store
from hero_onboarding.usage.domain import Bucket, ChargeRight, Intake, Outcome
from hero_onboarding.usage.errors import RightNotFoundError, WrongRightError
from hero_onboarding.usage.store import JournalRow, Place
from hero_onboarding_schema import INT64_MAX, UsageRecord, normalised_digest

_CAP_MICROS_MAX: Final = 10**16
_NODE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_SID: Final = re.compile(r"[a-z0-9_-]{1,64}")


def record_usage(tx: Transaction, records: Sequence[UsageRecord], intake: Intake) -> list[Outcome]:
    """Record usage and say of each record, in order, what became of it.

    The first copy of a key counts, in the database or among the records; what comes later is a
    duplicate or a conflict and changes nothing. Repeating the call is safe.
    """
    rows = [_row(record) for record in records]
    if not rows:
        return []
    sizes = store.lock_buckets(tx, sorted({row.bucket for row in rows}))
    digests = store.find_digests(tx, list({row.place: None for row in rows}))
    fitting = _fitting(rows, digests, sizes, intake)
    lost = _create(tx, list(fitting.values()))
    if lost:
        digests |= store.find_digests(tx, sorted(lost))
    created = {place: row for place, row in fitting.items() if place not in lost}
    return [_outcome(row, created.get(row.place), digests.get(row.place)) for row in rows]


def _row(record: UsageRecord) -> JournalRow:
    place = (record.node_id, record.idempotency_key)
    bucket = Bucket(record.node_id, record.occurred_at.hour)
    return JournalRow(record, place, bucket, normalised_digest(record), encoded_size(record))


def _fitting(
    rows: Sequence[JournalRow],
    digests: dict[Place, bytes],
    sizes: dict[Bucket, int],
    intake: Intake,
) -> dict[Place, JournalRow]:
    """Choose the first copy of each new key that its bucket has room for, in the order they came.

    Each record's size counts the empty line before it, which the first of a file has not.
    """
    fitting: dict[Place, JournalRow] = {}
    for row in rows:
        if row.place in digests or row.place in fitting:
            continue
        size = sizes[row.bucket] + row.size
        if size - 1 <= intake.bucket_bytes_max:
            sizes[row.bucket] = size
            fitting[row.place] = row
    return fitting


def _create(tx: Transaction, fitting: list[JournalRow]) -> set[Place]:
    """Write new rows and mark their buckets; return the places that others took meanwhile."""
    if not fitting:
        return set()
    lost = store.insert_new(tx, fitting)
    grown: dict[Bucket, tuple[int, int]] = {}
    for row in fitting:
        if row.place not in lost:
            records, size = grown.get(row.bucket, (0, 0))
            grown[row.bucket] = (records + 1, size + row.size)
    store.grow_buckets(tx, grown)
    return lost


def _outcome(row: JournalRow, created: JournalRow | None, found: bytes | None) -> Outcome:
    """Say what became of a row, given the row that was created and the digest that was found."""
    if created is row:
        return Outcome.CREATED
    first = found if created is None else created.digest
    if first is None:
        return Outcome.BUCKET_FULL
    return Outcome.DUPLICATE if first == row.digest else Outcome.CONFLICT


def give_right(tx: Transaction, right: ChargeRight, now: datetime) -> ChargeRight:
    """Let a node charge a user from now on.

    Raises:
        WrongRightError: If node, user or cap have another form.
    """
    if right.node_id is not None and _NODE.fullmatch(right.node_id) is None:
        raise WrongRightError("node_id must be [a-z0-9][a-z0-9-]{0,62}, or absent for any node")
    if right.user_sid is not None and _SID.fullmatch(right.user_sid) is None:
        raise WrongRightError("user_sid must be 1 to 64 of [a-z0-9_-], or absent for any user")
    cap = right.micros_per_hour
    if cap is not None and not 0 <= cap <= _CAP_MICROS_MAX:
        raise WrongRightError(f"micros_per_hour must be from 0 to {_CAP_MICROS_MAX}, or absent")
    number = store.insert_right(tx, right, now)
    return ChargeRight(right.node_id, right.user_sid, cap, number)


def take_right(tx: Transaction, number: int) -> None:
    """Take a right back; what was charged under it stays charged.

    Raises:
        RightNotFoundError: If no right has this number.
    """
    if number > INT64_MAX or not store.delete_right(tx, number):
        raise RightNotFoundError(str(number))
