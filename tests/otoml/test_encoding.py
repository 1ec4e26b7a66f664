import subprocess
from pathlib import Path

import pytest

from hero_onboarding.otoml import blob_id, encode_batch, encoded_size
from hero_onboarding_schema import UsageRecord, read_usage_record
from tests.otoml.records import FIELDS, table


def record(**changes: object) -> UsageRecord:
    return read_usage_record({**FIELDS, **changes})


def text(**changes: object) -> str:
    return encode_batch([record(**changes)]).decode()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("", '""'),
        ('say "hi"', r'"say \"hi\""'),
        ("back\\slash", r'"back\\slash"'),
        ("\b\t\n\f\r", r'"\b\t\n\f\r"'),
        ("\x00\x0b\x1b\x1f\x7f", r'"\u0000\u000B\u001B\u001F\u007F"'),
        ("\x80\u2028é/'\U0001f600", '"\x80\u2028é/\'\U0001f600"'),
    ],
)
def test_a_string_escapes_quotes_backslashes_and_control_characters_alone(
    value: str, written: str
) -> None:
    assert text(zone=value) == f"{table()}zone = {written}\n"


def test_an_escaped_key_is_written_in_its_place() -> None:
    key = 'a"b\\c'

    assert text(idempotency_key=key) == table(r"a\"b\\c")


@pytest.mark.parametrize(
    ("value", "written"),
    [(True, "true"), (False, "false"), (-7, "-7"), (0, "0"), (-(2**63), str(-(2**63)))],
)
def test_unknown_values_keep_their_type(value: object, written: str) -> None:
    assert text(zone=value) == f"{table()}zone = {written}\n"


def test_optional_fields_keep_the_order_of_the_contract_and_unknown_keys_are_sorted() -> None:
    lines = text(
        zone="z",
        Zone="Z",
        corrects="c",
        assignment="a",
        ends_at="2",
        begins_at="1",
        unit="u",
        quantity=0,
    ).splitlines()[7:]

    assert lines == [
        "quantity = 0",
        'unit = "u"',
        'begins_at = "1970-01-01 00:00:01"',
        'ends_at = "1970-01-01 00:00:02"',
        'assignment = "a"',
        'corrects = "c"',
        'Zone = "Z"',
        'zone = "z"',
    ]


def test_keys_within_a_second_are_ordered_by_code_point_and_not_by_utf_16() -> None:
    high, astral = record(idempotency_key="\uffff"), record(idempotency_key="\U0001f600")

    assert encode_batch([astral, high]) == encode_batch([high]) + b"\n" + encode_batch([astral])


def test_time_comes_before_key() -> None:
    early = record(idempotency_key="z", occurred_at="2026-03-01 10:00:00")
    late = record(idempotency_key="a", occurred_at="2026-03-01 10:00:01")

    assert encode_batch([late, early]).index(b'"z"') < encode_batch([late, early]).index(b'"a"')


def test_no_records_are_an_empty_array() -> None:
    assert encode_batch([]) == b"records = []\n"


def test_a_size_counts_bytes_and_not_characters() -> None:
    assert encoded_size(record(zone="é")) == encoded_size(record(zone="ee"))


def test_a_blob_id_is_that_of_git(tmp_path: Path) -> None:
    data = encode_batch([record(zone="é")])
    file = tmp_path / "file"
    file.write_bytes(data)

    found = subprocess.run(
        ["git", "hash-object", "--no-filters", str(file)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert blob_id(data) == found.stdout.strip()
    assert blob_id(b"") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
