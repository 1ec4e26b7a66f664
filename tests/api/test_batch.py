"""``POST /v1/usage/batch``, on both engines."""

import json

import pytest

from tests.api.served import Api, a_use, problem

NDJSON = "application/x-ndjson"


def test_a_batch_answers_in_the_order_of_its_records(api: Api) -> None:
    api.record("old")

    found = api.batch(
        a_use("new"),
        a_use("old"),
        a_use("old", amount_cents=9),
        a_use("new"),
        a_use("new", resource_kind="memory"),
        a_use("wrong", amount_cents=-1),
        a_use("last"),
    )

    results = found.pop("results")
    assert found == {"created": 2, "duplicate": 2, "conflict": 2, "invalid": 1}
    assert [result["index"] for result in results] == list(range(7))
    assert [(result["idempotency_key"], result["status"]) for result in results] == [
        ("new", "created"),
        ("old", "duplicate"),
        ("old", "conflict"),
        ("new", "duplicate"),
        ("new", "conflict"),
        ("wrong", "invalid"),
        ("last", "created"),
    ]
    assert ["detail" in result for result in results] == [
        False, False, True, False, True, True, False,
    ]  # fmt: skip
    assert api.journal() == (3, 1)


def test_lines_are_taken_and_a_malformed_one_fails_alone(api: Api) -> None:
    lines = [
        json.dumps(a_use("first")),
        "{",
        "",
        "[]",
        "[" * 100_000,
        "1" * 100_000,
        '{"node_id":"\xff"}',
        "NaN",
        json.dumps(a_use("\ud800")),
        json.dumps(a_use("nul\0")),
        json.dumps(a_use("last")) + "\r",
    ]
    body = "\n".join(lines).encode("latin-1")

    found = api.send("/v1/usage/batch", body, Content_Type=f"{NDJSON}; charset=utf-8").json()

    statuses = [result["status"] for result in found["results"]]
    assert statuses == ["created", *["invalid"] * 8, "created"]
    assert all(result["detail"] for result in found["results"][1:9])
    assert api.journal() == (2, 1)


def test_ten_thousand_records_are_taken_and_one_more_is_413(api: Api) -> None:
    records = [a_use(f"k{number}") for number in range(10_001)]

    too_many = api.post("/v1/usage/batch", records)
    assert problem(too_many) == (413, "usage.batch_too_large")
    assert api.journal() == (0, 0)

    assert api.batch(*records[:10_000])["created"] == 10_000
    assert api.batch(*records[:10_000])["duplicate"] == 10_000
    assert api.journal() == (10_000, 1)


@pytest.mark.parametrize("media_type", ["application/json", NDJSON])
def test_a_body_over_8_mib_is_413(media_type: str, sqlite_api: Api) -> None:
    body = json.dumps([a_use()]).encode() + b" " * 8 * 1024 * 1024

    refused = sqlite_api.send("/v1/usage/batch", body, Content_Type=media_type)

    assert problem(refused) == (413, "request.too_large")
    assert sqlite_api.journal() == (0, 0)


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"null", b"[", b"[1" + b"0" * 100_000 + b"]", b"[" * 100_000, b"[NaN]", b"\xff"],
    ids=["empty", "object", "null", "open", "integer", "deep", "nan", "bytes"],
)
def test_a_body_that_is_no_array_is_refused_as_a_whole(body: bytes, sqlite_api: Api) -> None:
    refused = sqlite_api.send("/v1/usage/batch", body)

    assert problem(refused) == (422, "request.malformed")
    assert sqlite_api.journal() == (0, 0)


def test_an_array_of_anything_else_is_invalid_item_by_item(sqlite_api: Api) -> None:
    found = sqlite_api.post("/v1/usage/batch", [1, None, "x", [], {}, {"idempotency_key": 5}])

    assert found.json()["invalid"] == 6
    assert [result["idempotency_key"] for result in found.json()["results"]] == [None] * 6


def test_an_empty_batch_is_no_error(api: Api) -> None:
    assert api.batch() == {
        "results": [],
        "created": 0,
        "duplicate": 0,
        "conflict": 0,
        "invalid": 0,
    }


def test_batches_at_once_create_each_key_once(api: Api) -> None:
    batches = [
        ("/v1/usage/batch", [a_use(f"k{(number * 7 + turn) % 60}") for number in range(40)])
        for turn in range(12)
    ]
    singles = [("/record_usage", a_use(f"k{number}")) for number in range(60)]

    answers = api.together([*batches, *singles])

    assert {answer.status_code for answer in answers} <= {200, 201}
    created = sum(answer.json().get("created", 0) for answer in answers[:12])
    created += sum(answer.status_code == 201 for answer in answers[12:])
    assert created == 60
    assert api.journal() == (60, 1)
