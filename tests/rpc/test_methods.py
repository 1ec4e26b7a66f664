"""Methods do what their routes do: the same answers, the same guards, the same refusals."""

import json
import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from hero_onboarding.api_keys import Scope
from hero_onboarding.http import SECRET_HEADER
from hero_onboarding.web.rpc.names import METHOD_NAMES, name_of
from tests.api.keyed import make_key, useless_texts
from tests.api.routes import ROUTES, Route
from tests.api.served import SECRET, Api, a_use
from tests.api.test_access import PRODUCTION, ask, is_there
from tests.rpc.called import OPEN, Caller
from tests.rpc.conftest import NewCaller

TIMES = {"at", "created_at", "expires_at", "first_seen", "last_seen", "now"}
IN_PATH = {"{sid}": "ada", "{hold_id}": "00000000-0000-0000-0000-000000000000"}
Do = Callable[[str, dict[str, Any]], Any]


def params_of(route: Route) -> dict[str, Any]:
    """Return what a route is asked with as parameters of its method."""
    template, path = route.template.split("/"), route.path.split("/")
    named: dict[str, Any] = {
        name.strip("{}"): value
        for name, value in zip(template, path, strict=True)
        if name.startswith("{")
    }
    if isinstance(route.body, list):
        return {"records": route.body}
    return named | (route.body if isinstance(route.body, dict) else {})


def test_every_script_route_has_a_method_of_its_own() -> None:
    assert set(METHOD_NAMES) == {route.name for route in ROUTES}
    assert len(set(METHOD_NAMES.values())) == len(METHOD_NAMES)
    for name in METHOD_NAMES.values():
        noun, _, verb = name.partition(".")
        assert noun.replace("_", "").isalpha(), name
        assert verb.replace("_", "").isalpha(), name
        assert noun != "rpc", "the protocol keeps that for itself"


def test_a_route_without_a_name_stops_the_start() -> None:
    with pytest.raises(AssertionError, match=r"web/rpc/names\.py"):
        name_of("GET /v1/forgotten")


def steps() -> list[tuple[str, dict[str, Any]]]:
    """A journey through money: routes by name, with what they are given."""
    gift = {"sid": "ada", "amount": 500_000, "reason": "a gift", "idempotency_key": "gift"}
    hold = {
        "sid": "ada",
        "amount": 100,
        "purpose": "a machine",
        "expires_at": "2126-01-01T00:00:00Z",
        "idempotency_key": "hold",
    }
    create, adjust = "POST /v1/users", "POST /v1/users/{sid}/adjustments"
    return [
        (create, {"sid": "ada", "name": "Ada"}),
        (create, {"sid": "ada", "name": "Ada"}),
        (create, {"sid": "ada", "name": "Eve"}),
        (adjust, gift),
        (adjust, gift),
        (adjust, {**gift, "amount": 7}),
        (adjust, {**gift, "amount": -600_000, "idempotency_key": "too much"}),
        (adjust, {**gift, "sid": "nobody", "idempotency_key": "other"}),
        ("POST /v1/users/{sid}/holds", hold),
        ("POST /record_usage", a_use("r1", amount_cents=12)),
        ("POST /record_usage", a_use("r1", amount_cents=12)),
        ("POST /record_usage", a_use("r1", amount_cents=13)),
        ("POST /v1/usage/batch", {"records": [a_use("r2"), a_use("r2"), {}, a_use("r3")]}),
        ("POST /v1/usage/batch", {"records": [a_use("r4", user_sid="bob")]}),
        ("POST /admin/push-usage-now", {}),
        ("POST /admin/push-usage-now", {"full": True}),
        ("POST /admin/aggregate-now", {}),
        ("POST /admin/aggregate-now", {}),
        ("GET /v1/users/{sid}/wallet", {"sid": "ada"}),
        ("GET /v1/users/{sid}/movements", {"sid": "ada"}),
        ("GET /v1/quarantine", {}),
        ("POST /v1/quarantine/retry", {}),
        ("GET /v1/incidents", {}),
        ("POST /v1/charge-rights", {"user_sid": "ada", "micros_per_hour": 10}),
        ("DELETE /v1/charge-rights/{number}", {"number": "2"}),
        ("DELETE /v1/charge-rights/{number}", {"number": "2"}),
        ("GET /v1/charge-rights", {}),
        ("POST /v1/prices", {"compute_micros": 1, "storage_micros": 2}),
        ("GET /v1/prices", {}),
        ("GET /v1/users", {}),
        ("GET /v1/books", {"only_news": True}),
        ("GET /v1/books", {}),
    ]


def by_route(api: Api, name: str, given: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Ask a route; a refusal is its problem."""
    verb, path = name.split(" ")
    rest = dict(given)
    for key in [key for key in given if f"{{{key}}}" in path]:
        path = path.replace(f"{{{key}}}", rest.pop(key))
    query = "?" + "&".join(f"{k}={str(v).lower()}" for k, v in rest.items())
    path += query if verb == "GET" and rest else ""
    content = json.dumps(rest.get("records", rest)).encode() if verb == "POST" else b""
    response: httpx.Response = api.client.request(verb, path, content=content, headers=OPEN)
    return response.json() if response.content else None


def by_method(caller: Caller, name: str, given: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Call the method of a route; a refusal is its problem."""
    answer = caller.call(METHOD_NAMES[name], given)
    return answer["result"] if "result" in answer else answer["error"]["data"]


def without_times(value: object) -> object:
    """Leave out what differs between two runs: the present instant, heads of repositories."""
    if isinstance(value, dict):
        left_out = TIMES | {"commit"}
        return {key: without_times(one) for key, one in value.items() if key not in left_out}
    return [without_times(one) for one in value] if isinstance(value, list) else value


def test_a_whole_journey_has_the_answers_of_the_routes(engine: str, new_caller: NewCaller) -> None:
    over_http, over_rpc = new_caller(engine), new_caller(engine)

    for name, given in steps():
        expected = without_times(by_route(over_http.api, name, given))
        found = without_times(by_method(over_rpc, name, given))
        if name.startswith("POST /v1/users/{sid}/holds"):  # its id is drawn
            expected, found = (dict(one) | {"id": ""} for one in (expected, found))  # type: ignore[call-overload]
        assert found == expected, name

    wallet = over_rpc.result("wallet.show", ["ada"])
    assert wallet["balance"] == 500_000 - 10_000 * (12 + 5 + 5)
    assert over_rpc.result("books.show")["balanced"] is True
    over_rpc.api.assert_books()


def test_repeats_change_nothing(caller: Caller) -> None:
    def do_all() -> list[Any]:
        return [
            caller.result("users.create", ["ada", "Ada"]),
            caller.result("users.adjust", ["ada", 50, "a gift", "gift"]),
            caller.result("usage.record", a_use("r1")),
            caller.result("usage.record_batch", [[a_use("r2")]]),
            caller.result("wallet.show", ["ada"]),
        ]

    first, before = do_all(), caller.api.contents()
    again = do_all()

    assert caller.api.contents() == before
    assert again[0] == first[0]
    assert [one.get("status") for one in again[1:3]] == ["duplicate", "duplicate"]
    assert again[1]["transfer_id"] == first[1]["transfer_id"]
    assert again[4] == first[4]


def test_a_call_that_fails_in_a_batch_undoes_nothing(caller: Caller) -> None:
    caller.result("users.create", ["ada"])
    calls = [("k1", 50), ("k2", -500), ("k1", 51), ("k3", -20)]

    found = caller.ask(
        [
            {
                "jsonrpc": "2.0",
                "id": key,
                "method": "users.adjust",
                "params": ["ada", amount, "a test", key],
            }
            for key, amount in calls
        ]
    )

    assert [one.get("error", {}).get("code") for one in found] == [None, 409, 409, None]
    assert caller.result("wallet.show", ["ada"])["balance"] == 30
    caller.api.assert_books()


@pytest.mark.parametrize("mode", ["sandbox", "production"])
@pytest.mark.parametrize("role", ["node", "all"])
def test_a_server_has_the_methods_of_its_role_and_mode(
    mode: str, role: str, new_caller: NewCaller
) -> None:
    caller = new_caller(ROLE=role, **(PRODUCTION if mode == "production" else {}))
    there = {route.name for route in ROUTES if is_there(route, mode, role)}

    document = caller.client.get("/openrpc.json").json()

    methods = {one["name"]: one.get("x-route") for one in document["methods"]}
    assert methods.pop("rpc.discover") is None
    assert methods == {METHOD_NAMES[name]: name for name in there}
    for route in ROUTES:
        if route.name not in there:
            assert caller.refused(METHOD_NAMES[route.name])[0] == -32601


def test_every_method_refuses_who_shows_nothing_or_something_wrong(shared: Caller) -> None:
    texts = useless_texts(shared.api, Scope.READ)
    before = shared.api.contents()
    unknown = (401, "request.unauthenticated")

    for route in ROUTES:
        method, params = METHOD_NAMES[route.name], params_of(route)
        assert shared.refused(method, params, X_Nothing="1") == unknown, method
        for secret in ("", "wrong", SECRET[:-1], f"{SECRET}x"):
            headers = {SECRET_HEADER: secret}
            assert shared.refused(method, params, **headers) == unknown, method
    for text in texts.values():
        headers = {"Authorization": f"Bearer {text}"}
        assert shared.refused("users.list", [], **headers) == unknown, text
    assert shared.api.contents() == before


def test_keys_open_the_methods_of_their_scopes_in_production(new_caller: NewCaller) -> None:
    caller = new_caller(**PRODUCTION)
    keys = {scope: make_key(caller.api, scope) for scope in Scope}

    for route in ROUTES:
        if route.in_production == "gone":
            continue
        method, params = METHOD_NAMES[route.name], params_of(route)
        by_secret = caller.call(method, params, **OPEN)
        code = by_secret.get("error", {}).get("data", {}).get("code")
        assert (code == "request.key_needed") == (route.in_production == "key"), method
        for scope, key in keys.items():
            answer = caller.call(method, params, Authorization=f"Bearer {key}")
            code = answer.get("error", {}).get("data", {}).get("code")
            assert (code == "request.scope_needed") == (scope not in route.scopes), (method, scope)


def test_a_key_that_is_bound_stays_bound(new_caller: NewCaller) -> None:
    caller = new_caller(**PRODUCTION)
    for sid in ("ada", "bob"):
        key = make_key(caller.api, Scope.USERS_WRITE)
        caller.call("users.create", [sid, sid], Authorization=f"Bearer {key}")
    own = make_key(caller.api, Scope.ACCOUNT_READ, user_sid="bob")
    node = make_key(caller.api, Scope.USAGE_RECORD)
    before = caller.api.journal()

    wallet = caller.call("wallet.show", ["bob"], Authorization=f"Bearer {own}")
    refused = caller.refused("wallet.show", ["ada"], Authorization=f"Bearer {own}")
    other = a_use("x", node_id="node-b")
    batch = caller.refused("usage.record_batch", [[other]], Authorization=f"Bearer {node}")

    assert wallet["result"]["user_sid"] == "bob"
    assert refused == batch == (403, "request.key_bound")
    assert caller.api.journal() == before


def test_the_headers_count_for_every_call_of_a_batch(shared: Caller) -> None:
    key = make_key(shared.api, Scope.READ)
    batch = [
        {"jsonrpc": "2.0", "id": 1, "method": "users.list"},
        {"jsonrpc": "2.0", "id": 2, "method": "users.create", "params": ["not-made"]},
        {"jsonrpc": "2.0", "id": 3, "method": "books.show"},
    ]

    response = shared.send(json.dumps(batch).encode(), {"Authorization": f"Bearer {key}"})

    found = [one.get("error", {}).get("code") for one in response.json()]
    assert found == [None, 403, None]


def test_two_secrets_or_keys_are_none(shared: Caller) -> None:
    key = make_key(shared.api, Scope.READ)
    message = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "users.list"})
    twice = [("Authorization", f"Bearer {key}")] * 2

    response = shared.client.post("/rpc", content=message, headers=twice)

    assert response.json()["error"]["code"] == 401


def test_what_a_caller_says_of_hosts_and_origins_is_nothing_to_a_method(shared: Caller) -> None:
    for name, value in {
        "Host": "evil.example",
        "X-Forwarded-For": "192.0.2.1",
        "Origin": "https://evil.example",
        "Cookie": "hero_session=x",
        "Accept": "text/html",
        "Accept-Language": "sw",
        "Content-Length": "0",
    }.items():
        if name != "Content-Length":
            answer = shared.call("wallet.show", ["nobody"], **OPEN, **{name: value})
            assert answer["error"]["data"]["code"] == "wallet.not_found", name
            assert answer["error"]["message"] == "There is no such user"


def test_the_same_refusal_as_the_routes(shared: Caller) -> None:
    for route in ROUTES:
        if "{sid}" in route.template or "{hold_id}" in route.template:
            continue
        expected = ask(shared.api, route, None).json()
        answer = shared.call(METHOD_NAMES[route.name], params_of(route), X_Nothing="1")
        assert answer["error"]["data"] == expected, route.name


def test_no_secret_is_ever_in_a_log(shared: Caller, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    key = make_key(shared.api, Scope.READ, Scope.KEYS_WRITE)

    made = shared.result("keys.create", ["a script", ["read"]])["key"]
    shared.call("users.list", [], Authorization=f"Bearer {key}")
    shared.call("users.list", [], Authorization=f"Bearer {made[:-1]}")
    shared.call(f"keys.{made}", [made], Authorization=f"Bearer {made}")
    shared.call("wallet.show", [made])
    shared.send(f'{{"{made}"'.encode())

    said = caplog.text + "".join(repr(record.__dict__) for record in caplog.records)
    for secret in (SECRET, key, made, made[:-1]):
        assert secret not in said


def test_a_fault_is_an_internal_error_without_details(
    new_caller: NewCaller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caller = new_caller()

    def fail() -> tuple[int, int]:
        raise RuntimeError("a detail")

    monkeypatch.setattr(type(caller.api.services), "run_due", property(lambda _: fail))
    answer = caller.call("admin.run_jobs_now")

    assert (answer["error"]["code"], answer["error"]["message"]) == (-32603, "Internal error")
    assert "a detail" not in json.dumps(answer)
    assert "a detail" in caplog.text
