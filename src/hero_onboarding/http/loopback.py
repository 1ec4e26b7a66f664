"""In sandbox mode, answer only to names of this machine."""

from typing import Final

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from hero_onboarding.http.failures import PROBLEM_JSON, make_problem
from hero_onboarding.kernel.server import is_loopback_host

_FORWARDED: Final = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host")


class LoopbackOnly:
    """ASGI middleware that refuses requests which came from or for anywhere else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass loopback requests on and refuse the others."""
        if scope["type"] is not ScopeType.HTTP or not self._strangers(scope):
            await self._app(scope, receive, send)
            return
        detail = "sandbox mode answers only to localhost; use production mode to serve others"
        problem = make_problem(421, "request.not_loopback", detail)
        headers = [(b"content-type", PROBLEM_JSON.encode())]
        await send({"type": "http.response.start", "status": 421, "headers": headers})
        body = msgspec.json.encode(problem)
        await send({"type": "http.response.body", "body": body, "more_body": False})

    @staticmethod
    def _strangers(scope: Scope) -> list[str]:
        """List the names in the request that are not this machine's."""
        names: list[str] = []
        for name, value in scope["headers"]:
            text = value.decode("latin-1")
            if name == b"host":
                names.append(text)
            elif name in _FORWARDED:
                names += [_forwarded_name(part) for part in text.split(",")]
        return [name for name in names if not is_loopback_host(name)]


def _forwarded_name(part: str) -> str:
    """Take the address out of one element of a forwarding header."""
    for piece in part.split(";"):
        key, equals, value = piece.strip().partition("=")
        if equals and key.lower() in {"for", "host"}:
            return value.strip('"')
    return part
