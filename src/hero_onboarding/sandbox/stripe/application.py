"""The stand-in as an ASGI application: the REST interface, the pages, the control room."""

import asyncio
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

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
from hero_onboarding.sandbox.stripe.account import Account
from hero_onboarding.sandbox.stripe.api import answer_api
from hero_onboarding.sandbox.stripe.control import answer_control
from hero_onboarding.sandbox.stripe.failures import DroppedError
from hero_onboarding.sandbox.stripe.page import answer_page

_BODY_BYTES_MAX: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class StripeApplication:
    """Answers every request that reaches the port."""

    account: Account
    workers: Executor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request off the event loop, or cut its connection."""
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
            answer = await loop.run_in_executor(self.workers, self._answer, request)
        except DroppedError:
            await drop_connection(scope, receive)
            return
        await send_answer(send, answer)

    def _answer(self, request: Request) -> Answer:
        match request.segments[:1]:
            case ("sandbox",):
                return answer_control(self.account, request)
            case ("c",):
                return answer_page(self.account, request)
            case _:
                return answer_api(self.account, request)
