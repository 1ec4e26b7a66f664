"""Whatever the bytes are, they are a file or a refusal, and tomllib agrees on what they say."""

import tomllib
from collections.abc import Sequence

from hypothesis import example, given
from hypothesis import strategies as st

from hero_onboarding.otoml import DecodedFile, FileRefusedError, decode_file
from hero_onboarding_schema import UsageRecord, WrongFieldError, read_usage_record
from tests.otoml.vectors import golden

SEEDS = [golden(name).decode() for name in ("one", "four", "foreign", "strings", "unknown")]
FOREIGN = "O:\n"
PIECES = [
    *(
        "[",
        "[[",
        "]",
        "]]",
        "{",
        "}",
        "=",
        ",",
        ".",
        '"',
        "'",
        '"""',
        "'''",
        "\\",
        "\n",
        "\r",
        "\t",
    ),
    *("#", "_", "-", "+", "0", "9", "inf", "nan", "true", "\\u00", "\\e", "\x00", "\x7f", "\ufeff"),
    *("1979-05-27", "T07:32:00Z", ":60", "0000-", "0x", "1e5", "9" * 19, "9" * 41, "a.b = 1\n"),
    *("records", "[[records]]\n", "[records.a]\n", "O:\n", "é", "\x85", "\u2028", "\U0001f600"),
]
# What tomllib takes and we do not: numbers that our integers and floats can't hold.
OVERFLOWS = ("integer number overflowed", "floating-point number overflowed")


@st.composite
def damaged_files(draw: st.DrawFn) -> str:
    """Draw a golden file with a few pieces put in or cut out."""
    text = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 0, 1, 3, 40])))
        text = text[:start] + draw(st.sampled_from(PIECES)) + text[end:]
    return text


def read(data: bytes) -> DecodedFile | FileRefusedError:
    try:
        return decode_file(data)
    except FileRefusedError as refusal:
        return refusal


def tables_of(text: str) -> Sequence[dict[str, object]] | None:
    """Read a file as the contract says, by another parser; None if it is refused as a whole."""
    try:
        document = tomllib.loads(text.removeprefix(FOREIGN))
    except (tomllib.TOMLDecodeError, ValueError):
        return None
    tables = document.pop("records", None)
    is_array_of_tables = isinstance(tables, list) and all(isinstance(t, dict) for t in tables)
    return tables if is_array_of_tables and not document else None


@given(st.binary(max_size=200))
def test_any_bytes_are_a_file_or_a_refusal(data: bytes) -> None:
    found = read(data)

    assert isinstance(found, DecodedFile | FileRefusedError)


@given(damaged_files())
@example(SEEDS[0].replace("125", "9" * 41))
@example(SEEDS[0].replace("125", "1e999"))
def test_a_damaged_file_is_read_as_another_parser_reads_it(text: str) -> None:
    found, tables = read(text.encode()), tables_of(text)

    if tables is None:
        return
    if isinstance(found, FileRefusedError):
        assert found.detail in OVERFLOWS or found.reason == "nul"
        return
    records: dict[str, UsageRecord] = {}
    refused = 0
    for table in tables:
        try:
            record = read_usage_record(table)
        except WrongFieldError:
            refused += 1
        else:
            records.setdefault(record.idempotency_key, record)
    assert found.records == tuple(records.values())
    assert found.refused_count == refused


@given(damaged_files())
def test_what_we_refuse_has_a_line_within_the_file(text: str) -> None:
    found = read(text.encode())

    if isinstance(found, FileRefusedError):
        assert 0 <= found.line <= text.count("\n") + 1
        assert found.detail.isprintable()
    else:
        lines = [refused.line for refused in found.refused]
        assert lines == sorted(lines)
        assert max(lines, default=0) <= text.count("\n") + 1
