"""What routes take as a body and what they refuse, whoever wrote it."""

import json

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hero_onboarding.http import SECRET_HEADER
from tests.api.routes import HOLD, ROUTES, Route
from tests.api.served import HEADERS, SECRET, Api, problem

WITHOUT_BODY = [route for route in ROUTES if route.method == "POST" and not route.takes_body]
WITH_OBJECT = [route for route in ROUTES if isinstance(route.body, dict)]
DEEP = 100_000
HOSTILE = {
    "no JSON": b"{",
    "a word": b"abc",
    "a comment": b"{} // no",
    "two values": b"{}{}",
    "a trailing comma": b'{"a":1,}',
    "single quotes": b"{'a':1}",
    "null": b"null",
    "a number": b"1",
    "a string": b'"{}"',
    "true": b"true",
    "an array for an object": b"[{}]",
    "NaN": b'{"amount":NaN,"amount_cents":NaN,"full":NaN,"sid":NaN,"now":NaN}',
    "Infinity": b'{"amount":Infinity,"amount_cents":-Infinity}',
    "a float beyond all": b'{"amount":1e999,"amount_cents":1e999}',
    "a huge integer": b'{"amount":' + b"9" * 5000 + b"}",
    "a name twice": b'{"full":true,"full":false,"sid":"a","sid":"b","amount":1,"amount":2}',
    "a name twice inside": b'{"a":{"b":1,"b":2}}',
    "NUL": b"\0",
    "NUL between": b'{"a"\0:1}',
    "a raw control character": b'{"a":"\x01"}',
    "invalid UTF-8": b'{"a":"\xff\xfe"}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a lone surrogate": b'{"sid":"\\ud800","name":"\\udfff","idempotency_key":"\\ud800"}',
    "deep arrays": b"[" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep and closed": b'{"a":' + b"[" * DEEP + b"]" * DEEP + b"}",
}


@pytest.fixture
def filled(sqlite_api: Api) -> Api:
    assert sqlite_api.post("/v1/users", {"sid": "ada", "name": "Ada"}).status_code == 201
    adjustment = {"amount": 100, "reason": "a start", "idempotency_key": "start"}
    assert sqlite_api.post("/v1/users/ada/adjustments", adjustment).status_code == 201
    assert sqlite_api.record().status_code == 201
    return sqlite_api


def assert_refused(route: Route, answer: httpx.Response, what: object) -> None:
    status, code = problem(answer)
    assert status in {413, 422}, (route.name, what, answer.text)
    assert code.partition(".")[0] in {"request", "usage", "identity", "wallet"}, (route.name, what)


def test_a_hostile_body_is_a_problem_and_changes_nothing(filled: Api) -> None:
    before = filled.contents()

    for route in (route for route in ROUTES if route.method == "POST"):
        for what, body in HOSTILE.items():
            if isinstance(route.body, list) and what == "an array for an object":
                continue
            for media in ("application/json", "multipart/form-data; boundary=x", ""):
                answer = filled.send(route.path, body, Content_Type=media)
                assert_refused(route, answer, (what, media))
        assert filled.contents() == before, route.name


def test_every_post_refuses_a_body_over_its_limit_and_changes_nothing(filled: Api) -> None:
    before = filled.contents()

    for route in ROUTES:
        if route.method == "POST":
            limit = {"/record_usage": 256, "/v1/usage/batch": 8192}.get(route.path, 1024) * 1024
            inside = filled.send(route.path, b"[" + b" " * (limit - 2) + b",")
            outside = filled.send(route.path, b" " * limit + b"{}")
            chunks = (b" " * 65_536 for _ in range(limit // 65_536 + 1))
            streamed = filled.client.post(
                route.path, content=chunks, headers={SECRET_HEADER: SECRET}
            )
            assert problem(inside)[0] in {404, 422}, route.name
            assert problem(outside) == (413, "request.too_large"), route.name
            assert problem(streamed) == (413, "request.too_large"), route.name
    assert filled.contents() == before


def test_a_route_without_a_body_takes_none_or_one_that_says_nothing(sqlite_api: Api) -> None:
    assert len(WITHOUT_BODY) == 7
    for route in WITHOUT_BODY:
        for body in (b"", b"{}", b" ", b"\n", b" {} \r\n"):
            answer = sqlite_api.send(route.path, body)

            if "{" in route.name:
                assert problem(answer)[0] == 404, route.name
            else:
                assert answer.status_code == 200, (route.name, body, answer.text)


def test_a_push_takes_its_one_option_alone(filled: Api) -> None:
    before = filled.contents()

    for body in (
        {"ful": True},
        {"full": 1},
        {"full": "true"},
        {"full": None},
        {"full": [], "x": 1},
    ):
        assert problem(filled.post("/admin/push-usage-now", body)) == (422, "request.malformed")
    assert filled.contents() == before
    assert filled.send("/admin/push-usage-now", b" \n").json()["pushed"] == 1
    assert filled.post("/admin/push-usage-now", {"full": True}).json()["unchanged"] == 1


def test_a_right_is_named_by_plain_digits(sqlite_api: Api) -> None:
    before = sqlite_api.contents()
    numbers = ("x", "-1", "+1", "1.0", "1_0", "%D9%A1", "%EF%BC%91", "1%20", "%001", "9" * 999)

    for number in numbers:
        assert problem(sqlite_api.delete(f"/v1/charge-rights/{number}"))[0] == 404, number
    assert sqlite_api.contents() == before
    assert sqlite_api.delete("/v1/charge-rights/1").status_code == 204


def test_a_hold_ends_in_the_future(filled: Api) -> None:
    now = filled.services.clock.now()
    before = filled.contents()

    for when in (now, now.replace(year=now.year - 1)):
        answer = filled.post("/v1/users/ada/holds", {**HOLD, "expires_at": when.isoformat()})
        assert problem(answer) == (422, "request.malformed")
        assert "future" in answer.json()["detail"]
    assert filled.contents() == before


def test_a_hold_that_is_over_is_still_answered_like_the_first_time(filled: Api) -> None:
    now = filled.services.clock.now()
    body = {**HOLD, "expires_at": now.replace(year=now.year + 1).isoformat()}

    first = filled.post("/v1/users/ada/holds", body)
    filled.post("/sandbox/clock", {"advance_seconds": 2 * 366 * 86_400})
    again = filled.post("/v1/users/ada/holds", body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == first.json()["id"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=8,
)


def test_a_field_of_any_other_type_is_a_problem_or_a_plain_answer(filled: Api) -> None:
    @given(st.sampled_from(WITH_OBJECT), st.data())
    @settings(max_examples=settings().max_examples * 6)
    def change(route: Route, data: st.DataObject) -> None:
        assert isinstance(route.body, dict)
        name = data.draw(st.sampled_from([*route.body, "unknown"]))
        body = json.dumps({**route.body, name: data.draw(JSON)})

        answer = filled.send(route.path, body.encode())

        if answer.status_code >= 300:
            status, code = problem(answer)
            assert status in {404, 409, 413, 422}, (body, answer.text)
            assert code

    change()
    filled.assert_books()


def test_any_bytes_are_a_problem_or_a_plain_answer(filled: Api) -> None:
    @given(st.sampled_from(ROUTES), st.binary(max_size=200))
    @settings(max_examples=settings().max_examples * 6)
    def send(route: Route, body: bytes) -> None:
        answer = filled.client.request(route.method, route.path, content=body, headers=HEADERS)

        assert answer.status_code < 500
        if answer.status_code >= 300:
            problem(answer)

    send()
    filled.assert_books()
