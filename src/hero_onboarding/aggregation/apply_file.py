"""Stage A, one file: take its records in, at most 5,000 in a transaction, each exactly once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hero_onboarding.aggregation import accepted_store, quarantine_store
from hero_onboarding.aggregation.accepted_store import Candidate
from hero_onboarding.aggregation.checking import Situation, Waiting, refusal_of, sort_out
from hero_onboarding.aggregation.domain import (
    RECORDS_TOGETHER,
    REFUSALS_KEPT_MAX,
    PassCounts,
    Reason,
)
from hero_onboarding.aggregation.lease import RepositoryLease, keep_lease
from hero_onboarding.aggregation.plan_bucket import record_evidence
from hero_onboarding.aggregation.quarantine_store import Quarantined, Source
from hero_onboarding.aggregation.repository_store import store_blob
from hero_onboarding.database import Database, Transaction
from hero_onboarding.identity import find_existing
from hero_onboarding.incidents import Incident, IncidentKind, open_incident
from hero_onboarding.kernel.clock import Clock
from hero_onboarding.otoml import DecodedFile, FileRefusedError, decode_file
from hero_onboarding.usage import Bucket, list_rights
from hero_onboarding_schema import UsageRecord, normalised_digest

VANISHED_KEYS_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file's records after the checks that need no database."""

    candidates: tuple[Candidate, ...] = ()
    refused: tuple[Quarantined, ...] = ()
    contradictions: tuple[UsageRecord, ...] = ()
    present: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FileApplier:
    """Takes files of one repository in, under one lease."""

    database: Database
    clock: Clock
    lease: RepositoryLease
    counts: PassCounts
    bytes_max: int

    def apply(self, source: Source, data: bytes, previous_blob: str) -> None:
        """Take in the bytes of one file and remember its blob id with the last of them.

        Raises:
            RepositoryTakenOverError: If another worker took the repository over.
        """
        try:
            decoded = decode_file(data, bytes_max=self.bytes_max)
        except FileRefusedError as error:
            self.refuse(source, error.line, f"{error.reason}: {error.detail}", previous_blob)
            return
        content = _sift(source, decoded)
        some = content.candidates
        for start in range(0, len(some), RECORDS_TOGETHER):
            with self.database.transaction() as tx:
                keep_lease(tx, self.lease)
                waiting = self._take_in(tx, source, some[start : start + RECORDS_TOGETHER])
                rows = [_waiting_row(source, decoded, one) for one in waiting]
                new = quarantine_store.insert_quarantined(tx, rows, self.clock.now())
            self.counts.records_quarantined += new
        self._finish(source, content, previous_blob)

    def refuse(self, source: Source, line: int, detail: str, previous_blob: str) -> None:
        """Put a whole file into quarantine; it is done until its bytes change."""
        digest = bytes.fromhex(source.blob_id)[:16]
        row = Quarantined(source, line, None, digest, Reason.FILE_REFUSED, detail)
        self._finish(source, FileContent(refused=(row,)), previous_blob)

    def _take_in(self, tx: Transaction, source: Source, some: Sequence[Candidate]) -> list[Waiting]:
        """Claim, check and bill some records of a bucket; return those that have to wait."""
        now = self.clock.now()
        bucket = source.bucket
        batch = accepted_store.next_batch(tx, bucket)
        claims = accepted_store.find_claims(tx, bucket.node_id, [c.key for c in some])
        new = [candidate for candidate in some if candidate.key not in claims]
        lost = accepted_store.insert_claims(tx, bucket.node_id, new, source.file_number)
        if lost:
            claims |= accepted_store.find_claims(tx, bucket.node_id, sorted(lost))
        for candidate in some:
            if candidate.key in claims and claims[candidate.key][0] != candidate.digest:
                open_incident(tx, _contradiction(source, candidate.record), now)
        situation = read_situation(tx, bucket, [c.record.user_sid for c in new], now)
        accepted, waiting = sort_out([c for c in new if c.key not in lost], situation)
        if accepted:
            files = [(candidate, source.file_number) for candidate in accepted]
            accepted_store.insert_accepted(tx, bucket, files, batch)
        self.counts.records_new += len(accepted)
        return waiting

    def _finish(self, source: Source, content: FileContent, previous_blob: str) -> None:
        """Keep what was refused, report what vanished or contradicts, store the blob id."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            keep_lease(tx, self.lease)
            new = quarantine_store.insert_quarantined(tx, content.refused, now)
            for record in content.contradictions:
                open_incident(tx, _contradiction(source, record), now)
            if previous_blob:
                _report_vanished(tx, source, content.present, previous_blob, now)
            store_blob(tx, source.file_number, source.blob_id)
        self.counts.records_quarantined += new
        self.counts.files_read += 1


def read_situation(
    tx: Transaction, bucket: Bucket, sids: Sequence[str], now: datetime
) -> Situation:
    """Read what decides whether records of a bucket are billed now.

    The bucket's batch number was taken by this transaction, so nobody else adds to its hour.
    """
    return Situation(
        bucket,
        find_existing(tx, sids),
        list_rights(tx),
        accepted_store.used_micros(tx, bucket, sids),
        now,
    )


def _sift(source: Source, decoded: DecodedFile) -> FileContent:
    """Part a file's records into candidates and final refusals."""
    candidates: list[Candidate] = []
    refused = [
        Quarantined(source, one.line, None, one.digest, Reason.WRONG_FIELD, one.reason)
        for one in decoded.refused
    ]
    count = decoded.refused_count
    for index, record in enumerate(decoded.records):
        digest = normalised_digest(record)
        problem = refusal_of(record, source.bucket)
        if problem is None:
            candidates.append(Candidate(record, digest, index))
            continue
        count += 1
        if len(refused) < REFUSALS_KEPT_MAX:
            line, key = decoded.line_of(index), record.idempotency_key
            refused.append(Quarantined(source, line, key, digest, *problem))
    if count > REFUSALS_KEPT_MAX:
        del refused[REFUSALS_KEPT_MAX:]
        detail = f"{count} records of blob {source.blob_id} were refused"
        digest = bytes.fromhex(source.blob_id)[:16]
        refused.append(Quarantined(source, 0, None, digest, Reason.TOO_MANY_REFUSED, detail))
    contradictions = tuple(one.record for one in decoded.repeated if not one.same)
    present = frozenset(record.idempotency_key for record in decoded.records)
    return FileContent(tuple(candidates), tuple(refused), contradictions, present)


def _waiting_row(source: Source, decoded: DecodedFile, waiting: Waiting) -> Quarantined:
    candidate = waiting.candidate
    return Quarantined(
        source,
        decoded.line_of(candidate.index),
        candidate.key,
        candidate.digest,
        waiting.reason,
        waiting.detail,
        record_evidence(candidate.record),
    )


def _contradiction(source: Source, record: UsageRecord) -> Incident:
    evidence = {
        "key": record.idempotency_key,
        "refused": record_evidence(record),
        "blob_id": source.blob_id,
        "head": source.head,
    }
    return Incident(IncidentKind.KEY_CONFLICT, source.repository, source.path, evidence)


def _report_vanished(
    tx: Transaction, source: Source, present: frozenset[str], previous_blob: str, now: datetime
) -> None:
    """Report keys first seen in this file that its new bytes lack."""
    vanished = accepted_store.list_claimed_keys(tx, source.file_number) - present
    if not vanished:
        return
    evidence = {
        "blob_id_before": previous_blob,
        "blob_id": source.blob_id,
        "head": source.head,
        "records": len(vanished),
        "keys": sorted(vanished)[:VANISHED_KEYS_SHOWN],
    }
    incident = Incident(IncidentKind.RECORD_VANISHED, source.repository, source.path, evidence)
    open_incident(tx, incident, now)
