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
    firsts: dict[Place, JournalRow] = {}
    for row in rows:
        firsts.setdefault(row.place, row)
    sizes = store.lock_buckets(tx, sorted({row.bucket for row in firsts.values()}))
    digests = store.find_digests(tx, sorted(firsts))
    fitting = _fitting(firsts, digests, sizes, intake)
    lost = _create(tx, fitting)
    if lost:
        digests |= store.find_digests(tx, sorted(lost))
    created = {row.place for row in fitting} - lost
    return _outcomes(rows, firsts, created, digests)


def _row(record: UsageRecord) -> JournalRow:
    place = (record.node_id, record.idempotency_key)
    bucket = Bucket(record.node_id, record.occurred_at.hour)
    return JournalRow(record, place, bucket, normalised_digest(record), encoded_size(record))


def _fitting(
    firsts: dict[Place, JournalRow],
    digests: dict[Place, bytes],
    sizes: dict[Bucket, int],
    intake: Intake,
) -> list[JournalRow]:
    """Choose the new rows that their buckets have room for, in the order they came."""
    fitting = []
    for place, row in firsts.items():
        if place in digests:
            continue
        size = sizes[row.bucket] + row.size
        if size <= intake.bucket_bytes_max:
            sizes[row.bucket] = size
            fitting.append(row)
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


def _outcomes(
    rows: list[JournalRow],
    firsts: dict[Place, JournalRow],
    created: set[Place],
    digests: dict[Place, bytes],
) -> list[Outcome]:
    """Say what became of each row, from what is in the database now."""
    outcomes = []
    for row in rows:
        place = row.place
        if place in created:
            first = firsts[place]
            if first is row:
                outcomes.append(Outcome.CREATED)
                continue
            earlier: bytes | None = first.digest
        else:
            earlier = digests.get(place)
        if earlier is None:
            outcomes.append(Outcome.BUCKET_FULL)
        else:
            outcomes.append(Outcome.DUPLICATE if earlier == row.digest else Outcome.CONFLICT)
    return outcomes


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
