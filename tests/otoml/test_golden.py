from pathlib import Path

import pytest

from hero_onboarding.otoml import blob_id, decode_file, encode_batch, encoded_size, merge
from tests.otoml.vectors import GOLDEN, golden, rows

ROWS = rows((GOLDEN / "README.md").read_text())
DOCUMENT = Path(__file__).parents[2] / "docs" / "otoml.md"
OURS = ["one", "four", "merged", "none", "strings", "corrects", "unknown", "mended/new.otoml"]


@pytest.mark.parametrize(("path", "size", "blob"), ROWS, ids=[row[0] for row in ROWS])
def test_a_golden_file_has_the_size_and_the_blob_id_of_its_row(
    path: str, size: int, blob: str
) -> None:
    data = golden(path)

    assert len(data) == size
    assert blob_id(data) == blob


def test_every_golden_file_has_a_row_and_the_document_has_the_same_rows() -> None:
    files = {str(path.relative_to(GOLDEN)) for path in GOLDEN.rglob("*.otoml")}

    assert {path for path, _, _ in ROWS} == files
    assert rows(DOCUMENT.read_text()) == ROWS


@pytest.mark.parametrize("path", OURS)
def test_a_file_of_ours_is_written_again_byte_for_byte(path: str) -> None:
    data = golden(path)

    decoded = decode_file(data)

    assert decoded.is_clean()
    assert encode_batch(decoded.records) == data
    assert encode_batch(reversed(decoded.records)) == data
    assert not decoded.records or sum(map(encoded_size, decoded.records)) - 1 == len(data)


def test_merging_a_record_into_a_foreign_file_gives_the_merged_one() -> None:
    foreign, one = decode_file(golden("foreign")), decode_file(golden("one"))

    merged = merge(foreign.records, one.records)

    assert encode_batch(merged.records) == golden("merged")
    assert (merged.added, merged.conflicts) == (1, ())


def test_a_foreign_file_is_read_without_lines() -> None:
    foreign = decode_file(golden("foreign"))

    assert foreign.is_clean()
    assert [record.occurred_at.text for record in foreign.records] == [
        "2026-03-01 10:10:00",
        "2026-03-01 10:00:00",
    ]
    assert [foreign.line_of(place) for place in (0, 1)] == [0, 0]


def test_a_damaged_file_is_mended_to_its_well_formed_records_and_the_new_ones() -> None:
    old, journal = (
        decode_file(golden("mended/old.otoml")),
        decode_file(golden("mended/journal.otoml")),
    )

    merged = merge(old.records, journal.records)

    assert [(r.line, r.index, r.field) for r in old.refused] == [(10, 1, "amount_cents")]
    assert [(r.line, r.index, r.same) for r in old.repeated] == [(26, 3, True), (35, 4, False)]
    assert [old.line_of(place) for place in range(len(old.records))] == [1, 18, 43]
    assert encode_batch(merged.records) == golden("mended/new.otoml")
    assert merged.added == 1
    assert [(kept.amount_cents, other.amount_cents) for kept, other in merged.conflicts] == [(4, 5)]


def test_a_correction_is_carried_through_a_merge() -> None:
    corrected = decode_file(golden("corrects")).records

    merged = merge(corrected, decode_file(golden("one")).records)

    assert [record.corrects for record in merged.records] == [None, "k1"]
    assert merged.added == 0
    assert len(merged.conflicts) == 1
