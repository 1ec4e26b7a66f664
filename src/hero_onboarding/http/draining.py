"""Read what a refused request still sends, so that its sender gets to see the refusal.

A server that closes a connection with bytes unread resets it, and plain clients, which read only
when all is sent, then never learn why.
"""

import asyncio
from typing import Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

BYTES_MAX: Final = 32 * 1024 * 1024
SECONDS_MAX: Final = 5.0
_TOO_LARGE: Final = 413


class DrainRefused:
    """ASGI middleware that reads on before a 413 is sent, so much and so long at most."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""
        if scope["type"] != ScopeType.HTTP or _asks_first(scope):
            await self._app(scope, receive, send)
            return
        is_over = False

        async def receive_watched() -> Message:
            nonlocal is_over
            message: Message = await receive()  # type: ignore[assignment]  # what a server gives
            is_over = not message.get("more_body", False)
            return message

        async def send_after_all(message: Message) -> None:
            if message["type"] == "http.response.start":
                is_refused = message["status"] == _TOO_LARGE and not is_over
                if is_refused and not await _drain(receive):
                    message["headers"] = [*message["headers"], (b"connection", b"close")]
            await send(message)

        await self._app(scope, receive_watched, send_after_all)  # type: ignore[arg-type]  # as above


def _asks_first(scope: Scope) -> bool:
    """Whether the sender waits for leave to send its body, and so needs no reading on."""
    return any(name == b"expect" for name, _ in scope["headers"])


async def _drain(receive: Receive) -> bool:
    """Read and forget what comes, within bounds; return whether that was all."""
    size = 0
    try:
        async with asyncio.timeout(SECONDS_MAX):
            while size < BYTES_MAX:
                message = await receive()
                if message["type"] != "http.request" or not message["more_body"]:
                    return True
                size += len(message["body"])
    except TimeoutError:
        pass
    return False
