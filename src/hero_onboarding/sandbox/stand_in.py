"""Start and stop a stand-in, from a test or from a command."""

import json
import signal
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Final, Self

import click

from hero_onboarding.sandbox.carrier import Carrier
from hero_onboarding.sandbox.edge import Edge
from hero_onboarding.sandbox.exchange import Answer, Request
from hero_onboarding.sandbox.loopback import origin_of
from hero_onboarding.sandbox.serving import ThreadedServer

_WORKERS: Final = 32


class StandIn:
    """A port on loopback, the threads behind it, and the carrier of its notices.

    Attributes:
        url: The origin it answers on, without a final slash.
    """

    def __init__(
        self,
        listener: socket.socket,
        answer: Callable[[Request], Answer],
        carrier: Carrier[Any],
        stopping: threading.Event,
    ) -> None:
        self.url = origin_of(listener)
        self._carrier = carrier
        self._stopping = stopping
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="sandbox")
        self._server = ThreadedServer(Edge(answer, self._workers), listener)

    def start(self) -> str:
        """Answer requests from now on, and return the origin."""
        self._server.start()
        self._carrier.start()
        return self.url

    def stop(self) -> None:
        """Stop answering and free the port; twice is harmless."""
        self._stopping.set()
        self._server.stop()
        self._workers.shutdown()
        self._carrier.stop()

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


def serve_until_signal(stand_in: StandIn, **ready: object) -> None:
    """Serve until SIGTERM or Ctrl-C, and print one JSON line once requests are answered."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: ended.set())
    with stand_in:
        click.echo(json.dumps({"url": stand_in.url, **ready}))
        ended.wait()


def cannot_listen(listen: str, error: OSError) -> click.ClickException:
    """Say that the port can't be had."""
    return click.ClickException(
        f"can't listen on {listen}: {error.strerror}; name another --listen"
    )
