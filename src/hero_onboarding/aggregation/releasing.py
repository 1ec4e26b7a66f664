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
    batch = accepted_store.next_batch(tx, bucket)
    some = quarantine_store.list_waiting(tx, bucket, after=after, limit=RECORDS_TOGETHER)
    if not some:
        return some, 0
    candidates = [_candidate(row, place) for place, row in enumerate(some)]
    sids = [candidate.record.user_sid for candidate in candidates]
    situation = read_situation(tx, bucket, sids, now)
    accepted, waiting = sort_out(candidates, situation)
    released = [one for one in accepted if _release(tx, some[one.index], now)]
    if released:
        files = [(one, some[one.index].source.file_number) for one in released]
        accepted_store.insert_accepted(tx, bucket, files, batch)
    for one in waiting:
        row = some[one.candidate.index]
        quarantine_store.change_reason(tx, row.number, one.reason, one.detail)
    return some, len(released)


def _release(tx: Transaction, row: Quarantined, now: datetime) -> bool:
    """Take a row out of quarantine and keep that decision as a fact."""
    if not quarantine_store.release(tx, row.number):
        return False
    assert row.key is not None, row
    content = {"digest": row.digest.hex(), "path": row.source.path}
    fact = Fact(FactKind.RELEASE, row.source.bucket.node_id, row.key, content, now)
    record_fact(tx, fact, now)
    return True


def _candidate(row: Quarantined, place: int) -> Candidate:
    """Read the record that was kept whole."""
    assert row.content is not None, row
    content: dict[str, Any] = dict(row.content)
    fields = {**content.pop("extras"), **content}
    return Candidate(read_usage_record(fields), row.digest, place)
