"""One request and one answer as plain values, and the ASGI edge around them."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

import msgspec

from hero_onboarding.kernel.errors import InvalidInputError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

DROP_EXTENSION = "hero_onboarding.drop"


class BodyTooLargeError(InvalidInputError):
    """More bytes arrived than the receiver takes; the edge turns it into a 413."""

    code = "sandbox.body_too_large"


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked, with the path split before it was unescaped.

    Segments that are not UTF-8 keep their bytes as surrogates, so that handlers can refuse them.
    """

    method: str
    segments: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    query_text: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Spell the path as segments joined by slashes, with the first slash."""
        return "/" + "/".join(self.segments)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: status, bytes, headers."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def json_answer(
    value: object, status: int = 200, headers: tuple[tuple[str, str], ...] = ()
) -> Answer:
    """Answer with one JSON value."""
    content_type = ("Content-Type", "application/json;charset=utf-8")
    return Answer(status, msgspec.json.encode(value), (content_type, *headers))


def text_answer(text: str, status: int = 200, content_type: str = "text/plain") -> Answer:
    """Answer with text in UTF-8."""
    return Answer(status, text.encode(), (("Content-Type", f"{content_type}; charset=utf-8"),))


def read_head(scope: Scope) -> Request:
    """Turn an ASGI scope into a request without a body."""
    raw = scope["raw_path"].split(b"/")[1:]
    segments = tuple(unquote_to_bytes(part).decode("utf-8", "surrogateescape") for part in raw)
    query_text = scope["query_string"].decode("latin-1")
    query = parse_qsl(query_text, keep_blank_values=True)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(scope["method"], segments, dict(reversed(query)), headers, query_text=query_text)


async def read_body(receive: Receive, bytes_max: int) -> bytes:
    """Collect a request's body.

    Raises:
        BodyTooLargeError: If it is longer than ``bytes_max``.
        ConnectionAbortedError: If the client went away.
    """
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionAbortedError
        part = message.get("body", b"")
        size += len(part)
        if size > bytes_max:
            raise BodyTooLargeError
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


async def send_answer(send: Send, answer: Answer, *, close: bool = False) -> None:
    """Send a whole answer, and close the connection after it if asked to."""
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers
    ]
    if answer.status not in {204, 304}:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def drop_connection(scope: Scope, receive: Receive) -> None:
    """Cut the connection without a byte of answer and wait until it is gone."""
    scope["extensions"][DROP_EXTENSION]()
    while (await receive())["type"] != "http.disconnect":
        pass


def with_body(request: Request, body: bytes) -> Request:
    """Copy a request with its body read."""
    return replace(request, body=body)
