"""The description of the routes of signing in says what they answer, and hostile input gets it."""

from collections import defaultdict
from typing import Any

import httpx

from tests.api.routes import SIGN_IN_ROUTES
from tests.api.schema import misfits
from tests.api.served import Api
from tests.sign_in.conftest import NewHolder
from tests.sign_in.holder import Holder
from tests.sign_in.test_attempt import begin

HOSTILE = [b"", b"[", b"[]", b"null", b'{"a":1,"a":2}', b"\xff", b"[" * 5000, b'{"x":"' + b"y" * 99]
Seen = list[tuple[str, httpx.Response]]


def _abuse(holder: Holder, attempt: str) -> Seen:
    """Send every route what nobody should."""
    seen: Seen = []
    for name in sorted(SIGN_IN_ROUTES):
        method, template = name.split(" ")
        path = template.replace("{attempt}", attempt)
        for content in (*HOSTILE, b" " * (1024 * 1024 + 1)) if method == "POST" else (b"",):
            seen.append((name, holder.client.request(method, path, content=content)))
        other = {"Sec-Fetch-Site": "cross-site"}
        seen.append((name, holder.client.request(method, path, headers=other)))
        seen.append((name, holder.client.request(method, path, headers={"Host": "evil.example"})))
        for text in ("\0", "x" * 5000, "\u2028"):
            body = {"challenge_id": text, "proof": "A" * 43, "attempt": text, **holder.claim}
            taken = {"POST /auth/challenge": {"attempt"}, "POST /auth/verify": {"challenge_id"}}
            extra = taken.get(name, set()) | {"address", "public_key", "proof"}
            sent = {k: v for k, v in body.items() if k in extra}
            seen.append((name, holder.client.request(method, path, json=sent)))
        for unknown in ("x", "%00", "é", "a" * 3000):
            asked = template.replace("{attempt}", unknown)
            if asked != template:
                seen.append((name, holder.client.request(method, asked)))
    return seen


def _use(ada: Holder, browser: Holder) -> Seen:
    """Use every route as it is meant."""
    headers = {"Accept": "application/json"}
    asked = ada.ask()
    seen: Seen = [("POST /auth/challenge", asked)]
    seen.append(("POST /auth/verify", ada.verify(asked.json(), ada.prove(asked.json()))))
    seen.append(("GET /v1/me", ada.client.get("/v1/me")))
    attempt = browser.client.post("/auth/attempts")
    seen.append(("POST /auth/attempts", attempt))
    found = attempt.json()
    events = f"/auth/attempts/{found['attempt']}/events"
    seen.append(("POST /auth/verify", ada.approve(found["attempt"], found["user_code"])))
    seen.append(
        ("GET /auth/attempts/{attempt}/events", browser.client.get(events, headers=headers))
    )
    done = browser.client.post(f"/auth/attempts/{found['attempt']}/complete")
    seen.append(("POST /auth/attempts/{attempt}/complete", done))
    limited = browser.client.post("/auth/attempts", json={"purpose": "link"})
    seen.append(("POST /auth/attempts", limited))
    seen.append(("POST /auth/sign-out", browser.client.post("/auth/sign-out")))
    return seen


def test_every_answer_is_one_that_is_described(
    api: Api, ada: Holder, browser: Holder, new_holder: NewHolder
) -> None:
    description: dict[str, Any] = api.client.get("/api/openapi.json").json()
    waiting = begin(new_holder("waits"))["attempt"]

    seen = _use(ada, browser) + _abuse(new_holder("hostile"), waiting)

    by_route: dict[str, set[str]] = defaultdict(set)
    for name, answer in seen:
        method, template = name.split(" ")
        operation = description["paths"][template][method.lower()]
        assert "security" not in operation
        status = str(answer.status_code)
        by_route[name].add(status)
        assert status in operation["responses"], (name, status, answer.text[:200])
        schema = operation["responses"][status].get("content")
        if schema is None:
            assert answer.content == b""
            continue
        (media,) = schema
        assert answer.headers.get("Content-Type", "").startswith(media), (name, status, answer.url)
        assert list(misfits(schema[media]["schema"], answer.json(), description)) == [], name
    assert set(by_route) == SIGN_IN_ROUTES
    assert all(len(statuses) > 1 for statuses in by_route.values()), by_route
