"""Every rule of JSON-RPC 2.0, and what hostile callers send."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rpc.called import OPEN, Caller, answered, refusal

SHOW = {"jsonrpc": "2.0", "method": "prices.show"}
CREATE = {"jsonrpc": "2.0", "method": "users.create", "params": {"sid": "never-made"}}
MIB = 1024 * 1024


def invalid(caller: Caller, text: bytes) -> tuple[int, object]:
    """Send what is no call; return the code and the id of the one answer."""
    answer = answered(caller.send(text))
    return refusal(answer)[0], answer["id"]


def test_a_call_is_answered_under_its_id(shared: Caller) -> None:
    answer = shared.ask({**SHOW, "id": 1})

    assert answer == {"jsonrpc": "2.0", "result": {"table": None}, "id": 1}


@pytest.mark.parametrize(
    "text",
    [
        *('"a"', '""', '"\\u00e9\\ud83d\\ude00 \\u0000"', '"é"', "0", "-1", "1.50", "1e2", "null"),
        "123456789012345678901234567890",
        "0.1000000000000000055511151231257827",
    ],
)
def test_an_id_comes_back_as_it_was_written(shared: Caller, text: str) -> None:
    body = json.dumps(SHOW)[:-1] + f', "id" : {text} }}'

    response = shared.send(body.encode())

    assert answered(response)["result"] == {"table": None}
    assert response.content.endswith(f',"id":{text}}}'.encode())


@pytest.mark.parametrize("text", ["true", "false", "[1]", "{}", '{"a":1}'])
def test_an_id_of_an_odd_type_is_refused_and_nothing_is_done(shared: Caller, text: str) -> None:
    before = shared.api.contents()

    assert invalid(shared, (json.dumps(CREATE)[:-1] + f',"id":{text}}}').encode()) == (-32600, None)
    assert shared.api.contents() == before


@pytest.mark.parametrize(
    ("changes", "answered_id"),
    [
        ({"jsonrpc": "1.0"}, 3),
        ({"jsonrpc": 2.0}, 3),
        ({"jsonrpc": None}, 3),
        ({"method": 1}, 3),
        ({"method": None}, 3),
        ({"method": ["users.create"]}, 3),
        ({"params": None}, 3),
        ({"params": "sid"}, 3),
        ({"params": 1}, 3),
        ({"params": True}, 3),
        ({"id": None, "method": 1}, None),
    ],
)
def test_what_is_no_request_is_refused_and_nothing_is_done(
    shared: Caller, changes: dict[str, object], answered_id: object
) -> None:
    before = shared.api.contents()

    text = json.dumps({**CREATE, "id": 3, **changes}).encode()

    assert invalid(shared, text) == (-32600, answered_id)
    assert shared.api.contents() == before


@pytest.mark.parametrize("text", [b"1", b'"a"', b"null", b"true", b"{}", b'{"foo":"boo"}', b"[]"])
def test_what_has_not_the_form_of_one_is_refused_with_id_null(shared: Caller, text: bytes) -> None:
    assert invalid(shared, text) == (-32600, None)


@pytest.mark.parametrize("name", ["jsonrpc", "method"])
def test_a_request_without_what_it_needs_is_answered_even_without_id(
    shared: Caller, name: str
) -> None:
    text = json.dumps({key: value for key, value in CREATE.items() if key != name}).encode()

    assert invalid(shared, text) == (-32600, None)


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b" ", b"{", b"[1,", b'{"jsonrpc": "2.0", "method"', b"nul", b"{}{}", b"'a'"),
        *(b"\xff", b'"\xff"', b'\xef\xbb\xbf{"jsonrpc":"2.0"}', b"\x00", b'{"a":"\x00"}'),
        *(b"NaN", b'{"id":Infinity}', b'{"id":01}', b'{"id":1e400}', b'"\\ud800"'),
        b'{"jsonrpc":"2.0","method":"prices.show","id":1}'.decode().encode("utf-16"),
        b'{"jsonrpc":"2.0","method":"prices.show","id":1,"id":2}',
        b'{"jsonrpc":"2.0","method":"users.create","params":{"sid":"a","sid":"b"},"id":1}',
        b'[{"jsonrpc":"2.0","method":"users.create","id":1},',
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"params":' * 50_000 + b"1" + b"}" * 50_000,
    ],
    ids=lambda text: repr(text[:20]),
)
def test_what_is_no_json_is_refused_with_id_null(shared: Caller, text: bytes) -> None:
    assert invalid(shared, text) == (-32700, None)


def test_an_unknown_method_is_named(shared: Caller) -> None:
    for name in ("users.delete", "", "rpc.", "USERS.CREATE", "GET /v1/users", "users.create\0"):
        answer = shared.call(name)

        assert refusal(answer) == (-32601, "request.not_found")
        assert repr(name) in answer["error"]["data"]["detail"]


def test_the_name_of_an_unknown_method_is_not_repeated_at_length(shared: Caller) -> None:
    assert len(json.dumps(shared.call("x" * MIB))) < 1000


def test_members_that_nobody_knows_are_ignored(shared: Caller) -> None:
    assert shared.ask({**SHOW, "id": 1, "extra": [{}], "result": 1})["result"] == {"table": None}


def test_a_notification_is_done_and_not_answered(shared: Caller) -> None:
    message = {**CREATE, "params": {"sid": "noted"}}

    response = shared.send(json.dumps(message).encode())

    assert (response.status_code, response.content) == (204, b"")
    assert shared.result("wallet.show", ["noted"])["balance"] == 0


def test_a_notification_that_fails_is_not_answered_either(shared: Caller) -> None:
    calls: list[tuple[str, list[str]]] = [
        *(("nope", []), ("wallet.show", ["nobody"]), ("wallet.show", [])),
    ]
    for method, params in calls:
        message: dict[str, object] = {"jsonrpc": "2.0", "method": method, "params": params}

        assert shared.send(json.dumps(message).encode()).status_code == 204
        assert shared.send(json.dumps([message] * 3).encode()).content == b""


def test_a_batch_is_done_in_order_and_answers_all_but_notifications(shared: Caller) -> None:
    def create(sid: str, **more: object) -> dict[str, object]:
        return {**CREATE, "params": {"sid": sid}, **more}

    batch: list[Any] = [
        create("one", id=1),
        create("two"),
        {"jsonrpc": "2.0", "method": "wallet.show", "params": ["two"], "id": "2"},
        1,
        {"jsonrpc": "2.0", "method": "nope", "id": None},
        {"jsonrpc": "2.0", "method": "nope"},
        {"jsonrpc": "2.0", "method": "wallet.show", "params": {"sid": "three"}, "id": 3},
        create("three", id=4),
    ]

    found = shared.ask(batch)

    outcomes = [(one["id"], "result" in one or one["error"]["code"]) for one in found]
    assert outcomes == [
        (1, True),
        ("2", True),
        (None, -32600),
        (None, -32601),
        (3, 404),
        (4, True),
    ]


def test_a_batch_of_one_is_answered_by_a_batch(shared: Caller) -> None:
    assert shared.ask([{**SHOW, "id": 1}]) == [
        {"jsonrpc": "2.0", "result": {"table": None}, "id": 1}
    ]


def test_a_batch_of_what_is_no_call_is_answered_one_by_one(shared: Caller) -> None:
    found = shared.ask([1, None, []])

    assert [(refusal(one)[0], one["id"]) for one in found] == [(-32600, None)] * 3


def test_a_batch_has_a_bound_and_beyond_it_nothing_is_done(shared: Caller) -> None:
    before = shared.api.contents()
    assert len(shared.ask([{**SHOW, "id": n} for n in range(100)])) == 100

    for count in (101, 1000):
        text = json.dumps([{**CREATE, "id": n} for n in range(count)]).encode()
        assert invalid(shared, text) == (-32600, None)

    assert shared.api.contents() == before


def test_a_body_that_is_too_large_is_413(shared: Caller) -> None:
    response = shared.send(json.dumps({**SHOW, "id": 1, "extra": "x" * 9 * MIB}).encode())

    assert response.status_code == 413
    assert response.json()["code"] == "request.too_large"


def test_a_call_over_its_routes_limit_is_an_error_of_its_own(shared: Caller) -> None:
    name = "x" * MIB

    assert shared.refused("users.create", {"name": name}) == (413, "request.too_large")
    assert shared.refused("usage.record", {"node_id": name[: MIB // 3]})[0] == 413


def test_the_media_type_does_not_matter(shared: Caller) -> None:
    text = json.dumps({**SHOW, "id": 1}).encode()
    for media in ("application/json", "text/plain", "application/x-www-form-urlencoded", "x", ""):
        response = shared.send(text, {**OPEN, "Content-Type": media})

        assert answered(response)["result"] == {"table": None}


def test_other_verbs_and_paths_are_problems_of_http(shared: Caller) -> None:
    found = {
        "GET /rpc": 405,
        "PUT /rpc": 405,
        "POST /health": 405,
        "POST /openrpc.json": 405,
        "GET /v1/users": 404,
        "GET /": 404,
        "GET /api/openapi.json": 404,
        "POST /rpc/": 200,
    }

    for name, status in found.items():
        verb, path = name.split(" ")
        content = json.dumps({**SHOW, "id": 1}) if verb == "POST" else None
        response = shared.client.request(verb, path, content=content, headers=OPEN)
        assert response.status_code == status, name


def test_it_says_what_it_is(shared: Caller) -> None:
    version = shared.api.services.version
    health = shared.client.get("/health").json()
    service = shared.client.get("/.well-known/heroservice.json").json()

    assert health == {"status": "ok", "service": "hero_onboarding", "version": version}
    assert list(service) == ["protocol", "name", "title", "version", "description", "socket"]
    assert service["protocol"] == "openrpc"
    assert service["name"] == "hero_onboarding"
    assert (service["version"], service["socket"]) == (version, "rpc")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
CALLS = st.fixed_dictionaries(
    {"jsonrpc": st.sampled_from(["2.0", "1.0", 2])},
    optional={
        "method": st.sampled_from(["users.create", "wallet.show", "books.show"]) | JSON_VALUES,
        "params": JSON_VALUES,
        "id": JSON_VALUES,
    },
)


@given(message=CALLS | st.lists(CALLS | JSON_VALUES, max_size=3) | JSON_VALUES)
def test_whatever_is_sent_has_an_answer_of_the_protocol(shared: Caller, message: object) -> None:
    response = shared.send(json.dumps(message).encode("utf-8", "surrogatepass"))

    assert response.status_code in {200, 204}
    if response.status_code == 204:
        return
    found = response.json()
    for one in found if isinstance(found, list) else [found]:
        assert one["jsonrpc"] == "2.0"
        assert isinstance(one["id"], int | float | str | None)
        if "error" in one:
            assert refusal(one)[0] != -32603, one


@given(body=st.binary(max_size=60))
def test_bytes_of_any_kind_have_an_answer(shared: Caller, body: bytes) -> None:
    assert answered(shared.send(body))
