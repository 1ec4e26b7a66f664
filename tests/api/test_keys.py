"""API keys over HTTP: made and shown once, bound to a node or a user, noted, revoked."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from hero_onboarding.api_keys import Scope
from tests.api.conftest import NewApi
from tests.api.keyed import bearer, id_of, make_key
from tests.api.routes import KEY
from tests.api.served import Api, a_use, problem
from tests.api.test_access import PRODUCTION

FIELDS = {
    *("id", "label", "scopes", "node_id", "user_sid", "created_at", "created_by"),
    *("expires_at", "last_used_at", "revoked_at"),
}


def with_key(api: Api, text: str, path: str, body: object = None, **more: Any) -> httpx.Response:  # noqa: ANN401 - as a request takes
    """Ask with a key and without the secret."""
    method = more.pop("method", "GET" if body is None else "POST")
    content = more.pop("content", b"" if body is None else json.dumps(body).encode())
    return api.client.request(method, path, content=content, headers=bearer(text), **more)


def listed(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/admin/api-keys").json()["items"]
    return found


def noted(api: Api, text: str) -> str | None:
    """When a key was last used, by what a list says."""
    (found,) = [one for one in listed(api) if one["id"] == id_of(text)]
    used: str | None = found["last_used_at"]
    return used


def test_a_new_key_is_shown_in_the_answer_and_nowhere_else(api: Api) -> None:
    answer = api.post("/admin/api-keys", {**KEY, "expires_days": 30})

    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(made) == FIELDS | {"key"}
    assert made["created_by"] == "admin_secret"
    life = datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(made["created_at"])
    assert life == timedelta(days=30)
    page = api.get("/admin/api-keys")
    assert page.json()["items"][0] == {name: made[name] for name in FIELDS}
    assert made["key"].rpartition("_")[2] not in page.text
    assert with_key(api, made["key"], "/v1/users").status_code == 200


def test_a_server_lists_the_operator_key_that_it_made(api: Api) -> None:
    (only,) = listed(api)

    assert (only["created_by"], only["scopes"]) == ("server", ["keys:write"])
    text = (api.folder / "operator_key").read_text().strip()
    assert id_of(text) == only["id"]
    made = with_key(api, text, "/admin/api-keys", KEY)
    assert made.status_code == 201
    assert made.json()["created_by"] == f"key:{only['id']}"


def test_production_makes_its_first_key_with_the_operator_key_alone(new_api: NewApi) -> None:
    api = new_api(**PRODUCTION)
    assert problem(api.post("/admin/api-keys", KEY)) == (403, "request.key_needed")
    operator = (api.folder / "operator_key").read_text().strip()

    wanted = {"label": "a script", "scopes": ["users:write"]}
    text = with_key(api, operator, "/admin/api-keys", wanted).json()["key"]

    assert with_key(api, operator, "/v1/users", {"sid": "ada"}).status_code == 403
    assert with_key(api, text, "/v1/users", {"sid": "ada"}).status_code == 201


def test_what_the_secret_does_not_open_says_exactly_what_to_do(new_api: NewApi) -> None:
    api = new_api(**PRODUCTION)
    create = "hero_onboarding keys create --label LABEL --scope"

    users = api.post("/v1/users", {"sid": "ada"}).json()["detail"]
    batch = api.post("/v1/usage/batch", [a_use()]).json()["detail"]

    assert f"{create} users:write, and send it as Authorization: Bearer" in users
    assert f"{create} usage:record --node NODE, and" in batch
    assert "HERO_ONBOARDING_API_KEY" in users


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"scopes": ["read"]}, "request.malformed"),
        ({"label": "x", "scopes": "read"}, "request.malformed"),
        ({"label": "x", "scopes": [1]}, "request.malformed"),
        ({"label": "x", "scopes": ["read"], "expires_days": "1"}, "request.malformed"),
        ({"label": "x", "scopes": ["read"], "key": "hok_x"}, "request.malformed"),
        ({"label": "x", "scopes": ["everything"]}, "api_keys.wrong"),
        ({"label": "x", "scopes": []}, "api_keys.wrong"),
        ({"label": "\u0000", "scopes": ["read"]}, "api_keys.wrong"),
        ({"label": "x", "scopes": ["usage:record"]}, "api_keys.wrong"),
        ({"label": "x", "scopes": ["read"], "expires_days": 10**30}, "api_keys.wrong"),
        ({"label": "x", "scopes": ["read"], "expires_days": 2**62}, "api_keys.wrong"),
    ],
)
def test_a_key_that_can_not_be_is_not_made(body: object, code: str, api: Api) -> None:
    before = api.contents()

    assert problem(api.post("/admin/api-keys", body)) == (422, code)

    assert api.contents() == before


def test_a_key_is_revoked_at_once_and_again(api: Api) -> None:
    text = make_key(api, Scope.READ)
    assert with_key(api, text, "/v1/users").status_code == 200

    first = api.post(f"/admin/api-keys/{id_of(text)}/revoke")
    refused = with_key(api, text, "/v1/users")
    again = api.post(f"/admin/api-keys/{id_of(text)}/revoke", {})

    assert first.status_code == again.status_code == 200
    assert first.json()["revoked_at"] is not None
    assert again.json() == first.json()
    assert problem(refused) == (401, "request.unauthenticated")


@pytest.mark.parametrize("key_id", ["0" * 16, "x", "%00", "%ED%B3%BF", "a" * 5000])
def test_a_key_that_is_not_there_can_not_be_revoked(key_id: str, api: Api) -> None:
    before = api.contents()

    answer = api.post(f"/admin/api-keys/{key_id}/revoke")

    assert problem(answer) == (404, "api_keys.not_found")
    assert api.contents() == before


def test_keys_are_listed_in_pages(sqlite_api: Api) -> None:
    texts = [make_key(sqlite_api, Scope.READ) for _ in range(50)]

    first = sqlite_api.get("/admin/api-keys").json()
    second = sqlite_api.get(f"/admin/api-keys?cursor={first['next_cursor']}").json()

    assert [one["id"] for one in first["items"]] == [id_of(text) for text in texts[::-1]]
    assert [one["created_by"] for one in second["items"]] == ["server"]
    assert second["next_cursor"] is None


def test_a_use_is_noted_once_a_minute_and_only_where_the_key_opens(api: Api) -> None:
    text = make_key(api, Scope.READ)
    assert noted(api, text) is None

    assert with_key(api, text, "/v1/users", {"sid": "ada"}).status_code == 403
    assert noted(api, text) is None
    for _ in range(2):
        assert with_key(api, text, "/v1/users").status_code == 200
    first = noted(api, text)
    assert first is not None
    api.post("/sandbox/clock", {"advance_seconds": 59})
    before = api.contents()
    assert with_key(api, text, "/v1/users").status_code == 200
    assert api.contents() == before, "within the minute nothing is written"
    api.post("/sandbox/clock", {"advance_seconds": 2})
    assert with_key(api, text, "/v1/users").status_code == 200

    second = noted(api, text)
    assert second is not None
    assert second > first


def test_a_key_is_over_when_the_clock_says_so(api: Api) -> None:
    text = make_key(api, Scope.READ, expires_days=1)
    assert with_key(api, text, "/v1/users").status_code == 200

    api.post("/sandbox/clock", {"advance_seconds": 86_400})

    assert problem(with_key(api, text, "/v1/users")) == (401, "request.unauthenticated")


def test_a_nodes_key_records_for_its_node(api: Api) -> None:
    text = make_key(api, Scope.USAGE_RECORD)

    one = with_key(api, text, "/record_usage", a_use("k1"))
    again = with_key(api, text, "/record_usage", a_use("k1"))
    batch = with_key(api, text, "/v1/usage/batch", [a_use("k2"), a_use("k1"), {}])

    assert (one.status_code, again.status_code) == (201, 200)
    assert batch.json()["created"] == batch.json()["duplicate"] == batch.json()["invalid"] == 1
    assert api.journal() == (2, 1)


@pytest.mark.parametrize("node", ["node-b", "node-A", "node-a ", "", "node-a\n"])
def test_a_nodes_key_records_for_no_other_node(node: str, api: Api) -> None:
    text = make_key(api, Scope.USAGE_RECORD)
    other, lines = a_use("k1", node_id=node), [a_use("k2"), a_use("k3", node_id=node)]
    ndjson = b"\n".join(json.dumps(line).encode() for line in lines)

    answers = [
        with_key(api, text, "/record_usage", other),
        with_key(api, text, "/v1/usage/batch", [other]),
        with_key(api, text, "/v1/usage/batch", lines),
        with_key(api, text, "/v1/usage/batch", lines[::-1]),
        with_key(api, text, "/v1/usage/batch", [a_use("k4"), {"node_id": node}]),
        api.client.post(
            "/v1/usage/batch",
            content=ndjson,
            headers={**bearer(text), "Content-Type": "application/x-ndjson"},
        ),
    ]

    assert {problem(answer) for answer in answers} == {(403, "request.key_bound")}
    assert "'node-a' only; nothing was recorded" in answers[0].json()["detail"]
    assert api.journal() == (0, 0)


@pytest.mark.parametrize("node", [None, 5, ["node-a"], {"a": 1}, True])
def test_a_node_that_can_not_be_read_is_a_wrong_field_and_no_other_node(
    node: object, sqlite_api: Api
) -> None:
    text = make_key(sqlite_api, Scope.USAGE_RECORD)
    wrong = {**a_use("k1"), "node_id": node}

    one = with_key(sqlite_api, text, "/record_usage", wrong)
    batch = with_key(sqlite_api, text, "/v1/usage/batch", [wrong, a_use("k2"), 5, None])

    assert problem(one) == (422, "usage.wrong_record")
    assert (batch.json()["created"], batch.json()["invalid"]) == (1, 3)


def test_a_node_takes_its_keys_and_its_own_records_only(engine: str, new_api: NewApi) -> None:
    node = new_api(engine, ROLE="node", MODE="production")
    own, other = (make_key(node, Scope.USAGE_RECORD, node_id=f"node-{name}") for name in "ab")

    assert with_key(node, own, "/record_usage", a_use("k1")).status_code == 201
    assert with_key(node, own, "/v1/usage/batch", [a_use("k2")]).json()["created"] == 1
    refused = with_key(node, other, "/record_usage", a_use("k3"))
    foreign = with_key(node, other, "/record_usage", a_use("k3", node_id="node-b"))

    assert problem(refused) == (403, "request.key_bound")
    assert problem(foreign) == (422, "usage.wrong_record")
    assert node.journal() == (2, 1)


def test_a_nodes_key_pushes_only_with_the_scope(sqlite_api: Api) -> None:
    plain = make_key(sqlite_api, Scope.USAGE_RECORD)
    both = make_key(sqlite_api, Scope.USAGE_RECORD, Scope.USAGE_PUSH)
    push = {"full": False}

    refused = with_key(sqlite_api, plain, "/admin/push-usage-now", push)

    assert problem(refused) == (403, "request.scope_needed")
    assert with_key(sqlite_api, both, "/admin/push-usage-now", push).status_code == 200


def test_a_users_key_reads_their_own_account_alone(api: Api) -> None:
    text = make_key(api, Scope.ACCOUNT_READ)
    api.post("/v1/users", {"sid": "bob"})

    for part in ("wallet", "movements"):
        assert with_key(api, text, f"/v1/users/ada/{part}").status_code == 200
        others = [with_key(api, text, f"/v1/users/{sid}/{part}") for sid in ("bob", "nobody")]
        assert {problem(answer) for answer in others} == {(403, "request.key_bound")}
        assert others[0].content == others[1].content, "it does not tell who exists"
    for path in ("/v1/users", "/v1/books", "/v1/incidents", "/admin/api-keys"):
        assert problem(with_key(api, text, path)) == (403, "request.scope_needed"), path


def test_a_revocation_counts_for_all_requests_that_begin_after_it(api: Api) -> None:
    text = make_key(api, Scope.READ)
    is_revoked, ready = threading.Event(), threading.Barrier(4, timeout=30)

    def use(_: int) -> list[tuple[bool, int]]:
        ready.wait()
        found = []
        for _ in range(25):
            was_revoked = is_revoked.is_set()
            found.append((was_revoked, with_key(api, text, "/v1/users").status_code))
        return found

    def revoke() -> None:
        ready.wait()
        assert api.post(f"/admin/api-keys/{id_of(text)}/revoke").status_code == 200
        is_revoked.set()

    with ThreadPoolExecutor(4) as pool:
        uses = [pool.submit(use, number) for number in range(3)]
        pool.submit(revoke).result(60)
        found = {outcome for one in uses for outcome in one.result(60)}

    assert found <= {(False, 200), (False, 401), (True, 401)}
    assert with_key(api, text, "/v1/users").status_code == 401


HOSTILE: list[list[bytes]] = [
    [b""],
    [b" "],
    [b"Bearer"],
    [b"Bearer "],
    [b"{key}"],
    [b"Basic {key}"],
    [b"Bearer{key}"],
    [b"Bearer\t{key}"],
    [b"Bearer {key} x"],
    [b"Bearer {key},{key}"],
    [b"Bearer {key}, Bearer {key}"],
    [b'Bearer "{key}"'],
    [b"Bearer token={key}"],
    [b"Bearer \xff\xfe"],
    [b"\xff\xfe {key}"],
    [b"Bearer {key}\xff"],
    [b"Bearer hok_\xc3\xa9"],
    [b"Bearer " + b"x" * 60_000],
    [b"x" * 60_000],
    [b"Bearer " + b" " * 60_000],
    [b"Bearer {key}", b"Bearer {key}"],
    [b"Bearer {key}", b"Basic x"],
    [b"", b"Bearer {key}"],
    [b"Bearer x"] * 200,
    [b"Digest username={key}"],
]


@pytest.mark.parametrize("values", HOSTILE, ids=lambda values: repr(values)[:40])
def test_a_header_that_is_no_key_is_refused_like_any_other(
    values: list[bytes], sqlite_api: Api
) -> None:
    key = make_key(sqlite_api, Scope.READ).encode()
    before = sqlite_api.contents()
    headers = [(b"Authorization", value.replace(b"{key}", key)) for value in values]

    answer = sqlite_api.client.get("/v1/users", headers=headers)

    assert problem(answer) == (401, "request.unauthenticated")
    assert sqlite_api.contents() == before


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer  "])
def test_the_scheme_is_read_in_any_case(scheme: str, sqlite_api: Api) -> None:
    text = make_key(sqlite_api, Scope.READ)

    answer = sqlite_api.client.get("/v1/users", headers={"Authorization": f"{scheme} {text}"})

    assert answer.status_code == 200


def test_a_key_counts_in_its_header_alone(sqlite_api: Api) -> None:
    text, client = make_key(sqlite_api, Scope.READ), sqlite_api.client

    answers = [
        client.get(f"/v1/users?access_token={text}&Authorization=Bearer%20{text}"),
        client.get("/v1/users", headers={"Cookie": f"Authorization=Bearer {text}"}),
        client.get("/v1/users", headers={"X-Hero-Onboarding-Admin-Secret": text}),
        client.get("/v1/users", headers={"Proxy-Authorization": f"Bearer {text}"}),
    ]

    assert {problem(answer) for answer in answers} == {(401, "request.unauthenticated")}


def test_a_repeat_with_a_key_within_the_minute_writes_nothing(api: Api) -> None:
    text = make_key(api, Scope.USAGE_RECORD)
    assert with_key(api, text, "/record_usage", a_use()).status_code == 201
    before = api.contents()

    assert with_key(api, text, "/record_usage", a_use()).status_code == 200

    assert api.contents() == before
