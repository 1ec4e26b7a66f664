"""Run the stand-in in a thread."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from hero_onboarding.sandbox.exchange import (
    Answer,
    BodyTooLargeError,
    Receive,
    Scope,
    Send,
    read_body,
    read_head,
    send_answer,
    with_body,
)
from hero_onboarding.sandbox.loopback import (
    is_loopback_host,
    is_loopback_origin,
    listen_on,
    origin_of,
)
from hero_onboarding.sandbox.mycelium.api import answer_daemon, control_daemon
from hero_onboarding.sandbox.mycelium.overlay import Overlay
from hero_onboarding.sandbox.serving import ThreadedServer

_BODY_BYTES_MAX: Final = 2 * 1024 * 1024
_OWN_KEY: Final = bytes.fromhex("8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f")


@dataclass(frozen=True, slots=True)
class Application:
    """Answers every request that reaches the daemon's port."""

    overlay: Overlay
    workers: ThreadPoolExecutor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, off the event loop, since a reply may be waited for."""
        head = read_head(scope)
        headers = head.headers
        if not is_loopback_host(headers.get("host")) or not is_loopback_origin(
            headers.get("origin")
        ):
            await send_answer(send, Answer(403), close=True)
            return
        try:
            request = with_body(head, await read_body(receive, _BODY_BYTES_MAX))
        except BodyTooLargeError:
            await send_answer(send, Answer(413), close=True)
            return
        answers = control_daemon if head.segments[:1] == ("sandbox",) else answer_daemon
        is_ours = head.segments[:2] == ("api", "v1") or head.segments[:1] == ("sandbox",)
        loop = asyncio.get_running_loop()
        answer = Answer(404)
        if is_ours:
            answer = await loop.run_in_executor(self.workers, answers, self.overlay, request)
        await send_answer(send, answer)


class SandboxMycelium:
    """A daemon's stand-in on loopback, and the network behind it."""

    def __init__(self, *, listen: str = "127.0.0.1:0", own_key: bytes = _OWN_KEY) -> None:
        self.overlay = Overlay(own_key)
        self._workers = ThreadPoolExecutor(8, thread_name_prefix="sandbox-mycelium")
        listener = listen_on(listen)
        self.url = origin_of(listener)
        self._server = ThreadedServer(Application(self.overlay, self._workers), listener)

    def start(self) -> str:
        """Answer requests from now on, and return the origin."""
        self._server.start()
        return self.url

    def stop(self) -> None:
        """Stop answering and free the port; twice is harmless."""
        self._server.stop()
        self._workers.shutdown()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()
