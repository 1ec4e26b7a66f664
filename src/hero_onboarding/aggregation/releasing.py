"""Release from quarantine: bill what waited once its reason is gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hero_onboarding.aggregation import accepted_store, quarantine_store
from hero_onboarding.aggregation.accepted_store import Candidate
from hero_onboarding.aggregation.apply_file import read_situation
from hero_onboarding.aggregation.checking import sort_out
from hero_onboarding.aggregation.domain import RECORDS_TOGETHER
from hero_onboarding.aggregation.quarantine_store import Quarantined
from hero_onboarding.database import Database, Transaction
from hero_onboarding.kernel.clock import Clock
from hero_onboarding.ledger import Fact, FactKind, record_fact
from hero_onboarding.usage import Bucket
from hero_onboarding_schema import read_usage_record


@dataclass(frozen=True, slots=True)
class ReleaseCounts:
    """What a retry of the quarantine did."""

    released: int
    waiting: int


def retry_quarantine(database: Database, clock: Clock) -> ReleaseCounts:
    """Try every waiting record again; repeating is safe."""
    with database.reading() as tx:
        buckets = quarantine_store.list_waiting_buckets(tx)
    released = waiting = 0
    for bucket in buckets:
        after = 0
        while True:
            with database.transaction() as tx:
                some, done = _retry_some(tx, bucket, after, clock.now())
            if not some:
                break
            released += done
            waiting += len(some) - done
            after = some[-1].number
    return ReleaseCounts(released, waiting)


def _retry_some(
    tx: Transaction, bucket: Bucket, after: int, now: datetime
) -> tuple[Sequence[Quarantined], int]:
    """Try the next waiting records of a bucket; return them and how many were released."""
    accepted_store.lock_hour(tx, bucket)
    some = quarantine_store.list_waiting(tx, bucket, after=after, limit=RECORDS_TOGETHER)
    if not some:
        return some, 0
    candidates = [_candidate(row, place) for place, row in enumerate(some)]
    sids = [candidate.record.user_sid for candidate in candidates]
    situation = read_situation(tx, bucket, sids, now)
    accepted, waiting = sort_out(candidates, situation)
    released = _release(tx, [(one, some[one.index]) for one in accepted], now)
    changed = [
        (row.number, one.reason, one.detail)
        for one in waiting
        if (row := some[one.candidate.index]).reason != one.reason or row.detail != one.detail
    ]
    quarantine_store.change_reasons(tx, changed)
    return some, released


def _release(tx: Transaction, some: Sequence[tuple[Candidate, Quarantined]], now: datetime) -> int:
    """Take rows out of quarantine and bill them, each with that decision as a fact.

    Returns how many were still there to be released.
    """
    numbers = quarantine_store.release(tx, [row.number for _, row in some])
    released = [(one, row) for one, row in some if row.number in numbers]
    if not released:
        return 0
    bucket = released[0][1].source.bucket
    for _, row in released:
        assert row.key is not None, row
        content = {"digest": row.digest.hex(), "path": row.source.path}
        fact = Fact(FactKind.RELEASE, bucket.node_id, row.key, content, now)
        record_fact(tx, fact, now)
    files = [(one, row.source.file_number) for one, row in released]
    accepted_store.insert_accepted(tx, bucket, files, accepted_store.next_batch(tx, bucket))
    return len(released)


def _candidate(row: Quarantined, place: int) -> Candidate:
    """Read the record that was kept whole."""
    assert row.content is not None, row
    content: dict[str, Any] = dict(row.content)
    fields = {**content.pop("extras"), **content}
    return Candidate(read_usage_record(fields), row.digest, place)
