"""Serve some applications in one process until it is told to stop."""

import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import uvicorn
import uvloop
from litestar.types import ASGIApp

from hero_onboarding.bootstrap.reading import Address
from hero_onboarding.bootstrap.server_address import ADMIN
from hero_onboarding.bootstrap.settings import PREFIX
from hero_onboarding.http.draining import DrainRefused
from hero_onboarding.kernel.errors import RefusedError
from hero_onboarding.kernel.overriding import override

_BACKLOG: Final = 2048
_GRACE_SECONDS: Final = 20
_GC_THRESHOLDS: Final = (5_000, 20, 50)
"""Seldom, and yet so often that a collection keeps nobody waiting for longer than 10 ms."""
_SWITCH_SECONDS: Final = 0.001
"""How long a thread that computes keeps the one that answers waiting; usual is five times that."""

Announce = Callable[[dict[str, Address]], None]
"""Told each listener's address, by name, once all of them accept connections."""


@dataclass(frozen=True, slots=True)
class Listener:
    """An application and where it is served; port 0 takes a free one."""

    name: str
    application: ASGIApp
    address: Address

    @property
    def setting(self) -> str:
        """The setting that says where it is served."""
        return f"{PREFIX}{'ADMIN_LISTEN' if self.name == ADMIN else 'LISTEN'}"


class ListenError(RefusedError):
    """An address is taken, not this machine's, or not this user's to listen on."""

    code = "service.cannot_listen"

    def __init__(self, listener: Listener, cause: Exception) -> None:
        reason = (isinstance(cause, OSError) and cause.strerror) or "this is no host"
        where = f"{listener.name} can't listen on {listener.address.text}: {reason}"
        super().__init__(f"{where}; stop what listens there, or set {listener.setting}")


class _Server(uvicorn.Server):
    """A server that leaves the process's signals to ``serve``."""

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing: one handler serves all servers of the process."""
        yield


Bound = tuple[ASGIApp, socket.socket]
"""An application and where it is served already."""


def serve(listeners: Sequence[Listener], announce: Announce, others: Sequence[Bound] = ()) -> None:
    """Serve until SIGTERM or SIGINT, then finish the requests at hand.

    Args:
        listeners: Each is served on its address.
        announce: Told where.
        others: Served beside them; who bound them knows where they are.

    Raises:
        ListenError: If an address is taken or not ours.
    """
    bound = [(listener.application, _bind(listener)) for listener in listeners]

    def announce_all() -> None:
        addresses = {
            listener.name: Address(listener.address.host, own.getsockname()[1])
            for listener, (_, own) in zip(listeners, bound, strict=True)
        }
        announce(addresses)

    uvloop.run(_serve([*bound, *others], announce_all))


async def _serve(bound: Sequence[Bound], announce: Callable[[], None]) -> None:
    servers = [_Server(_config(application)) for application, _ in bound]

    def stop() -> None:
        for server in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    running = [
        asyncio.create_task(server.serve(sockets=[own]))
        for server, (_, own) in zip(servers, bound, strict=True)
    ]
    while not all(server.started for server in servers):
        if any(task.done() for task in running):
            stop()
            break
        await asyncio.sleep(0.01)
    else:
        tune_collector()
        sys.setswitchinterval(_SWITCH_SECONDS)
        announce()
    await asyncio.gather(*running)


def _config(application: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        DrainRefused(application),
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def _bind(listener: Listener) -> socket.socket:
    address = listener.address
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((address.host, address.port))
        bound.listen(_BACKLOG)
    except (OSError, UnicodeError) as error:
        bound.close()
        raise ListenError(listener, error) from error
    bound.set_inheritable(True)
    return bound


def tune_collector() -> None:
    """Leave what start-up made out of every later collection, and collect less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
