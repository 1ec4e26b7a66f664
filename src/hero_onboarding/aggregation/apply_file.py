"""Stage A, one file: take its records in, at most 5,000 in a transaction, each exactly once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
from hero_onboarding.aggregation.repository_store import KnownFile, store_blob
from hero_onboarding.database import Database, Transaction
from hero_onboarding.identity import find_existing
from hero_onboarding.incidents import Incident, IncidentKind, open_incident
from hero_onboarding.kernel.clock import Clock
from hero_onboarding.otoml import DecodedFile, FileRefusedError, decode_file
from hero_onboarding.usage import Bucket, find_rights
from hero_onboarding_schema import UsageRecord, normalised_digest

KEYS_SHOWN: Final = 20
"""So many keys of a file that vanished or contradict are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file's records after the checks that need no database.

    Attributes:
        candidates: What may be billed.
        refused: What never is.
        altered: Well-formed records among the refused, by key.
        repeated: Second copies of a key with other content.
    """

    candidates: tuple[Candidate, ...] = ()
    refused: tuple[Quarantined, ...] = ()
    altered: Mapping[str, UsageRecord] = field(default_factory=dict)
    repeated: tuple[UsageRecord, ...] = ()

    @property
    def present(self) -> frozenset[str]:
        """The keys of the records that may be billed."""
        return frozenset(candidate.key for candidate in self.candidates)


@dataclass(frozen=True, slots=True)
class FileApplier:
    """Takes files of one repository in, under one lease."""

    database: Database
    clock: Clock
    lease: RepositoryLease
    counts: PassCounts
    bytes_max: int

    def apply(self, source: Source, data: bytes, known: KnownFile) -> None:
        """Take in the bytes of one file and remember its blob id with the last of them.

        Raises:
            RepositoryTakenOverError: If another worker took the repository over.
        """
        try:
            decoded = decode_file(data, bytes_max=self.bytes_max)
        except FileRefusedError as error:
            self.refuse(source, error.line, f"{error.reason}: {error.detail}", known)
            return
        content = _sift(source, decoded)
        conflicts = {record.idempotency_key: record for record in reversed(content.repeated)}
        chunks = _chunks(content.candidates)
        for number, chunk in enumerate(chunks, 1):
            with self.database.transaction() as tx:
                keep_lease(tx, self.lease)
                accepted, waiting = self._take_in(tx, source, chunk, conflicts)
                rows = [_waiting_row(source, decoded, one) for one in waiting]
                new = quarantine_store.insert_quarantined(tx, rows, self.clock.now())
                if number == len(chunks):
                    new += self._finish(tx, source, content, conflicts, known)
            self.counts.records_new += accepted
            self.counts.records_quarantined += new
        self.counts.files_read += 1

    def refuse(self, source: Source, line: int, detail: str, known: KnownFile) -> None:
        """Put a whole file into quarantine; it is done until its bytes change."""
        digest = bytes.fromhex(source.blob_id)[:16]
        row = Quarantined(source, line, None, digest, Reason.FILE_REFUSED, detail)
        with self.database.transaction() as tx:
            keep_lease(tx, self.lease)
            new = self._finish(tx, source, FileContent(refused=(row,)), {}, known)
        self.counts.records_quarantined += new
        self.counts.files_read += 1

    def _take_in(
        self,
        tx: Transaction,
        source: Source,
        some: Sequence[Candidate],
        conflicts: dict[str, UsageRecord],
    ) -> tuple[int, list[Waiting]]:
        """Claim, check and bill some records of a bucket.

        Records whose key is claimed with other content go into ``conflicts``. Returns how many
        were billed, and those that have to wait.
        """
        if not some:
            return 0, []
        bucket = source.bucket
        batch = accepted_store.next_batch(tx, bucket)
        claims = accepted_store.find_claims(tx, bucket.node_id, [c.key for c in some])
        new = [candidate for candidate in some if candidate.key not in claims]
        lost = accepted_store.insert_claims(tx, bucket.node_id, new, source.file_number)
        if lost:
            claims |= accepted_store.find_claims(tx, bucket.node_id, sorted(lost))
        for candidate in some:
            if candidate.key in claims and claims[candidate.key][0] != candidate.digest:
                conflicts.setdefault(candidate.key, candidate.record)
        situation = read_situation(tx, bucket, [c.record.user_sid for c in new], self.clock.now())
        accepted, waiting = sort_out([c for c in new if c.key not in lost], situation)
        if accepted:
            files = [(candidate, source.file_number) for candidate in accepted]
            accepted_store.insert_accepted(tx, bucket, files, batch)
        return len(accepted), waiting

    def _finish(
        self,
        tx: Transaction,
        source: Source,
        content: FileContent,
        conflicts: dict[str, UsageRecord],
        known: KnownFile,
    ) -> int:
        """Keep what was refused, report what vanished or contradicts, store the blob id.

        Returns how many rows are new in quarantine.
        """
        now = self.clock.now()
        new = quarantine_store.insert_quarantined(tx, content.refused, now)
        if not known.is_new:
            missing = accepted_store.list_claimed_keys(tx, source.file_number) - content.present
            altered = missing & content.altered.keys()
            conflicts |= {key: content.altered[key] for key in altered}
            _report_vanished(tx, source, missing - altered, known.blob_id, now)
        _report_conflicts(tx, source, conflicts, now)
        store_blob(tx, source.file_number, source.blob_id)
        return new


def _chunks(candidates: Sequence[Candidate]) -> list[Sequence[Candidate]]:
    """Cut candidates into what one transaction takes in; none are one empty chunk."""
    starts = range(0, max(len(candidates), 1), RECORDS_TOGETHER)
    return [candidates[start : start + RECORDS_TOGETHER] for start in starts]


def read_situation(
    tx: Transaction, bucket: Bucket, sids: Sequence[str], now: datetime
) -> Situation:
    """Read what decides whether records of a bucket are billed now.

    The bucket's batch number was taken by this transaction, so nobody else adds to its hour.
    """
    return Situation(
        bucket,
        find_existing(tx, sids),
        find_rights(tx, bucket.node_id, sids),
        accepted_store.used_micros(tx, bucket, sids),
        now,
    )


def _sift(source: Source, decoded: DecodedFile) -> FileContent:
    """Part a file's records into candidates and final refusals."""
    candidates: list[Candidate] = []
    altered: dict[str, UsageRecord] = {}
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
        altered[record.idempotency_key] = record
        if len(refused) < REFUSALS_KEPT_MAX:
            line, key = decoded.line_of(index), record.idempotency_key
            refused.append(Quarantined(source, line, key, digest, *problem))
    if count > REFUSALS_KEPT_MAX:
        del refused[REFUSALS_KEPT_MAX:]
        detail = f"{count} records of blob {source.blob_id} were refused"
        digest = bytes.fromhex(source.blob_id)[:16]
        refused.append(Quarantined(source, 0, None, digest, Reason.TOO_MANY_REFUSED, detail))
    repeated = tuple(one.record for one in decoded.repeated if not one.same)
    return FileContent(tuple(candidates), tuple(refused), altered, repeated)


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


def _report_conflicts(
    tx: Transaction, source: Source, conflicts: Mapping[str, UsageRecord], now: datetime
) -> None:
    """Report keys that came with other content, once for each key and content.

    A file can hold tens of thousands of them: the first are named, the others counted.
    """
    keys = sorted(conflicts)
    for key in keys[:KEYS_SHOWN]:
        open_incident(tx, _contradiction(source, conflicts[key]), now)
    if len(keys) > KEYS_SHOWN:
        place = {"blob_id": source.blob_id, "head": source.head}
        evidence = {**place, "keys": len(keys), "named": KEYS_SHOWN}
        kind = IncidentKind.KEY_CONFLICT
        open_incident(tx, Incident(kind, source.repository, source.path, evidence), now)


def _contradiction(source: Source, record: UsageRecord) -> Incident:
    key = record.idempotency_key
    evidence = {
        "key": key,
        "refused": record_evidence(record),
        "blob_id": source.blob_id,
        "head": source.head,
    }
    identity = {"key": key, "digest": normalised_digest(record).hex()}
    kind = IncidentKind.KEY_CONFLICT
    return Incident(kind, source.repository, source.path, evidence, identity=identity)


def _report_vanished(
    tx: Transaction, source: Source, vanished: set[str], previous_blob: str, now: datetime
) -> None:
    """Report keys first seen in this file that its new bytes lack."""
    if not vanished:
        return
    evidence = {
        "blob_id_before": previous_blob,
        "blob_id": source.blob_id,
        "head": source.head,
        "records": len(vanished),
        "keys": sorted(vanished)[:KEYS_SHOWN],
    }
    incident = Incident(IncidentKind.RECORD_VANISHED, source.repository, source.path, evidence)
    open_incident(tx, incident, now)
