"""The short cut for our own form says what the parser would, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.otoml import encode_batch
from hero_onboarding.otoml.parsing import parse_tables
from hero_onboarding.otoml.plain import read_plain
from hero_onboarding_schema import UsageRecord, read_usage_record
from tests.otoml.records import batches, table
from tests.otoml.vectors import golden

FIELD_TEXTS = {
    "node_id": ['"n"', '"N"', '"' + "n" * 64 + '"', "'n'"],
    "user_sid": ['"u"', '""', '"' + "u" * 64 + '"', '"' + "u" * 65 + '"'],
    "amount_cents": ["0", "1000000000", "1000000001", "-0", "-1", "007", "+1", "1_0", "1.0", "nan"],
    "resource_kind": ['"k"', '"K"', '"k.k"'],
    "occurred_at": ['"1970-01-01 00:00:00"', '"2106-02-07 06:28:16"', '"2026-02-29 00:00:00"', "1"],
    "quantity": ["0", "-1", "-0", str(2**63 - 1), str(2**63), str(-(2**63)), str(-(2**63) - 1)],
    "unit": [
        '"s"',
        '""',
        '"\t"',
        '"\x7f"',
        '"\x85"',
        '"\\n"',
        '"' + "é" * 64 + '"',
        '"' + "é" * 65 + '"',
    ],
    "begins_at": ['"1970-01-01 00:00:00"', '"1970-01-01T00:00:00Z"', '"1970-01-01 24:00:00"'],
    "ends_at": ['"2106-02-07 06:28:15"', '"2106-02-07 06:28:16"'],
    "assignment": ['"a"', '"a\\"b"'],
    "corrects": ['"k"', '"\u2028"', '"' + "k" * 201 + '"'],
    "zone": ['"eu"', "1"],
}


@st.composite
def near_records(draw: st.DrawFn) -> str:
    """Draw a table that is nearly in our form."""
    changes = {
        name: draw(st.sampled_from(texts))
        for name, texts in FIELD_TEXTS.items()
        if draw(st.integers(0, 3)) == 0
    }
    return table(
        draw(st.sampled_from(["a", "b", "é", "\u2028", "\x85", "\\n", "\\u0041"])), **changes
    )


@given(st.lists(near_records(), max_size=3), st.sampled_from(["\n", "", "\n\n"]))
def test_the_short_cut_agrees_with_the_parser_or_stands_back(texts: list[str], gap: str) -> None:
    text = gap.join(texts)

    records = read_plain(text)

    if records is not None:
        assert list(records) == [read_usage_record(fields) for fields in parse_tables(text)]
        assert gap == "\n" or len(texts) == 1


@given(batches().filter(bool))
def test_the_short_cut_takes_what_we_write_without_escapes_and_unknown_keys(
    batch: list[UsageRecord],
) -> None:
    text = encode_batch(batch).decode()
    is_plain = "\\" not in text and not any(record.extras for record in batch)

    assert (read_plain(text) is not None) == is_plain


@pytest.mark.parametrize("path", ["one", "merged", "corrects"])
def test_the_short_cut_is_taken_for_ordinary_files(path: str) -> None:
    assert read_plain(golden(path).decode()) is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"occurred_at": '"2026-02-29 00:00:00"'},
        {"ends_at": '"2106-02-07 06:28:16"'},
        {"amount_cents": "1000000001"},
        {"quantity": str(2**63)},
        {"quantity": str(-(2**63) - 1)},
    ],
)
def test_the_short_cut_stands_back_from_values_out_of_range(changes: dict[str, str]) -> None:
    assert read_plain(table(**changes)) is None


@pytest.mark.parametrize(
    "text",
    ["", "\n", "records = []\n", table() + "\n", "\n" + table(), table()[:-1], table() + "#\n"],
)
def test_the_short_cut_stands_back_from_any_other_form(text: str) -> None:
    assert read_plain(text) is None
