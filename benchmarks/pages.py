"""Pages under an open loop of 300 requests a second over 64 connections, beside a bare framework.

Requests begin when their time has come, whether or not earlier ones are answered, and are timed
from then: a server that falls behind shows it.
"""

import asyncio
import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.places import Engine

RATE = 300
CONNECTIONS = 64
SECONDS = 10
WARM_SECONDS = 2
PATHS = ("/", "/dashboard", "/dashboard", "/movements")
AIM_MILLISECONDS = 30
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Waits:
    """How long answers took, in milliseconds, and how ours compares with the bare framework."""

    title: str
    ours: Sequence[float]
    bare: Sequence[float]

    def line(self) -> str:
        """Say the 50th and 99th hundredth of both, and their ratio."""
        mine, theirs = _hundredths(self.ours), _hundredths(self.bare)
        ratio = mine[98] / theirs[98]
        ours = f"p50 {mine[49]:.1f} ms, p99 {mine[98]:.1f} ms (aim < {AIM_MILLISECONDS})"
        other = f"bare p50 {theirs[49]:.1f} ms, p99 {theirs[98]:.1f} ms"
        return f"{self.title:<58} {ratio:5.2f}  {ours}  {other}"


def measure(name: str, engine: Engine) -> list[Waits]:
    """Measure both in turn; the worst of no round is left out."""
    ours: list[float] = []
    others: list[float] = []
    for _ in range(_ROUNDS):
        with engine.database_url() as url, _served("product", url) as (port, cookie):
            ours += asyncio.run(_load(port, cookie))
        with _served("bare", "") as (port, cookie):
            others += asyncio.run(_load(port, cookie))
    title = f"{name}: pages, p99 over the bare framework's"
    return [Waits(title, ours, others)]


@contextmanager
def _served(which: str, url: str) -> Iterator[tuple[int, str]]:
    """Run a server in a process of its own for the time of the block."""
    words = [sys.executable, "-m", "benchmarks.page_server", which, url]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        port, _, cookie = server.stdout.readline().strip().partition(" ")
        try:
            yield int(port), cookie
        finally:
            server.stdin.close()
            server.wait(timeout=30)


async def _load(port: int, cookie: str) -> list[float]:
    """Send the loop and return how long each answer after the warm-up took."""

    def request(place: int) -> bytes:
        return _request(PATHS[place % len(PATHS)], cookie)

    waits = await send_loop(port, request, RATE, RATE * (SECONDS + WARM_SECONDS))
    return waits[RATE * WARM_SECONDS :]


async def send_loop(
    port: int, request: Callable[[int], bytes], rate: int, total: int
) -> list[float]:
    """Send so many requests, so many a second, when each is due; return how long each waited.

    Nothing is collected meanwhile: this process must not stand still while it measures another.
    """
    idle: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        idle.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    gc.disable()
    begun = time.perf_counter()
    tasks = []
    for place in range(total):
        due = begun + place / rate
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        tasks.append(asyncio.create_task(_ask(idle, request(place), due)))
    waits = await asyncio.gather(*tasks)
    gc.enable()
    while not idle.empty():
        _, writer = idle.get_nowait()
        writer.close()
    return waits


async def _ask(
    idle: "asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]]",
    request: bytes,
    due: float,
) -> float:
    """Send one request over a free connection; return milliseconds since it was due."""
    reader, writer = await idle.get()
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    await _read_body(reader, head.lower())
    waited = (time.perf_counter() - due) * 1000
    idle.put_nowait((reader, writer))
    return waited


async def _read_body(reader: asyncio.StreamReader, head: bytes) -> None:
    if b"transfer-encoding: chunked" in head:
        while (size := int(await reader.readline(), 16)) > 0:
            await reader.readexactly(size + 2)
        await reader.readline()
        return
    length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length))


def _request(path: str, cookie: str) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1",
        "Host: hero.localhost:9920",
        "Accept: text/html",
        "Accept-Encoding: gzip",
        f"Cookie: {cookie}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _hundredths(waits: Sequence[float]) -> list[float]:
    return statistics.quantiles(waits, n=100)
