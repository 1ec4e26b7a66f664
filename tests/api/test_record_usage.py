"""``POST /record_usage``, on both engines."""

import json

import pytest

from tests.api.conftest import NewApi
from tests.api.served import Api, a_use, problem

AMOUNT = "amount_cents"
DEEP = b'{"node_id":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
HUGE_INTEGER = json.dumps(a_use()).replace(": 5,", ": 1" + "0" * 100_000 + ",").encode()
MALFORMED = {
    "nothing": b"",
    "no JSON": b"{",
    "an array": b"[]",
    "a text": b'"record"',
    "null": b"null",
    "deep": DEEP,
    "an integer of 10^5 digits": HUGE_INTEGER,
    "NaN": json.dumps(a_use(amount_cents=float("nan"))).encode(),
    "infinity": json.dumps(a_use(amount_cents=float("inf"))).encode(),
    "a NUL byte": b'{"node_id":"\0"}',
    "a lone surrogate": json.dumps(a_use("\ud800")).encode(),
    "no UTF-8": b'{"node_id":"\xff"}',
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(a_use()).encode(),
    "a name twice": json.dumps(a_use()).replace("{", '{"amount_cents": 7, ').encode(),
    "a name twice inside": b'{"node_id":{"a":1,"a":2}}',
    "two values": json.dumps(a_use()).encode() * 2,
}
WRONG: dict[str, dict[str, object]] = {
    "node in upper case": {"node_id": "Node"},
    "node too long": {"node_id": "n" * 64},
    "node with a line feed": {"node_id": "node-a\n"},
    "node a number": {"node_id": 5},
    "node missing": {"node_id": None},
    "sid empty": {"user_sid": ""},
    "sid too long": {"user_sid": "a" * 65},
    "sid in upper case": {"user_sid": "Ada"},
    "amount negative": {AMOUNT: -1},
    "amount too large": {AMOUNT: 10**9 + 1},
    "amount of 2^63": {AMOUNT: 2**63},
    "amount of 2^64": {AMOUNT: 2**64},
    "amount a float": {AMOUNT: 5.0},
    "amount a boolean": {AMOUNT: True},
    "amount a text": {AMOUNT: "5"},
    "amount missing": {AMOUNT: None},
    "kind in upper case": {"resource_kind": "CPU"},
    "kind that starts with a digit": {"resource_kind": "1cpu"},
    "kind too long": {"resource_kind": "c" * 65},
    "key empty": {"idempotency_key": ""},
    "key too long": {"idempotency_key": "k" * 201},
    "key with NUL": {"idempotency_key": "a\0b"},
    "key with a tab": {"idempotency_key": "a\tb"},
    "key with DEL": {"idempotency_key": "a\x7fb"},
    "key with a line separator": {"idempotency_key": "a\u2028b"},
    "time a number": {"occurred_at": 1_772_360_100},
    "time with a fraction": {"occurred_at": "2026-03-01 10:15:00.5"},
    "time without a day": {"occurred_at": "2026-02-30 10:15:00"},
    "time with T and no offset": {"occurred_at": "2026-03-01T10:15:00"},
    "time before 1970": {"occurred_at": "1969-12-31 23:59:59"},
    "time beyond 32 bits": {"occurred_at": "2106-02-07 06:28:16"},
    "time with other digits": {"occurred_at": "٢026-03-01 10:15:00"},
    "seconds with a leading zero": {"occurred_at": "01772360100"},
    "unit empty": {"unit": ""},
    "unit too long": {"unit": "u" * 65},
    "quantity a float": {"quantity": 1.5},
    "quantity of 2^63": {"quantity": 2**63},
    "begins_at no time": {"begins_at": "soon"},
    "corrects anything": {"corrects": "k0"},
    "unknown key a float": {"memo": 1.5},
    "unknown key a list": {"memo": []},
    "unknown key null in effect": {"memo": {}},
    "unknown key too long a value": {"memo": "m" * 1001},
    "unknown key with a space": {"me mo": 1},
    "17 unknown keys": {f"extra{number}": number for number in range(17)},
}


def test_a_first_record_is_created_and_a_repeat_is_answered_like_it(api: Api) -> None:
    first, again = api.record(), api.record()

    assert (first.status_code, first.json()) == (
        201,
        {"status": "created", "idempotency_key": "k1"},
    )
    assert (again.status_code, again.json()) == (
        200,
        {"status": "duplicate", "idempotency_key": "k1"},
    )
    assert api.journal() == (1, 1)


def test_other_content_under_a_key_is_a_conflict_and_the_first_stays(api: Api) -> None:
    api.record(amount_cents=5)

    conflict = api.record(amount_cents=6)

    assert problem(conflict) == (409, "usage.key_conflict")
    assert api.record(amount_cents=5).json()["status"] == "duplicate"
    assert api.journal() == (1, 1)


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_body_is_refused_and_nothing_recorded(body: bytes, sqlite_api: Api) -> None:
    refused = sqlite_api.send("/record_usage", body)

    assert problem(refused) == (422, "request.malformed")
    assert sqlite_api.journal() == (0, 0)


def test_a_wrong_field_is_refused_by_name_and_nothing_recorded(api: Api) -> None:
    for name, changes in WRONG.items():
        refused = api.post("/record_usage", a_use(**changes))  # type: ignore[arg-type]  # on purpose

        assert problem(refused) == (422, "usage.wrong_record"), name
        field = next(iter(changes))
        expected = "record" if "17" in name or "space" in name else field
        assert refused.json()["detail"].startswith(f"{expected} "), (name, refused.text)
    assert api.journal() == (0, 0)


def test_limits_are_inclusive(api: Api) -> None:
    widest = a_use(
        "\U0001f600" * 200,
        node_id="n" * 63,
        user_sid="-" + "_" * 63,
        amount_cents=10**9,
        resource_kind="c" * 64,
        quantity=-(2**63),
        unit="é" * 64,
        assignment="a",
        begins_at="0",
        ends_at="4294967295",
        memo="\0" * 1000,
        flag=False,
        **{f"extra{number}": 2**63 - 1 for number in range(14)},
    )

    assert api.post("/record_usage", widest).status_code == 201
    assert api.record("free", amount_cents=0).status_code == 201
    assert api.post("/admin/push-usage-now").json()["failures"] == 0


def test_keys_are_compared_by_code_point(api: Api) -> None:
    keys = ["é", "e\u0301", "É", " é", "é "]

    statuses = [api.record(key).status_code for key in keys]

    assert statuses == [201] * 5
    assert [api.record(key).status_code for key in keys] == [200] * 5


def test_two_nodes_may_use_the_same_key(api: Api) -> None:
    assert api.record("k", node_id="node-a").status_code == 201
    assert api.record("k", node_id="node-b", amount_cents=7).status_code == 201


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01 10:15:00",
        "2026-03-01T10:15:00Z",
        "2026-03-01t10:15:00z",
        "2026-03-01 12:15:00+02:00",
        "2026-03-01T09:45:00-00:30",
        "1772360100",
    ],
)
def test_a_time_may_be_written_in_any_of_its_forms(text: str, sqlite_api: Api) -> None:
    sqlite_api.record()

    assert sqlite_api.record(occurred_at=text).json()["status"] == "duplicate"


def test_unknown_keys_are_kept_from_the_first_copy_and_ignored_later(api: Api) -> None:
    api.record(memo="first")

    assert api.record(memo="other", more=1).json()["status"] == "duplicate"
    assert api.post("/admin/push-usage-now").json()["records"] == 1
    assert api.record(memo="third").json()["status"] == "duplicate"
    assert api.post("/admin/push-usage-now").json()["buckets"] == 0


def test_the_body_is_json_whatever_media_type_names_it(sqlite_api: Api) -> None:
    types = ("text/plain", "application/x-www-form-urlencoded", "application/msgpack", "")

    for number, media_type in enumerate(types):
        body = json.dumps(a_use(f"k{number}")).encode()
        sent = sqlite_api.send("/record_usage", body, Content_Type=media_type)
        assert sent.status_code == 201, media_type


def test_a_time_up_to_ten_minutes_ahead_of_the_sandbox_clock_is_taken(new_api: NewApi) -> None:
    api = new_api()
    api.post("/sandbox/clock", {"now": "2040-01-01T00:00:00Z"})

    assert api.record("near", occurred_at="2040-01-01 00:09:58").status_code == 201
    assert problem(api.record("far", occurred_at="2040-01-01 00:11:00")) == (
        422,
        "usage.wrong_record",
    )

    api.post("/sandbox/clock", {"advance_seconds": 120})
    assert api.record("far", occurred_at="2040-01-01 00:11:00").status_code == 201


def test_a_node_takes_only_its_own_records(new_api: NewApi) -> None:
    api = new_api(ROLE="node", NODE_NAME="node-a")

    refused = api.record("k", node_id="node-b")

    assert problem(refused) == (422, "usage.wrong_record")
    assert "node-a" in refused.json()["detail"]
    assert api.batch(a_use("k", node_id="node-b"))["invalid"] == 1
    assert api.record("k", node_id="node-a").status_code == 201
    assert api.journal() == (1, 1)


@pytest.mark.parametrize("role", ["all", "central"])
def test_the_centre_takes_any_nodes_records(role: str, new_api: NewApi) -> None:
    assert new_api(ROLE=role).record("k", node_id="somebody-else").status_code == 201


def test_a_full_hour_is_413_and_others_go_on(engine: str, new_api: NewApi) -> None:
    api = new_api(engine, BUCKET_BYTES_MAX="400")

    statuses = [api.record(f"k{number}").status_code for number in range(4)]

    assert statuses == [201, 201, 413, 413]
    assert problem(api.record("k3")) == (413, "usage.bucket_full")
    assert api.record("k0").status_code == 200
    assert api.record("k9", occurred_at="2026-03-01 11:00:00").status_code == 201
    batch = api.batch(a_use("k4"), a_use("k9", occurred_at="2026-03-01 11:00:00"))
    assert [result["status"] for result in batch["results"]] == ["invalid", "duplicate"]
    assert batch["results"][0]["detail"].startswith("usage.bucket_full")
    assert api.post("/admin/push-usage-now").json()["failures"] == 0


def test_a_body_over_256_kib_is_413(sqlite_api: Api) -> None:
    body = json.dumps(a_use()).encode() + b" " * 256 * 1024

    assert problem(sqlite_api.send("/record_usage", body)) == (413, "request.too_large")
    assert sqlite_api.journal() == (0, 0)


def test_many_at_once_create_each_key_once(api: Api) -> None:
    requests = [("/record_usage", a_use(f"k{number % 300}")) for number in range(500)]

    answers = api.together(requests)

    created = [r.json()["idempotency_key"] for r in answers if r.status_code == 201]
    assert sorted(created) == sorted(f"k{number}" for number in range(300))
    assert sum(answer.status_code == 200 for answer in answers) == 200
    assert api.journal() == (300, 1)
    assert api.post("/admin/push-usage-now").json()["records"] == 300
