"""Serve an ASGI application on loopback, in a thread, and stop it again."""

import asyncio
import socket
import threading
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hero_onboarding.kernel.overriding import override
from hero_onboarding.sandbox.exchange import DROP_EXTENSION

_START_SECONDS = 20
_STOP_SECONDS = 20


class DroppableProtocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, plus a way for the application to cut the connection."""

    @override
    def on_message_begin(self) -> None:
        """Offer the cut as an extension of the request's scope."""
        super().on_message_begin()
        self.scope["extensions"] = {DROP_EXTENSION: self.transport.abort}  # type: ignore[dict-item]  # an extension holds a dict by the book


class ThreadedServer:
    """One uvicorn server in a thread of its own."""

    def __init__(self, application: Any, listener: socket.socket) -> None:  # noqa: ANN401 - ASGI applications have no one type
        config = uvicorn.Config(
            application,
            http=DroppableProtocol,
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=60,
            timeout_graceful_shutdown=2,
        )
        self._server = _AnnouncingServer(config)
        self._listener = listener
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)

    def start(self) -> None:
        """Return once requests are answered."""
        self._thread.start()
        if not self._server.is_up.wait(_START_SECONDS):
            raise TimeoutError("the sandbox did not come up")

    def stop(self) -> None:
        """Stop answering and return once the thread has ended; twice is harmless."""
        self._server.should_exit = True
        if self._thread.ident is None:
            self._listener.close()
            return
        self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._listener]))


class _AnnouncingServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = threading.Event()

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()
