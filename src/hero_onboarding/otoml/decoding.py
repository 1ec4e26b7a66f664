"""From the bytes of a bucket file to its records, and to what is wrong with the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from hero_onboarding.otoml.lines import HeaderLines
from hero_onboarding.otoml.parsing import BYTES_MAX, parse_tables, read_text
from hero_onboarding.otoml.plain import read_plain
from hero_onboarding.otoml.raw import raw_digest
from hero_onboarding_schema import (
    REQUIRED_FIELDS,
    UsageRecord,
    WrongFieldError,
    read_usage_record,
)

REFUSED_KEPT: Final = 1_000
"""Of so many refused records of one file the details are kept; of the others the number."""


@dataclass(frozen=True, slots=True)
class RefusedRecord:
    """A table of a file that is no well-formed record.

    Attributes:
        line: Line of its ``[[records]]``, counted from 1; 0 where there is no such line.
        index: Its place among all tables of the file, counted from 0.
        reason: What is wrong, as the end of a sentence that starts with the field's name.
        field: The first wrong field.
        digest: 16 bytes over the table as it was read, whatever the order of its keys.
    """

    line: int
    index: int
    reason: str
    field: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class RepeatedKey:
    """A further well-formed record under a key that the file has already.

    Attributes:
        line: Line of its ``[[records]]``, counted from 1; 0 where there is no such line.
        index: Its place among all tables of the file, counted from 0.
        record: The further record.
        same: Whether it has the same content as the first one under the key.
    """

    line: int
    index: int
    record: UsageRecord
    same: bool


@dataclass(frozen=True, slots=True)
class DecodedFile:
    """What one bucket file holds.

    Attributes:
        records: The well-formed records, the first of each key, in the order of the file.
        refused: The first 1,000 refused records, in the order of the file.
        refused_count: How many records were refused.
        repeated: The further copies of keys, in the order of the file.
    """

    records: tuple[UsageRecord, ...]
    refused: tuple[RefusedRecord, ...]
    refused_count: int
    repeated: tuple[RepeatedKey, ...]
    _lines: HeaderLines = field(repr=False, compare=False)
    _indexes: tuple[int, ...] | None = field(repr=False, compare=False)

    def is_clean(self) -> bool:
        """Whether no record was refused and no key comes twice."""
        return not self.refused_count and not self.repeated

    def line_of(self, place: int) -> int:
        """Find the line of the ``[[records]]`` of ``records[place]``, 0 where there is none.

        The first call reads the file a second time.
        """
        return self._lines.line_of(self.index_of(place))

    def index_of(self, place: int) -> int:
        """Return the place of ``records[place]`` among all tables of the file."""
        return place if self._indexes is None else self._indexes[place]


def decode_file(data: bytes, *, bytes_max: int = BYTES_MAX) -> DecodedFile:
    """Read a bucket file, in the form we write or in the published library's (line ``O:``).

    Raises:
        FileRefusedError: If the whole file is unusable: over ``bytes_max``, a NUL byte, not
            UTF-8, no TOML, or a top level that is not exactly an array of tables ``records``.
    """
    text = read_text(data, bytes_max=bytes_max)
    return _sort_out(read_plain(text) or parse_tables(text), HeaderLines(text))


def _sort_out(
    entries: Sequence[UsageRecord | Mapping[str, object]], lines: HeaderLines
) -> DecodedFile:
    """Part the well-formed first copies from all others."""
    first: dict[str, UsageRecord] = {}
    refused: list[RefusedRecord] = []
    repeated: list[RepeatedKey] = []
    indexes: list[int] = []
    refused_count = 0
    for index, entry in enumerate(entries):
        if refused_count >= REFUSED_KEPT and _is_too_short(entry):
            refused_count += 1
            continue
        try:
            record = entry if isinstance(entry, UsageRecord) else read_usage_record(entry)
        except WrongFieldError as error:
            refused_count += 1
            if refused_count <= REFUSED_KEPT:
                refused.append(_refused(lines, index, error, entry))
            continue
        earlier = first.setdefault(record.idempotency_key, record)
        if earlier is record:
            indexes.append(index)
        else:
            same = earlier.same_content(record)
            repeated.append(RepeatedKey(lines.line_of(index), index, record, same))
    return DecodedFile(
        records=tuple(first.values()),
        refused=tuple(refused),
        refused_count=refused_count,
        repeated=tuple(repeated),
        _lines=lines,
        _indexes=None if len(indexes) == len(entries) else tuple(indexes),
    )


def _is_too_short(entry: UsageRecord | Mapping[str, object]) -> bool:
    """Whether a field must be missing: a hostile file has room for millions of such tables."""
    return not isinstance(entry, UsageRecord) and len(entry) < len(REQUIRED_FIELDS)


def _refused(
    lines: HeaderLines, index: int, error: WrongFieldError, table: object
) -> RefusedRecord:
    return RefusedRecord(
        line=lines.line_of(index),
        index=index,
        reason=error.reason,
        field=error.field,
        digest=raw_digest(table),
    )
