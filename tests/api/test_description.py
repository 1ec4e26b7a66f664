"""The description of the API says what its routes really take and answer."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import psycopg
import pytest
from litestar import Litestar, Router, get
from sqlalchemy import func, select

from hero_onboarding.api_keys import Scope
from hero_onboarding.http import SECRET_HEADER
from hero_onboarding.payments import ProviderAnswerError
from hero_onboarding.web.api.description import KEY_SCHEME, SECRET_SCHEME, guards_of
from tests.api.conftest import NewApi
from tests.api.keyed import make_key
from tests.api.routes import HEALTH, ROUTES, Route
from tests.api.schema import misfits
from tests.api.served import HEADERS, Api, a_use, with_provider
from tests.api.test_access import PRODUCTION, ask
from tests.fakes.clock import FakeClock
from tests.fakes.provider import FakeProvider
from tests.wallet.people import People

PROBLEM = "application/problem+json"
MIB = 1024 * 1024


def described(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = api.client.get("/api/openapi.json").json()
    return found


def operation_of(description: dict[str, Any], route: Route) -> dict[str, Any]:
    found: dict[str, Any] = description["paths"][route.template][route.method.lower()]
    return found


def tries(api: Api, provider: FakeProvider, route: Route) -> Iterator[httpx.Response]:
    """Ask a route in every way that should have an answer of its own."""
    yield ask(api, route)
    yield ask(api, route)
    yield ask(api, route, None)
    other = Scope.JOBS_RUN if Scope.JOBS_RUN not in route.scopes else Scope.AGGREGATE
    yield ask(api, route, None, key=make_key(api, other))
    send = api.client.request
    if route.method == "POST":
        yield api.send(route.path, b"[")
        yield api.send(route.path, b" " * 9 * MIB)
    if route.method == "GET":
        yield api.get(f"{route.path}?cursor=x&only_news=x")
    if "ada" in route.path:
        path = route.path.replace("ada", "nobody")
        yield ask(api, Route(route.name, path, route.body))
    if isinstance(route.body, dict) and "name" in route.body:
        yield api.post(route.path, {**route.body, "name": "Eve"})
    if isinstance(route.body, dict) and "method" in route.body:
        yield api.post(route.path, {**route.body, "amount": 700})
        provider.talks_nonsense = True
        yield api.post(route.path, {**route.body, "idempotency_key": "nonsense"})
        provider.talks_nonsense = False
    if isinstance(route.body, dict) and "rate" in route.body:
        yield follow_nonsense(api, route)
    if isinstance(route.body, dict) and "since" in route.body:
        yield api.post(route.path, {**route.body, "provider": "nobody"})
        provider.talks_nonsense = True
        yield ask(api, route)
        provider.talks_nonsense = False
    if isinstance(route.body, dict) and "scopes" in route.body:
        account = {"scopes": ["account:read"], "user_sid": "nobody"}
        yield api.post(route.path, {**route.body, **account})
    for name in ("amount", "amount_cents"):
        if isinstance(route.body, dict) and name in route.body:
            yield api.post(route.path, {**route.body, name: 3})
    yield send(route.method, route.path, headers={**HEADERS, "Host": "evil.example"})


class Nonsense:
    """A source of rates that makes no sense."""

    name = "clickpesa"

    def fetch_rate(self, currency: str) -> int:
        raise ProviderAnswerError(currency)


def follow_nonsense(api: Api, route: Route) -> httpx.Response:
    """Have the rates of a source followed that makes no sense."""
    services = api.app.state["services"]
    rates = replace(services.rates, source=Nonsense())
    api.app.state["services"] = replace(services, rates=rates)
    answer = api.post(route.path, {"currency": "TZS", "follow": True})
    api.app.state["services"] = services
    return answer


def fill(api: Api, provider: FakeProvider) -> list[tuple[Route, httpx.Response]]:
    """Bring a server to where every list has something in it; return what it answered."""
    by_name = {route.name: route for route in ROUTES}
    found: list[tuple[Route, httpx.Response]] = []

    def do(name: str, body: object = None, path: str = "") -> httpx.Response:
        route = by_name[name]
        route = Route(name, path or route.path, route.body if body is None else body)
        found.append((route, ask(api, route)))
        return found[-1][1]

    do("POST /v1/users")
    do("POST /v1/users/{sid}/adjustments")
    hold = do("POST /v1/users/{sid}/holds").json()["id"]
    do("POST /v1/holds/{hold_id}/close", path=f"/v1/holds/{hold}/close")
    top_up = do("POST /v1/users/{sid}/top-ups").json()["top_up_id"]
    do("GET /v1/top-ups/{top_up_id}", path=f"/v1/top-ups/{top_up}")
    provider.pay("cs_1")
    assert api.post("/sandbox/clock", {"advance_seconds": 60}).status_code == 200
    do("POST /admin/run-jobs-now")
    refunds = f"/v1/top-ups/{top_up}/refunds"
    for body in (None, None, {"amount": 9, "idempotency_key": "r"}):
        do("POST /v1/top-ups/{top_up_id}/refunds", body, path=refunds)
    provider.talks_nonsense = True
    body = {"amount": 9, "idempotency_key": "s"}
    do("POST /v1/top-ups/{top_up_id}/refunds", body, path=refunds)
    provider.talks_nonsense = False
    do("GET /v1/top-ups/{top_up_id}", path=f"/v1/top-ups/{top_up}")
    People(api.services.database, FakeClock()).dispute("ada", 5, "d1")
    for _ in range(2):
        do("POST /v1/users/{sid}/debt-write-offs")
    do("POST /v1/usage/batch", [a_use("b1"), a_use("b1"), a_use("b1", amount_cents=9), {}])
    do("POST /v1/usage/batch", [a_use("b2", user_sid="nobody")])
    do("POST /admin/push-usage-now")
    do("POST /admin/aggregate-now")
    right = do("POST /v1/charge-rights").json()["number"]
    do("DELETE /v1/charge-rights/{number}", path=f"/v1/charge-rights/{right}")
    key = do("POST /admin/api-keys").json()["id"]
    do("POST /admin/api-keys/{key_id}/revoke", path=f"/admin/api-keys/{key}/revoke")
    client = do("POST /admin/openid/clients").json()["id"]
    revoking = "POST /admin/openid/clients/{client_id}/revoke"
    do(revoking, path=f"/admin/openid/clients/{client}/revoke")
    reads = [route for route in (HEALTH, *ROUTES) if route.method == "GET"]
    return found + [(route, ask(api, route)) for route in reads]


def assert_described(description: dict[str, Any], route: Route, answer: httpx.Response) -> None:
    """Hold an answer against the schema of its status."""
    responses = operation_of(description, route)["responses"]
    assert str(answer.status_code) in responses, (route.name, answer.status_code, answer.text)
    response = responses[str(answer.status_code)]
    if "content" not in response:
        assert answer.content == b"", route.name
        return
    is_file = answer.status_code < 400 and route.name.endswith(".csv")
    media = PROBLEM if answer.status_code >= 400 else "application/json"
    media = "text/csv" if is_file else media
    assert answer.headers["content-type"].removesuffix("; charset=utf-8") == media, route.name
    assert list(response["content"]) == [media], route.name
    said = answer.text if is_file else answer.json()
    wrong = list(misfits(response["content"][media]["schema"], said, description))
    assert wrong == [], (route.name, answer.text)


def test_every_answer_is_one_that_is_described(new_api: NewApi) -> None:
    api, provider = with_provider(new_api())
    description = described(api)

    answers = fill(api, provider)
    answers += [(route, answer) for route in ROUTES for answer in tries(api, provider, route)]

    assert len(answers) > 100
    for route, answer in answers:
        assert_described(description, route, answer)
    listed = {
        route.name: len(answer.json().get("items", []))
        for route, answer in answers
        if route.method == "GET" and answer.status_code == 200
        if not route.path.endswith(("rights", ".csv"))
    }
    assert listed["GET /v1/quarantine"] == 1
    assert listed["GET /v1/users/{sid}/movements"] > 1


def cut_off(api: Api, url: str) -> None:
    """Take the database away under a running server."""
    with api.services.database.reading() as tx:
        name = tx.execute(select(func.current_database())).scalar_one()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )


def test_in_the_sandbox_every_described_status_is_given(
    new_api: NewApi, postgresql_url: str
) -> None:
    api, provider = with_provider(new_api("postgresql"))
    description = described(api)
    seen: dict[str, set[str]] = defaultdict(set)

    for route, answer in fill(api, provider):
        seen[route.name].add(str(answer.status_code))
    for route in (HEALTH, *ROUTES):
        seen[route.name] |= {str(answer.status_code) for answer in tries(api, provider, route)}
    cut_off(api, postgresql_url)
    for route in ROUTES:
        seen[route.name].add(str(ask(api, route).status_code))

    for route in (HEALTH, *ROUTES):
        assert seen[route.name] == set(operation_of(description, route)["responses"]), route.name


def security_of(description: dict[str, Any], route: Route) -> list[dict[str, list[str]]]:
    found: list[dict[str, list[str]]] = operation_of(description, route)["security"]
    return found


def test_production_describes_that_writes_need_a_key(new_api: NewApi) -> None:
    api, provider = with_provider(new_api(**PRODUCTION))
    description = described(api)

    for route in ROUTES:
        if route.in_production == "gone":
            assert route.template not in description["paths"]
            continue
        is_open = {SECRET_SCHEME: []} in security_of(description, route)
        assert is_open == (route.in_production == "open"), route.name
        assert "421" not in operation_of(description, route)["responses"]
        for answer in tries(api, provider, route):
            assert_described(description, route, answer)


def test_operations_name_who_may_ask_their_bodies_and_what_they_do(sqlite_api: Api) -> None:
    description = described(sqlite_api)

    schemes = description["components"]["securitySchemes"]
    secret, key = schemes.pop(SECRET_SCHEME), schemes.pop(KEY_SCHEME)
    assert (secret["type"], secret["in"], secret["name"]) == ("apiKey", "header", SECRET_HEADER)
    assert (key["type"], key["scheme"], schemes) == ("http", "bearer", {})
    assert "security" not in operation_of(description, HEALTH)
    for route in ROUTES:
        operation = operation_of(description, route)
        keys = [{KEY_SCHEME: [str(scope)]} for scope in route.scopes]
        assert operation["security"] == [{SECRET_SCHEME: []}, *keys], route.name
        for scope in route.scopes:
            assert f"`{scope}`" in operation["description"], route.name
        assert ("requestBody" in operation) == route.takes_body, route.name
        assert " " in operation["summary"], route.name
        assert "400" not in operation["responses"]


@get("/open", sync_to_thread=False)
def show_all() -> None:
    """A route that somebody forgot to guard."""


def test_a_script_route_without_a_guard_stops_the_start() -> None:
    forgotten = Router("/", route_handlers=[show_all])

    with pytest.raises(AssertionError, match="show_all"):
        guards_of(Litestar([forgotten]), forgotten)


def test_bodies_that_are_taken_are_as_described(sqlite_api: Api) -> None:
    description = described(sqlite_api)

    for route in ROUTES:
        if route.takes_body:
            body = operation_of(description, route)["requestBody"]
            schema = body["content"]["application/json"]["schema"]
            assert list(misfits(schema, route.body, description)) == [], route.name
            assert body["required"] == ("push" not in route.path)
