"""A stand-in as an ASGI application: this machine only, off the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

from hero_onboarding.sandbox.errors import DroppedError
from hero_onboarding.sandbox.exchange import (
    Answer,
    BodyTooLargeError,
    Receive,
    Request,
    Scope,
    Send,
    drop_connection,
    read_body,
    read_head,
    send_answer,
    text_answer,
    with_body,
)
from hero_onboarding.sandbox.loopback import is_loopback_host, is_loopback_origin

_BODY_BYTES_MAX: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Edge:
    """Hands every request that reaches the port to a function, in a thread."""

    answer: Callable[[Request], Answer]
    workers: Executor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or cut its connection."""
        head = read_head(scope)
        if not is_loopback_host(head.headers.get("host")) or not is_loopback_origin(
            head.headers.get("origin")
        ):
            refusal = text_answer("the sandbox answers this machine only\n", 403)
            await send_answer(send, refusal, close=True)
            return
        try:
            request = with_body(head, await read_body(receive, _BODY_BYTES_MAX))
        except BodyTooLargeError:
            await send_answer(send, text_answer("the body is too large\n", 413), close=True)
            return
        loop = asyncio.get_running_loop()
        try:
            answer = await loop.run_in_executor(self.workers, self.answer, request)
        except DroppedError:
            await drop_connection(scope, receive)
            return
        await send_answer(send, answer)
