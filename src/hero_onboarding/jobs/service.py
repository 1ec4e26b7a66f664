"""Enqueue in a transaction, claim what is due, mark done where the result is posted.

Due times are the product's own ``Clock``; leases and back-off are the database server's, so no
machine's clock can take a job away from another. Correctness rests on the epoch alone: ``complete``
fails for a worker whose job was taken over.
"""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, text, update

from hero_onboarding.database import Transaction
from hero_onboarding.jobs.domain import (
    ATTEMPTS_MAX,
    LEASE_SECONDS,
    ClaimedJob,
    Job,
    JobCounts,
    backoff_seconds,
)
from hero_onboarding.jobs.errors import LeaseLostError
from hero_onboarding.jobs.tables import jobs, schedule_slots

_MICROS: Final = 1_000_000
_CLAIMS_LOCK: Final = 4_773_002
_NO_WORD: Final = "the last worker that took it ended without a word"


def enqueue(tx: Transaction, job: Job) -> bool:
    """Add a job unless one of its kind and key is open; return whether it was added."""
    statement = tx.insert(jobs).on_conflict_do_nothing(
        index_elements=["kind", "key"], index_where=text("state IN ('waiting', 'running')")
    )
    row = tx.execute(
        statement.values(
            kind=job.kind,
            key=job.key,
            partition=job.partition,
            payload=dict(job.payload),
            state="waiting",
            due_at=job.due_at,
            not_before=0,
            lease_until=0,
            epoch=0,
            attempts=0,
            last_error="",
        ).returning(jobs.c.number)
    ).first()
    return row is not None


def is_unbegun(tx: Transaction, kind: str, key: str, due_by: datetime) -> bool:
    """Whether an open job of a kind and key is due by then and nobody has begun it yet."""
    return any(at <= due_by for _, at in list_unbegun(tx, kind, [key]))


def list_unbegun(tx: Transaction, kind: str, keys: Sequence[str]) -> Sequence[tuple[str, datetime]]:
    """List the open jobs of a kind and keys that nobody has begun yet, and when each is due.

    Whatever was so before this is asked is so when such a job begins: it need not be asked twice.
    """
    c = jobs.c
    query = select(c.key, c.due_at).where(
        c.kind == kind, c.key.in_(keys), c.state == "waiting", c.attempts == 0
    )
    return [(row.key, row.due_at) for row in tx.execute(query)] if keys else []


def claim_due(
    tx: Transaction,
    now: datetime,
    *,
    kinds: Sequence[str],
    limit: int,
    partition_limits: Mapping[str, int] | None = None,
) -> list[ClaimedJob]:
    """Take up to ``limit`` jobs that are due and whose lease nobody holds; commit before acting.

    A job that used up its attempts without anyone giving it back is dead instead.

    Args:
        tx: A transaction of its own.
        now: The present instant of the product's clock.
        kinds: Kinds this worker can do.
        limit: At most so many.
        partition_limits: How many jobs of a partition may run at once, where limited.
    """
    server = tx.server_micros()
    room = _room(tx, partition_limits or {}, server)
    full = sorted(partition for partition, places in room.items() if places <= 0)
    c = jobs.c
    due = [_is_free(server), c.kind.in_(kinds), c.due_at <= now]
    due += [c.partition.not_in(full)] if full else []
    chosen = _within_room(_list_due(tx, due, limit), room)
    if not chosen:
        return []
    statement = (
        update(jobs)
        .where(c.number.in_(chosen))
        .values(
            state="running",
            epoch=c.epoch + 1,
            attempts=c.attempts + 1,
            lease_until=server + LEASE_SECONDS * _MICROS,
        )
        .returning(c.number, c.kind, c.key, c.payload, c.attempts, c.epoch)
    )
    return sorted(
        (ClaimedJob(**row) for row in tx.execute(statement).mappings()), key=lambda job: job.number
    )


def complete(tx: Transaction, job: ClaimedJob) -> None:
    """Mark a job done, in the transaction that posts its result.

    Raises:
        LeaseLostError: If another worker took it over; the transaction must not commit.
    """
    _change(tx, job, state="done", lease_until=0, last_error="")


def give_back(tx: Transaction, job: ClaimedJob, error: str, chance: random.Random) -> bool:
    """Let a failed job wait and be tried again; return whether it will be.

    After twelve attempts it is dead and stays for an operator to see.

    Raises:
        LeaseLostError: If another worker took it over.
    """
    is_dead = job.attempts >= ATTEMPTS_MAX
    wait_micros = int(backoff_seconds(job.attempts, chance) * _MICROS)
    _change(
        tx,
        job,
        state="dead" if is_dead else "waiting",
        lease_until=0,
        not_before=tx.server_micros() + wait_micros,
        last_error=error[:1000],
    )
    return not is_dead


def end_all_leases(tx: Transaction) -> None:
    """Free the jobs of workers that are certainly gone.

    Only for the process that has just taken the lock of an SQLite database.
    """
    tx.execute(update(jobs).where(jobs.c.state == "running").values(state="waiting", lease_until=0))


def elect_slot(tx: Transaction, action: str, slot: int, now: datetime) -> bool:
    """Try to be the one that runs an action for a slot of time; return whether this one is.

    A slot is the number of whole intervals since 1970. It is given out once for ever.
    """
    statement = tx.insert(schedule_slots).on_conflict_do_nothing()
    row = tx.execute(
        statement.values(action=action, slot=slot, elected_at=now).returning(schedule_slots.c.slot)
    ).first()
    return row is not None


def newest_slot(tx: Transaction, action: str) -> int | None:
    """Return the newest slot of an action that was given out."""
    query = select(func.max(schedule_slots.c.slot)).where(schedule_slots.c.action == action)
    return tx.execute(query).scalar()


def count_jobs(tx: Transaction) -> JobCounts:
    """Count jobs by state."""
    query = select(jobs.c.state, func.count().label("jobs")).group_by(jobs.c.state)
    counts = {row.state: int(row.jobs) for row in tx.execute(query)}
    return JobCounts(*(counts.get(state, 0) for state in ("waiting", "running", "done", "dead")))


def _change(tx: Transaction, job: ClaimedJob, **values: object) -> None:
    c = jobs.c
    result = tx.execute(
        update(jobs)
        .where(c.number == job.number, c.epoch == job.epoch, c.state == "running")
        .values(**values)
    )
    if not result.rowcount:
        raise LeaseLostError(job.kind, job.key)


def _is_free(server: int) -> ColumnElement[bool]:
    """Say of which jobs nobody holds the lease and no back-off is left."""
    c = jobs.c
    return or_(
        and_(c.state == "waiting", c.not_before <= server),
        and_(c.state == "running", c.lease_until <= server),
    )


def _list_due(
    tx: Transaction, due: Sequence[ColumnElement[bool]], limit: int
) -> Sequence[Row[Any]]:
    """List the first jobs of which something is so and hold them; those that are worn out die."""
    c = jobs.c
    query = select(c.number, c.partition, c.attempts).where(*due).order_by(c.due_at, c.number)
    query = query.limit(limit).with_for_update(skip_locked=True)
    rows = tx.execute(query).all()
    while worn := [row.number for row in rows if row.attempts >= ATTEMPTS_MAX]:
        _bury(tx, worn)
        rows = tx.execute(query).all()
    return rows


def _bury(tx: Transaction, numbers: Sequence[int]) -> None:
    """Give up free jobs that used up their attempts: each ended the worker that tried it."""
    dead = update(jobs).where(jobs.c.number.in_(numbers))
    tx.execute(dead.values(state="dead", lease_until=0, last_error=_NO_WORD))


def _room(tx: Transaction, limits: Mapping[str, int], server: int) -> dict[str, int]:
    """Say how many more jobs of each limited partition may run.

    On PostgreSQL nobody else may claim with limits until this transaction ends: two that count
    the running jobs at once would both find room for the last one.
    """
    if not limits:
        return {}
    if tx.is_postgresql:
        tx.execute(select(func.pg_advisory_xact_lock(_CLAIMS_LOCK)))
    c = jobs.c
    query = (
        select(c.partition, func.count().label("jobs"))
        .where(c.state == "running", c.lease_until > server, c.partition.in_(limits))
        .group_by(c.partition)
    )
    running = {row.partition: int(row.jobs) for row in tx.execute(query)}
    return {partition: limit - running.get(partition, 0) for partition, limit in limits.items()}


def _within_room(rows: Sequence[Row[Any]], room: Mapping[str, int]) -> list[int]:
    """Choose as many jobs of each partition as there is room for, in their order."""
    left = dict(room)
    chosen = []
    for row in rows:
        if left.get(row.partition, 1) <= 0:
            continue
        if row.partition in left:
            left[row.partition] -= 1
        chosen.append(row.number)
    return chosen
