from collections.abc import Mapping
from hashlib import blake2b

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding_schema import (
    KNOWN_FIELDS,
    OPTIONAL_FIELDS,
    REQUIRED_FIELDS,
    OTime,
    UsageRecord,
    WrongFieldError,
    normalised_digest,
    read_usage_record,
    refusal_of_charge,
)

REQUIRED: dict[str, object] = {
    "node_id": "node-a",
    "user_sid": "usr1",
    "amount_cents": 125,
    "resource_kind": "cpu",
    "idempotency_key": "k1",
    "occurred_at": "2026-03-01 10:15:00",
}
OPTIONAL: dict[str, object] = {
    "quantity": 3600,
    "unit": "byte-seconds",
    "begins_at": "2026-03-01 10:00:00",
    "ends_at": "2026-03-01 11:00:00",
    "assignment": "as01",
    "corrects": "k0",
}
ABSENT = object()

ACCEPTED: list[tuple[str, object]] = [
    ("node_id", "0"),
    ("node_id", "a" + "-" * 62),
    ("user_sid", "_-" * 32),
    ("amount_cents", 0),
    ("amount_cents", 10**9),
    ("resource_kind", "k" + "0_.-" * 15 + "abc"),
    ("idempotency_key", " "),
    ("idempotency_key", "\U0001f600" * 200),
    ("idempotency_key", "e\u0301 \u00ad\u200b\ufeff\uffff\ue000"),
    ("occurred_at", "0"),
    ("quantity", -(2**63)),
    ("quantity", 2**63 - 1),
    ("unit", "\n" * 64),
    ("assignment", "é" * 64),
    ("corrects", "k"),
    ("extra", "x" * 1000),
    ("extra", ""),
    ("extra", True),
    ("extra", -(2**63)),
    ("-" * 64, 1),
    ("extras", 1),
]
WRONG_FOR_ALL: list[object] = [1.0, True, b"x", [], {}, "\ud800"]
REFUSED: list[tuple[str, object, str]] = [
    *((name, ABSENT, name) for name in REQUIRED_FIELDS),
    *((name, None, name) for name in (*KNOWN_FIELDS, "extra")),
    *((name, wrong, name) for name in KNOWN_FIELDS for wrong in WRONG_FOR_ALL),
    *((name, 1, name) for name in KNOWN_FIELDS if name not in {"amount_cents", "quantity"}),
    ("node_id", "", "node_id"),
    ("node_id", "-a", "node_id"),
    ("node_id", "a" * 64, "node_id"),
    ("node_id", "a.b", "node_id"),
    ("node_id", "node\nusr1", "node_id"),
    ("node_id", "é", "node_id"),
    ("user_sid", "u" * 65, "user_sid"),
    ("user_sid", "A", "user_sid"),
    ("user_sid", "usr1\n", "user_sid"),
    ("amount_cents", -1, "amount_cents"),
    ("amount_cents", 10**9 + 1, "amount_cents"),
    ("amount_cents", 2**63, "amount_cents"),
    ("amount_cents", float("nan"), "amount_cents"),
    ("amount_cents", "125", "amount_cents"),
    ("resource_kind", "0cpu", "resource_kind"),
    ("resource_kind", "k" * 65, "resource_kind"),
    ("resource_kind", "cpu\n", "resource_kind"),
    ("idempotency_key", "", "idempotency_key"),
    ("idempotency_key", "k" * 201, "idempotency_key"),
    *(
        ("idempotency_key", f"a{c}b", "idempotency_key")
        for c in "\0\t\n\x1f\x7f\x80\x85\x9f\u2028\u2029"
    ),
    ("occurred_at", "2026-03-01", "occurred_at"),
    ("occurred_at", 1772360100, "occurred_at"),
    ("quantity", 2**63, "quantity"),
    ("quantity", -(2**63) - 1, "quantity"),
    ("unit", "", "unit"),
    ("unit", "u" * 65, "unit"),
    ("assignment", "a" * 65, "assignment"),
    ("begins_at", "", "begins_at"),
    ("ends_at", "4294967296", "ends_at"),
    ("corrects", "a\nb", "corrects"),
    ("extra", "x" * 1001, "extra"),
    ("extra", "\ud800", "extra"),
    ("extra", 2**63, "extra"),
    ("extra", 0.5, "extra"),
    ("extra", [], "extra"),
    ("", 1, "record"),
    ("n" * 65, 1, "record"),
    ("a b", 1, "record"),
    ("é", 1, "record"),
    ("a\n", 1, "record"),
]


def changed(name: str, value: object) -> dict[str, object]:
    fields = {**REQUIRED, name: value}
    return {name: value for name, value in fields.items() if value is not ABSENT}


@pytest.mark.parametrize(("name", "value"), ACCEPTED)
def test_a_value_at_its_limit_is_accepted(name: str, value: object) -> None:
    record = read_usage_record(changed(name, value))

    kept = record.extras[name] if name not in KNOWN_FIELDS else getattr(record, name)
    assert kept == (OTime(0) if name == "occurred_at" else value)


@pytest.mark.parametrize(("name", "value", "field"), REFUSED)
def test_a_value_beyond_its_limit_is_refused_by_name(name: str, value: object, field: str) -> None:
    with pytest.raises(WrongFieldError) as refusal:
        read_usage_record(changed(name, value))

    assert refusal.value.field == field
    assert str(refusal.value) == f"{field} {refusal.value.reason}"


def test_all_fields_are_read() -> None:
    record = read_usage_record({**OPTIONAL, "zone": "eu", **REQUIRED})

    assert record.occurred_at == OTime.parse("2026-03-01 10:15:00")
    assert record.ends_at == OTime.parse("2026-03-01 11:00:00")
    assert (record.quantity, record.unit, record.corrects) == (3600, "byte-seconds", "k0")
    assert record.extras == {"zone": "eu"}
    assert tuple(OPTIONAL) == OPTIONAL_FIELDS


def test_sixteen_unknown_keys_are_kept_and_seventeen_refused() -> None:
    extras: dict[str, object] = {f"n{number}": number for number in range(16)}

    assert read_usage_record({**REQUIRED, **OPTIONAL, **extras}).extras == extras
    with pytest.raises(WrongFieldError, match="more than 16 unknown keys"):
        read_usage_record({**REQUIRED, **extras, "n16": 16})


def test_the_first_wrong_field_of_the_contract_is_named() -> None:
    with pytest.raises(WrongFieldError, match="user_sid is missing"):
        read_usage_record({"zone": 1.5, "amount_cents": -1, "node_id": "a"})


def test_a_correction_is_read_and_refused_for_charge() -> None:
    correction = read_usage_record({**REQUIRED, "corrects": "k0"})

    refusal = refusal_of_charge(correction)

    assert correction.corrects == "k0"
    assert refusal is not None
    assert refusal.field == "corrects"


def test_a_negative_amount_is_refused_for_charge_wherever_it_comes_from() -> None:
    negative = msgspec.structs.replace(read_usage_record(REQUIRED), amount_cents=-1)

    refusal = refusal_of_charge(negative)

    assert refusal is not None
    assert refusal.field == "amount_cents"


def test_an_ordinary_record_may_be_charged() -> None:
    fields = {name: value for name, value in OPTIONAL.items() if name != "corrects"}

    assert refusal_of_charge(read_usage_record({**REQUIRED, **fields})) is None


def test_times_are_normalised_and_unknown_keys_do_not_count() -> None:
    one = read_usage_record({**REQUIRED, "zone": "eu"})
    two = read_usage_record({**REQUIRED, "occurred_at": "2026-03-01T11:15:00+01:00"})

    assert one.same_content(two)
    assert normalised_digest(one) == normalised_digest(two)
    assert one != two


@pytest.mark.parametrize("name", KNOWN_FIELDS)
def test_every_named_field_counts(name: str) -> None:
    others: Mapping[str, object] = {"amount_cents": 126, "quantity": 3601, "resource_kind": "disk"}
    full = read_usage_record({**REQUIRED, **OPTIONAL})

    other = read_usage_record({**REQUIRED, **OPTIONAL, name: others.get(name, "7")})

    assert not full.same_content(other)
    assert normalised_digest(full) != normalised_digest(other)


def test_the_digest_is_that_of_the_documented_bytes_and_never_changes() -> None:
    record = read_usage_record({**REQUIRED, "zone": "eu"})
    seconds = (1772360100).to_bytes(4, "big")
    array = b"\x9c\xa6node-a\xa4usr1\x7d\xa3cpu\xa2k1\xce" + seconds + b"\xc0" * 6

    assert normalised_digest(record) == blake2b(array, digest_size=16).digest()
    assert normalised_digest(record).hex() == "c94bea9c076825c7a368d59a3b24ecba"


@given(
    st.dictionaries(
        st.sampled_from([*KNOWN_FIELDS, "zone"]),
        st.sampled_from(["a", "b", "1", "2"]) | st.integers(0, 2),
    ),
    st.dictionaries(
        st.sampled_from([*KNOWN_FIELDS, "zone"]),
        st.sampled_from(["a", "b", "1", "2"]) | st.integers(0, 2),
    ),
)
def test_digests_are_equal_where_the_content_is(
    left: dict[str, object], right: dict[str, object]
) -> None:
    records: list[UsageRecord] = []
    for changes in (left, right):
        try:
            records.append(read_usage_record({**REQUIRED, **changes}))
        except WrongFieldError:
            return
    one, two = records
    assert one.same_content(two) == (normalised_digest(one) == normalised_digest(two))


@given(st.dictionaries(st.text(max_size=5) | st.sampled_from(KNOWN_FIELDS), st.from_type(object)))
def test_whatever_comes_is_a_record_or_a_wrong_field(fields: dict[str, object]) -> None:
    try:
        read_usage_record({**REQUIRED, **fields})
    except WrongFieldError as error:
        named = error.field
    else:
        named = "record"
    assert named in {*fields, "record"}


def test_records_cannot_be_changed() -> None:
    record = read_usage_record(REQUIRED)

    with pytest.raises(AttributeError):
        record.amount_cents = 0  # type: ignore[misc]  # what must not be possible
