"""Bring new records into the records of a file without touching what is there."""

from collections.abc import Iterable
from dataclasses import dataclass

from hero_onboarding_schema import UsageRecord


@dataclass(frozen=True, slots=True)
class Merge:
    """The outcome of a merge.

    Attributes:
        records: One record for each key, in the order in which they are written.
        added: How many of them were not there before.
        conflicts: For each further copy with other content the record that is kept, and the copy.
    """

    records: tuple[UsageRecord, ...]
    added: int
    conflicts: tuple[tuple[UsageRecord, UsageRecord], ...]


def merge(existing: Iterable[UsageRecord], additions: Iterable[UsageRecord]) -> Merge:
    """Add records under keys that are not there yet; the first copy of a key stays as it is.

    A further copy with the same content is dropped, unknown keys and all.
    """
    kept: dict[str, UsageRecord] = {}
    conflicts: list[tuple[UsageRecord, UsageRecord]] = []
    _keep_first(kept, existing, conflicts)
    existing_count = len(kept)
    _keep_first(kept, additions, conflicts)
    records = sorted(kept.values(), key=_place)
    return Merge(tuple(records), len(kept) - existing_count, tuple(conflicts))


def _keep_first(
    kept: dict[str, UsageRecord],
    records: Iterable[UsageRecord],
    conflicts: list[tuple[UsageRecord, UsageRecord]],
) -> None:
    for record in records:
        first = kept.setdefault(record.idempotency_key, record)
        if first is not record and not first.same_content(record):
            conflicts.append((first, record))


def _place(record: UsageRecord) -> tuple[int, str]:
    return record.occurred_at, record.idempotency_key
