"""In sandbox mode, answer only to names of this machine."""

from collections.abc import Iterable
from typing import Final

import msgspec
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from hero_onboarding.http.failures import PROBLEM_JSON, in_language, make_problem
from hero_onboarding.http.request_locale import asked_locale
from hero_onboarding.kernel.server import is_loopback_host

_FORWARDED: Final = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip")


class LoopbackOnly:
    """ASGI middleware that refuses requests which came from or for anywhere else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass loopback requests on and refuse the others."""
        # Servers send the type as plain text, so that it equals the member and is not it.
        if scope["type"] != ScopeType.HTTP or _is_loopback(scope["headers"]):
            await self._app(scope, receive, send)
            return
        detail = "sandbox mode answers only to localhost; use production mode to serve others"
        locale = asked_locale(ASGIConnection(scope))
        problem = in_language(make_problem(421, "request.not_loopback", detail), locale)
        headers = [
            (b"content-type", PROBLEM_JSON.encode()),
            (b"content-language", locale.language.encode()),
            (b"vary", b"Accept-Language"),
        ]
        await send({"type": "http.response.start", "status": 421, "headers": headers})
        body = msgspec.json.encode(problem)
        await send({"type": "http.response.body", "body": body, "more_body": False})


def _is_loopback(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a request names one host, and every name and address in it is this machine's."""
    hosts: list[str] = []
    others: list[str] = []
    for name, value in headers:
        text = value.decode("latin-1")
        if name == b"host":
            hosts.append(text)
        elif name in _FORWARDED:
            others += [one for part in text.split(",") for one in _forwarded_names(part)]
    return len(hosts) == 1 and all(is_loopback_host(one) for one in hosts + others)


def _forwarded_names(part: str) -> list[str]:
    """Take the addresses out of one element of a forwarding header; without any it is itself."""
    pieces = [piece.strip().partition("=") for piece in part.split(";")]
    named = [value.strip('"') for key, _, value in pieces if key.lower() in {"for", "host"}]
    return named or [part]
