"""Decide what a push writes for one bucket; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from hero_onboarding.aggregation.layout import file_name, kept_path_of, path_of
from hero_onboarding.forge import FileChange
from hero_onboarding.incidents import Incident, IncidentKind
from hero_onboarding.otoml import (
    DecodedFile,
    FileRefusedError,
    decode_file,
    encode_batch,
    merge,
)
from hero_onboarding.usage import Bucket, ChangedBucket
from hero_onboarding_schema import UsageRecord


@dataclass(frozen=True, slots=True)
class Existing:
    """The file of a bucket as it lies in the repository.

    ``is_kept`` says that a copy of these very bytes is kept beside it already.
    """

    blob_id: str
    content: bytes
    is_kept: bool


@dataclass(frozen=True, slots=True)
class BucketPlan:
    """What to write for one bucket, and what somebody must look at.

    No changes and no failure: the file holds every record already. ``size`` is that of the file
    as it will be, or would be if that were not too large.
    """

    seen: ChangedBucket
    changes: tuple[FileChange, ...] = ()
    added: int = 0
    size: int = 0
    conflicts: tuple[Incident, ...] = ()
    replaced: Incident | None = None
    failure: str = ""


def plan_bucket(
    seen: ChangedBucket,
    records: Sequence[UsageRecord],
    existing: Existing | None,
    *,
    repository: str,
    bytes_max: int,
) -> BucketPlan:
    """Merge the journal's records into the file and say what to write.

    The file's records always stay as they are. It is written only when records are added; if it
    holds anything that is no well-formed record, its bytes are kept first.
    """
    bucket = seen.bucket
    decoded, fault = _decode(existing, bytes_max)
    merged = merge(decoded.records if decoded else (), records)
    conflicts = tuple(
        _conflict(bucket, repository, kept, other) for kept, other in merged.conflicts
    )
    size = len(existing.content) if existing else 0
    if not merged.added:
        return BucketPlan(seen, size=size, conflicts=conflicts)
    content = encode_batch(merged.records)
    if len(content) > bytes_max:
        too_large = f"would be larger than {bytes_max} bytes"
        return BucketPlan(seen, size=len(content), conflicts=conflicts, failure=too_large)
    return BucketPlan(
        seen,
        changes=_changes(bucket, existing, fault, content),
        added=merged.added,
        size=len(content),
        conflicts=conflicts,
        replaced=_replaced(bucket, repository, existing, fault),
    )


def _decode(existing: Existing | None, bytes_max: int) -> tuple[DecodedFile | None, str]:
    """Read the file; the text says what is wrong with it, if anything."""
    if existing is None:
        return None, ""
    try:
        decoded = decode_file(existing.content, bytes_max=bytes_max)
    except FileRefusedError as error:
        return None, f"{error.reason} at line {error.line}"
    if decoded.is_clean():
        return decoded, ""
    return decoded, f"{decoded.refused_count} refused and {len(decoded.repeated)} repeated records"


def _changes(
    bucket: Bucket, existing: Existing | None, fault: str, content: bytes
) -> tuple[FileChange, ...]:
    path = path_of(bucket)
    if existing is None:
        return (FileChange(path, content, None),)
    change = FileChange(path, content, existing.blob_id)
    if not fault or existing.is_kept:
        return (change,)
    return (FileChange(kept_path_of(bucket, existing.blob_id), existing.content, None), change)


def _replaced(
    bucket: Bucket, repository: str, existing: Existing | None, fault: str
) -> Incident | None:
    if existing is None or not fault:
        return None
    evidence = {
        "blob_id": existing.blob_id,
        "fault": fault,
        "kept_as": kept_path_of(bucket, existing.blob_id),
    }
    return Incident(IncidentKind.FILE_REPLACED, repository, path_of(bucket), evidence)


def _conflict(bucket: Bucket, repository: str, kept: UsageRecord, other: UsageRecord) -> Incident:
    evidence = {
        "key": kept.idempotency_key,
        "kept": record_evidence(kept),
        "refused": record_evidence(other),
    }
    return Incident(IncidentKind.KEY_CONFLICT, repository, path_of(bucket), evidence)


def record_evidence(record: UsageRecord) -> Mapping[str, Any]:
    """Write a record as incidents and quarantine keep it."""
    fields = msgspec.structs.asdict(record)
    written: dict[str, Any] = {
        name: getattr(value, "text", value) for name, value in fields.items() if value is not None
    }
    written["extras"] = dict(record.extras)
    return written


def failure_incident(bucket: Bucket, repository: str, failure: str) -> Incident:
    """Report a bucket that can't be pushed until somebody acts."""
    evidence = {"file": file_name(bucket.hour), "failure": failure}
    return Incident(IncidentKind.BUCKET_FAILED, repository, path_of(bucket), evidence)


def forge_incident(repository: str, failure: str) -> Incident:
    """Report that the forge does not let us push until somebody acts."""
    return Incident(IncidentKind.FORGE_REFUSED, repository, "", {"failure": failure})
