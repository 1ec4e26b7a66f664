"""Start and end the processes that answer reading pages."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

import uvloop
from litestar import Litestar
from litestar.types import ASGIApp

from hero_onboarding.bootstrap.serving import tune_collector
from hero_onboarding.database import Database
from hero_onboarding.http.page_processes import AskedElsewhere, answer_pages

_FIRST_OWN: Final = 3
"""File descriptors below are standard input, output and error."""


@contextmanager
def pages_elsewhere(site: Litestar, database: Database, count: int) -> Iterator[ASGIApp]:
    """Have so many processes answer the site's reading pages for the time of the block.

    They are copies of this one, made before it has a thread or an open connection, and end when
    it does, however it ends: then their channel is closed. They hold nothing else of it open.
    """
    if not count:
        yield site
        return
    assert threading.active_count() == 1, "a copy of this process would lack its other threads"
    database.close()
    gc.collect()
    gc.freeze()
    with ExitStack() as stack:
        channels: list[socket.socket] = []
        for _ in range(count):
            channel, pid = _copy_of_this_process(site)
            stack.callback(_end, channel, pid)
            channels.append(channel)
        yield AskedElsewhere(site, channels)


def _copy_of_this_process(site: Litestar) -> tuple[socket.socket, int]:
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid:
        theirs.close()
        return ours, pid
    # From here on this is the copy, which must never return into what the original does.
    try:
        _work(site, theirs.detach())
    finally:
        os._exit(0)


def _work(site: Litestar, channel: int) -> None:
    """Answer pages until the channel is closed; signals are for the process that listens."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    os.closerange(_FIRST_OWN, channel)
    os.closerange(channel + 1, os.sysconf("SC_OPEN_MAX"))
    tune_collector()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(answer_pages(site, socket.socket(fileno=channel)))


def _end(channel: socket.socket, pid: int) -> None:
    with contextlib.suppress(OSError):
        channel.close()
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)
