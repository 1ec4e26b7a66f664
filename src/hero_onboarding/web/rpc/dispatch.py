"""Ask the site's own application in process, and turn its answer into one of JSON-RPC.

So a method has the guard, the limits and the code of its route, and nothing is done twice.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

import msgspec
from litestar import Litestar
from litestar.types import HTTPDisconnectEvent, HTTPRequestEvent, Message

from hero_onboarding.http import SECRET_HEADER
from hero_onboarding.web.rpc.messages import FAULT, MESSAGES, NULL, WRONG_PARAMS, Failure
from hero_onboarding.web.rpc.methods import Asked

Headers = Iterable[tuple[bytes, bytes]]

_REFUSED_FROM: Final = 400
_CODES: Final = {422: WRONG_PARAMS, 500: FAULT}
_HANDED_ON: Final = (b"authorization", SECRET_HEADER.lower().encode())
_HERE: Final = ("127.0.0.1", 0)
"""Whoever opens a socket of this machine is on this machine."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the site said."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes


def code_of(status: int) -> int:
    """Return the code of a refusal: the one that JSON-RPC has for it, else the status itself."""
    return _CODES.get(status, status)


def message_of(code: int, title: str) -> str:
    """Return the message of a code: JSON-RPC's own, else the problem's title."""
    return MESSAGES.get(code, title)


async def ask_site(site: Litestar, asked: Asked, headers: Headers) -> bytes | Failure:
    """Return the text of a route's answer, or why it refused, with its problem."""
    answer = await _ask(site, _scope_of(asked, headers), asked.body)
    if answer.status < _REFUSED_FROM:
        return _as_json(answer)
    problem = msgspec.json.decode(answer.body, type=dict[str, Any])
    if b"retry-after" in answer.headers:
        problem["retry_after_seconds"] = int(answer.headers[b"retry-after"])
    code = code_of(answer.status)
    return Failure(code, message_of(code, problem["title"]), msgspec.json.encode(problem))


def _as_json(answer: Answer) -> bytes:
    """Return what a route answers as JSON; what it writes otherwise is one text."""
    if not answer.body:
        return NULL
    if answer.headers.get(b"content-type", b"").startswith(b"text/"):
        return msgspec.json.encode(answer.body.decode())
    return answer.body


def _scope_of(asked: Asked, headers: Headers) -> dict[str, Any]:
    """Describe a request as a server would; what opens routes is the caller's own."""
    shown = [(name, value) for name, value in headers if name in _HANDED_ON]
    own = [
        (b"host", b"localhost"),
        (b"content-type", b"application/json"),
        (b"content-length", str(len(asked.body)).encode()),
    ]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": asked.verb,
        "scheme": "http",
        "path": unquote(asked.path),
        "raw_path": asked.path.encode(),
        "query_string": asked.query.encode(),
        "root_path": "",
        "headers": [*own, *shown],
        "client": _HERE,
        "server": _HERE,
        "state": {},
    }


async def _ask(site: Litestar, scope: Any, body: bytes) -> Answer:  # noqa: ANN401 - a plain mapping, as servers give
    """Make one request of an ASGI application and collect its answer."""
    sent: list[HTTPRequestEvent] = [
        {"type": "http.request", "body": body, "more_body": False},
    ]
    over = asyncio.Event()
    status, headers, parts = 0, dict[bytes, bytes](), list[bytes]()

    async def receive() -> HTTPRequestEvent | HTTPDisconnectEvent:
        if sent:
            return sent.pop()
        await over.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            headers.update({name.lower(): value for name, value in message["headers"]})
        elif message["type"] == "http.response.body":
            parts.append(message["body"])
            if not message.get("more_body"):
                over.set()

    await site(scope, receive, send)
    return Answer(status, headers, b"".join(parts))
