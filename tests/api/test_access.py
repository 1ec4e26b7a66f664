"""Who may use which route, in each mode and role."""

import json

import httpx
import pytest

from hero_onboarding.api_keys import Scope
from hero_onboarding.http import SECRET_HEADER
from tests.api.conftest import NewApi
from tests.api.keyed import SUBJECTS, bearer, make_key, useless_texts
from tests.api.routes import HEALTH, OPENID_ROUTES, ROUTES, SIGN_IN_ROUTES, WEBHOOK_ROUTES, Route
from tests.api.served import SECRET, Api, problem

PRODUCTION = {"MODE": "production", "PUBLIC_URL": "https://hero.example"}
REFUSED_SECRETS = [None, "", "wrong", SECRET[:-1], f"{SECRET}x", SECRET.upper(), "é"]
PAGES = ("/", "/sign-in", "/dashboard", "/movements")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def ask(
    api: Api, route: Route, secret: str | None = SECRET, *, key: str | None = None
) -> httpx.Response:
    headers = {} if secret is None else {SECRET_HEADER.encode(): secret.encode()}
    if key is not None:
        headers[b"Authorization"] = f"Bearer {key}".encode()
    content = b"" if route.body is None else json.dumps(route.body).encode()
    return api.client.request(route.method, route.path, content=content, headers=headers)


def routes_of(api: Api) -> set[str]:
    """List the routes that an application has, by asking it for its description."""
    paths = api.client.get("/api/openapi.json").json()["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


def is_there(route: Route, mode: str, role: str) -> bool:
    is_gone = mode == "production" and route.in_production == "gone"
    return not is_gone and (role != "node" or route.on_node)


@pytest.fixture(params=["sandbox", "production"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["node", "central", "all"])
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def made(mode: str, role: str, new_api: NewApi) -> Api:
    return new_api(ROLE=role, **(PRODUCTION if mode == "production" else {}))


def test_a_server_has_exactly_the_routes_of_its_role_and_mode(
    mode: str, role: str, made: Api
) -> None:
    expected = {route.name for route in (HEALTH, *ROUTES) if is_there(route, mode, role)}
    open_to_all = SIGN_IN_ROUTES | OPENID_ROUTES | WEBHOOK_ROUTES if role != "node" else frozenset()

    assert routes_of(made) == expected | open_to_all
    for route in ROUTES:
        if not is_there(route, mode, role):
            for secret in (None, "wrong", SECRET):
                assert problem(ask(made, route, secret)) == (404, "request.not_found"), route.name


def test_a_node_has_no_pages(made: Api, role: str) -> None:
    answers = {
        (path, method): made.client.request(method, path, headers={"Accept": "text/html"})
        for path in (*PAGES, "/sign-out", "/static/site.css", "/v1", "/admin")
        for method in METHODS
    }

    if role == "node":
        assert {problem(answer) for answer in answers.values()} == {(404, "request.not_found")}
    else:
        assert answers["/", "GET"].status_code == 200


def test_the_secret_opens_what_the_contract_says(mode: str, role: str, made: Api) -> None:
    for route in ROUTES:
        if not is_there(route, mode, role):
            continue
        before = made.contents()
        answer = ask(made, route)
        if mode == "production" and route.in_production == "key":
            assert problem(answer) == (403, "request.key_needed"), route.name
            assert made.contents() == before, route.name
        else:
            assert answer.status_code not in {401, 403, 405, 422}, (route.name, answer.text)


def test_without_the_right_secret_every_route_is_shut_and_nothing_changes(
    mode: str, role: str, made: Api
) -> None:
    before = made.contents()

    for route in ROUTES:
        if is_there(route, mode, role):
            for secret in REFUSED_SECRETS:
                answer = ask(made, route, secret)
                assert problem(answer) == (401, "request.unauthenticated"), (route.name, secret)
    assert made.contents() == before
    assert ask(made, HEALTH, None).json()["status"] == "ok"
    assert ask(made, HEALTH, "wrong").status_code == 200


def test_a_key_opens_every_route_of_its_scopes_in_both_modes(
    mode: str, role: str, made: Api
) -> None:
    for route in ROUTES:
        if is_there(route, mode, role):
            for scope in route.scopes:
                answer = ask(made, route, None, key=make_key(made, scope))
                assert answer.status_code not in {401, 403, 405, 422}, (route.name, answer.text)


def test_a_key_without_the_scope_opens_nothing_and_nothing_changes(
    mode: str, role: str, made: Api
) -> None:
    bound = {scope: make_key(made, scope) for scope in SUBJECTS}
    free = [scope for scope in Scope if scope not in SUBJECTS]
    for route in ROUTES:
        if not is_there(route, mode, role):
            continue
        others = [text for scope, text in bound.items() if scope not in route.scopes]
        others.append(make_key(made, *(scope for scope in free if scope not in route.scopes)))
        before = made.contents()
        for text in others:
            answer = ask(made, route, None, key=text)
            assert problem(answer) == (403, "request.scope_needed"), (route.name, answer.text)
            assert route.scopes[0] in answer.json()["detail"], route.name
        assert made.contents() == before, route.name


def test_what_is_no_key_is_refused_by_one_answer_at_every_route_and_nothing_changes(
    mode: str, role: str, made: Api
) -> None:
    for route in ROUTES:
        if not is_there(route, mode, role):
            continue
        useless = useless_texts(made, route.scopes[0])
        before = made.contents()
        answers = [ask(made, route, None, key=text) for text in (None, *useless.values())]
        assert problem(answers[0]) == (401, "request.unauthenticated"), route.name
        assert len({answer.content for answer in answers}) == 1, route.name
        for answer in answers:
            assert answer.headers["WWW-Authenticate"] == "Bearer", route.name
        assert made.contents() == before, route.name


def test_a_wrong_secret_shuts_what_a_key_beside_it_would_open(
    mode: str, role: str, made: Api
) -> None:
    for route in ROUTES:
        if is_there(route, mode, role):
            text = make_key(made, route.scopes[0])
            before = made.contents()
            for secret in REFUSED_SECRETS:
                if secret is not None:
                    answer = ask(made, route, secret, key=text)
                    assert problem(answer) == (401, "request.unauthenticated"), route.name
            assert made.contents() == before, route.name


def test_beside_the_secret_a_key_counts_where_the_secret_is_not_enough(
    mode: str, role: str, made: Api
) -> None:
    for route in ROUTES:
        if is_there(route, mode, role):
            is_enough = mode == "sandbox" or route.in_production == "open"
            answer = ask(made, route, key="nonsense")
            assert (answer.status_code == 401) == (not is_enough), route.name
            answer = ask(made, route, key=make_key(made, route.scopes[0]))
            assert answer.status_code not in {401, 403, 405, 422}, (route.name, answer.text)


def test_pages_and_health_ask_for_no_key(made: Api) -> None:
    key = make_key(made, Scope.READ)
    for path in ("/health", *PAGES):
        plain = made.client.get(path, follow_redirects=False)
        for text in (key, "nonsense"):
            answer = made.client.get(path, headers=bearer(text), follow_redirects=False)
            assert answer.status_code == plain.status_code, path


def test_a_secret_counts_in_its_header_alone(sqlite_api: Api) -> None:
    before = sqlite_api.contents()
    client, headers = sqlite_api.client, {"Authorization": f"Bearer {SECRET}"}

    answers = [
        client.post("/v1/users", content=b"{}", headers=headers),
        client.post(f"/v1/users?{SECRET_HEADER}={SECRET}", content=b"{}"),
        client.post("/v1/users", content=b"{}", headers={"Cookie": f"{SECRET_HEADER}={SECRET}"}),
        client.post("/v1/users", content=json.dumps({SECRET_HEADER: SECRET}).encode()),
    ]

    assert {problem(answer) for answer in answers} == {(401, "request.unauthenticated")}
    assert sqlite_api.contents() == before
