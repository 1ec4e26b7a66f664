from collections.abc import Callable

import pytest

from hero_onboarding.kernel.errors import InvalidInputError
from hero_onboarding.otoml import BYTES_MAX, FileRefusedError, decode_file
from tests.otoml.records import table
from tests.otoml.vectors import golden

TWO = f"{table('k1')}\n{table('k2')}"
SECOND_AT = 9

WHOLE_FILE: dict[str, tuple[bytes, str, int]] = {
    "an unfinished table header": (f"{TWO}\n[[records]\n".encode(), "syntax", 17),
    "a key without a value": (f"{TWO}\nnode_id\n".encode(), "syntax", 17),
    "a string without an end": (b'[[records]]\nnode_id = "node', "syntax", 2),
    "one TOML key twice in a table": (f'{TWO}unit = "a"\nunit = "b"\n'.encode(), "syntax", 17),
    "one key twice, once quoted": (f'{TWO}"node_id" = "b"\n'.encode(), "syntax", 16),
    "a control character": (f'{TWO}unit = "a\x01"\n'.encode(), "syntax", 16),
    "a raw DEL": (f'{TWO}unit = "\x7f"\n'.encode(), "syntax", 16),
    "a bare carriage return": (f"{TWO}# a\rb\n".encode(), "syntax", 16),
    "an escaped surrogate": (f'{TWO}unit = "\\ud800"\n'.encode(), "syntax", 16),
    "digits beyond ASCII": (f"{TWO}quantity = \u0661\n".encode(), "syntax", 16),
    "a number with a leading zero": (f"{TWO}quantity = 007\n".encode(), "syntax", 16),
    "an integer of 129 bits": (f"{TWO}quantity = {2**128}\n".encode(), "syntax", 16),
    "JSON": (b'{"records": []}', "syntax", 1),
    "the foreign first line with more on it": (b"O: records = []\n", "syntax", 1),
    "the foreign first line twice": (b"O:\nO:\nrecords = []\n", "syntax", 2),
    "a byte order mark twice": (b"\xef\xbb\xbf\xef\xbb\xbfrecords = []\n", "syntax", 1),
    "a NUL byte": (f"{TWO}\n# \0\n".encode(), "nul", 17),
    "nothing but NUL bytes": (b"\0" * 100, "nul", 1),
    "Latin-1": (f"{TWO}# \xe9\n".encode("latin-1"), "encoding", 16),
    "UTF-16": ("\ufeff#".encode("utf-16-be"), "nul", 1),
    "a surrogate as three bytes": (b'[[records]]\nunit = "\xed\xa0\x80"\n', "encoding", 2),
    "an overlong slash": (b"\n# \xc0\xaf\n", "encoding", 2),
    "no byte at all": (b"", "top_level", 0),
    "a comment alone": (b"# nothing\n", "top_level", 0),
    "the foreign first line alone": (b"O:\n", "top_level", 0),
    "another name": (b"[[record]]\n", "top_level", 0),
    "one table": (b"[records]\n", "top_level", 0),
    "a number": (b"records = 1\n", "top_level", 0),
    "an array of numbers": (b"records = [1]\n", "top_level", 0),
    "an array of a table and a number": (b"records = [{}, 1]\n", "top_level", 0),
    "an array of arrays": (b"records = [[{}]]\n", "top_level", 0),
    "a key beside it": (f"version = 1\n{TWO}".encode(), "top_level", 0),
    "a table beside it": (f"{TWO}[other]\n".encode(), "top_level", 0),
}

ONE_RECORD: dict[str, tuple[dict[str, str | None], str]] = {
    "a missing field": ({"user_sid": None}, "user_sid"),
    "all fields missing": (dict.fromkeys(("node_id", "occurred_at"), None), "node_id"),
    "a number for a string": ({"node_id": "7"}, "node_id"),
    "a string for a number": ({"amount_cents": '"7"'}, "amount_cents"),
    "a boolean for a number": ({"amount_cents": "true"}, "amount_cents"),
    "a float for a number": ({"amount_cents": "1.0"}, "amount_cents"),
    "no number": ({"amount_cents": "nan"}, "amount_cents"),
    "an infinite number": ({"amount_cents": "-inf"}, "amount_cents"),
    "two to the 63rd": ({"amount_cents": str(2**63)}, "amount_cents"),
    "two to the 64th": ({"quantity": str(2**64)}, "quantity"),
    "less than 64 bits hold": ({"quantity": str(-(2**63) - 1)}, "quantity"),
    "no number of units": ({"quantity": "nan"}, "quantity"),
    "a float number of units": ({"quantity": "1e3"}, "quantity"),
    "a negative amount": ({"amount_cents": "-1"}, "amount_cents"),
    "an amount too high": ({"amount_cents": str(10**9 + 1)}, "amount_cents"),
    "a node name in upper case": ({"node_id": '"Node"'}, "node_id"),
    "a node name that climbs": ({"node_id": '"../x"'}, "node_id"),
    "a node name too long": ({"node_id": f'"{"n" * 64}"'}, "node_id"),
    "a node name with a line feed": ({"node_id": r'"node\n"'}, "node_id"),
    "an empty sid": ({"user_sid": '""'}, "user_sid"),
    "a sid with a dot": ({"user_sid": '"a.b"'}, "user_sid"),
    "a kind in upper case": ({"resource_kind": '"CPU"'}, "resource_kind"),
    "a kind with a line feed": ({"resource_kind": r'"cpu\n"'}, "resource_kind"),
    "an empty key": ({"idempotency_key": '""'}, "idempotency_key"),
    "a key too long": ({"idempotency_key": f'"{"k" * 201}"'}, "idempotency_key"),
    "a key with an escaped NUL": ({"idempotency_key": r'"\u0000"'}, "idempotency_key"),
    "a key with DEL": ({"idempotency_key": r'"\u007F"'}, "idempotency_key"),
    "a key with a C1 control": ({"idempotency_key": '"\x85"'}, "idempotency_key"),
    "a key with a line separator": ({"idempotency_key": '"\u2028"'}, "idempotency_key"),
    "a key with a paragraph separator": ({"idempotency_key": '"\u2029"'}, "idempotency_key"),
    "a time that is no string": ({"occurred_at": "2026-03-01 10:15:00"}, "occurred_at"),
    "a time with a fraction": ({"occurred_at": '"2026-03-01 10:15:00.5"'}, "occurred_at"),
    "a count of seconds as a number": ({"occurred_at": "1772359200"}, "occurred_at"),
    "a time as a table": ({"occurred_at": "{}"}, "occurred_at"),
    "a time as an array": ({"occurred_at": "[]"}, "occurred_at"),
    "a table for a string": ({"node_id": "{a = 1}"}, "node_id"),
    "an end that is no time": ({"ends_at": '"later"'}, "ends_at"),
    "an empty unit": ({"unit": '""'}, "unit"),
    "a unit too long": ({"unit": f'"{"u" * 65}"'}, "unit"),
    "a correction of nothing": ({"corrects": '""'}, "corrects"),
    "an unknown float": ({"zone": "1.5"}, "zone"),
    "an unknown array": ({"zone": "[1]"}, "zone"),
    "an unknown table": ({"zone": "{a = 1}"}, "zone"),
    "an unknown date": ({"zone": "2026-03-01"}, "zone"),
    "an unknown integer too large": ({"zone": str(2**63)}, "zone"),
    "an unknown string too long": ({"zone": f'"{"z" * 1001}"'}, "zone"),
    "an unknown name with a dot": ({'"a.b"': "1"}, "record"),
    "an empty unknown name": ({'""': "1"}, "record"),
    "an unknown name too long": ({"n" * 65: "1"}, "record"),
    "seventeen unknown names": ({f"n{number}": "1" for number in range(17)}, "record"),
}


@pytest.mark.parametrize(("data", "reason", "line"), WHOLE_FILE.values(), ids=[*WHOLE_FILE])
def test_a_fault_refuses_the_whole_file_and_names_its_line(
    data: bytes, reason: str, line: int
) -> None:
    with pytest.raises(FileRefusedError) as refusal:
        decode_file(data)

    assert (refusal.value.reason, refusal.value.line) == (reason, line)
    assert refusal.value.detail.isprintable()
    assert isinstance(refusal.value, InvalidInputError)
    assert refusal.value.code == "otoml.file_refused"


@pytest.mark.parametrize(("changes", "field"), ONE_RECORD.values(), ids=[*ONE_RECORD])
def test_a_wrong_field_refuses_its_record_alone(changes: dict[str, str | None], field: str) -> None:
    decoded = decode_file(f"{table('k1')}\n{table('wrong', **changes)}\n{table('k3')}".encode())

    assert [record.idempotency_key for record in decoded.records] == ["k1", "k3"]
    assert [(r.line, r.index, r.field) for r in decoded.refused] == [(SECOND_AT, 1, field)]
    assert decoded.refused_count == 1
    assert not decoded.is_clean()
    assert decoded.line_of(1) == decoded.refused[0].line + table("wrong", **changes).count("\n") + 1


def test_a_file_at_the_cap_is_read_and_one_byte_more_is_not() -> None:
    comment = "#" * (BYTES_MAX - len(TWO) - 1)
    data = f"{TWO}{comment}\n".encode()

    assert len(decode_file(data).records) == 2
    with pytest.raises(FileRefusedError) as refusal:
        decode_file(data + b"\n")
    assert (refusal.value.reason, refusal.value.line) == ("too_large", 0)


def test_the_cap_can_be_set() -> None:
    one = golden("one")

    assert decode_file(one, bytes_max=len(one)).is_clean()
    with pytest.raises(FileRefusedError, match="too_large"):
        decode_file(one, bytes_max=len(one) - 1)


def test_an_empty_array_is_a_file_without_records() -> None:
    assert decode_file(b"records = []\n").is_clean()
    assert decode_file(b"O:\nrecords = []\n").records == ()


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: "O:\n" + text,
        lambda text: "O:\r\n" + text,
        lambda text: "\n\n" + text + "\n\n",
        lambda text: text.replace("[[records]]", "  [[ 'records' ]] # next"),
        lambda text: text.replace("125", "+1_25"),
        lambda text: text.replace("125", "0x7D"),
        lambda text: text.replace('"k2"', '"""k2"""'),
        lambda text: text.replace('"k2"', "'k2'"),
        lambda text: text.replace('"k2"', '"\\u006b2"'),
    ],
)
def test_other_spellings_of_the_same_records_are_read(rewrite: Callable[[str], str]) -> None:
    assert decode_file(rewrite(TWO).encode()).records == decode_file(TWO.encode()).records


def test_what_toml_1_1_adds_is_read_too() -> None:
    record = table().removeprefix("[[records]]\n").strip().replace("\n", ",\n  ")

    decoded = decode_file(f"O:\nrecords = [{{\n  {record},\n}}]\n".encode())

    assert decoded.records == decode_file(table().encode()).records


def test_the_first_of_repeated_keys_counts_and_the_others_are_named() -> None:
    same, other = table("k1", zone='"eu"'), table("k1", amount_cents="126")

    decoded = decode_file("\n".join([table("k1"), same, table("k2"), other]).encode())

    assert [record.idempotency_key for record in decoded.records] == ["k1", "k2"]
    assert [(r.line, r.index, r.same) for r in decoded.repeated] == [(9, 1, True), (26, 3, False)]
    assert decoded.repeated[1].record.amount_cents == 126
    assert [decoded.line_of(place) for place in (0, 1)] == [1, 18]
    assert [decoded.index_of(place) for place in (0, 1)] == [0, 2]
    assert not decoded.is_clean()


def test_a_refused_record_does_not_take_its_key() -> None:
    decoded = decode_file(f"{table('k1', amount_cents='-1')}\n{table('k1')}".encode())

    assert [record.amount_cents for record in decoded.records] == [125]
    assert decoded.repeated == ()


def test_a_refusal_has_a_digest_of_its_content_in_any_order_of_keys() -> None:
    one = decode_file(b"[[records]]\na = 1\nb = {c = 'x', d = [1, 2.5, 07:32:00]}\n")
    two = decode_file(b"records = [{b = {d = [1, 2.5, 07:32:00], c = 'x'}, a = 1}]\n")
    others = [b"a = '1'", b"a = 1.0", b"a = true", b"a = [1]", b"a = {}", b"b = 1", b"", b"a = 1"]

    digests = [decode_file(b"[[records]]\n" + other).refused[0].digest for other in others]

    assert one.refused[0].digest == two.refused[0].digest
    assert len(one.refused[0].digest) == 16
    assert len({one.refused[0].digest, *digests}) == len(others) + 1
    assert digests[-1].hex() == "718554dd5a85074f0d66a4ac38c7ecc4"


def test_of_many_refused_records_a_thousand_are_kept_and_all_are_counted() -> None:
    long, short = table(amount_cents="-1"), "[[records]]\n"
    data = "\n".join([long] * 999 + [short] + [long] * 2 + [short] + [table()])

    decoded = decode_file(data.encode())

    assert decoded.refused_count == 1003
    assert len(decoded.refused) == 1000
    assert [refused.index for refused in decoded.refused] == list(range(1000))
    assert len(decoded.records) == 1
    assert decoded.line_of(0) == data.count("\n", 0, data.rindex("[[records]]")) + 1
