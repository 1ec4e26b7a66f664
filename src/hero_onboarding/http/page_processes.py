"""Have pages that only read answered by other processes, so that several cores share the work.

The process that listens keeps all connections, and answers everything else: whatever writes,
streams or takes a body. It asks over a stream of frames, four bytes of length and MessagePack.
A page changes nothing but when its session was seen, so one whose process is gone is asked for
again, here.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Sequence
from typing import Final, TypeVar

import msgspec
from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import (
    ASGIApp,
    HTTPReceiveMessage,
    HTTPScope,
    Message,
    Receive,
    Scope,
    Send,
)

from hero_onboarding.http.reading_pages import ANSWERS_INLINE, reading_paths
from hero_onboarding.kernel.errors import UnavailableError

_LENGTH_BYTES: Final = 4
Value = TypeVar("Value", bound=msgspec.Struct)
_BODIES: Final = frozenset({b"content-length", b"transfer-encoding"})


class PageProcessGoneError(UnavailableError):
    """A process that answers pages has ended."""

    code = "service.page_process_gone"

    def __init__(self) -> None:
        super().__init__("a process that answers pages has ended; restart the server to have it")


class Question(msgspec.Struct, frozen=True, array_like=True):
    """What a browser asks, as ASGI has it."""

    path: str
    raw_path: bytes
    query: bytes
    headers: list[tuple[bytes, bytes]]
    client: tuple[str, int] | None
    server: tuple[str, int | None] | None
    scheme: str
    http_version: str


class Told(msgspec.Struct, frozen=True, array_like=True):
    """What it is answered."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class AskedElsewhere:
    """ASGI middleware that has reading pages answered by whichever process has least to do.

    Args:
        site: Whose pages they are.
        channels: One to each process.
        answer_here: What answers everything else; the site if nothing is given.
    """

    def __init__(
        self,
        site: Litestar,
        channels: Sequence[socket.socket],
        *,
        answer_here: ASGIApp | None = None,
    ) -> None:
        self._here = answer_here or site
        self._paths = reading_paths(site)
        self._processes = [_Process(channel) for channel in channels]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have a page answered elsewhere, and do everything else here."""
        if scope["type"] == ScopeType.HTTP and self._is_page(scope):
            told = await self._ask(scope)
            if told is not None:
                await _send(told, send)
                return
        await self._here(scope, receive, send)

    def _is_page(self, scope: HTTPScope) -> bool:
        return (
            scope["method"] == "GET"
            and scope["path"] in self._paths
            and not any(name in _BODIES for name, _ in scope["headers"])
        )

    async def _ask(self, scope: HTTPScope) -> Told | None:
        question = _question(scope)
        while self._processes:
            process = min(self._processes, key=lambda one: one.waiting)
            try:
                return await process.ask(question)
            except PageProcessGoneError:
                if process in self._processes:
                    self._processes.remove(process)
        return None


class _Process:
    """One process as the one that listens sees it; it answers in the order of the questions."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._writer: asyncio.StreamWriter | None = None
        self._opening = asyncio.Lock()
        self._asked: deque[asyncio.Future[Told]] = deque()
        self._reading: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many questions are not answered yet."""
        return len(self._asked)

    async def ask(self, question: Question) -> Told:
        """Ask and wait.

        Raises:
            PageProcessGoneError: If the process has ended.
        """
        writer = self._writer or await self._open()
        if self._reading is None or self._reading.done():
            raise PageProcessGoneError
        answer: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        write_frame(writer, question)
        return await answer

    async def _open(self) -> asyncio.StreamWriter:
        async with self._opening:
            if self._writer is None:
                reader, self._writer = await asyncio.open_unix_connection(sock=self._channel)
                self._reading = asyncio.create_task(self._read(reader, self._writer))
        return self._writer

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (told := await read_frame(reader, Told)) is not None:
            answer = self._asked.popleft()
            if not answer.done():
                answer.set_result(told)
        writer.close()
        for answer in self._asked:
            if not answer.done():
                answer.set_exception(PageProcessGoneError())


async def answer_pages(site: Litestar, channel: socket.socket) -> None:
    """Answer what comes through a channel, one page after the other, until it is closed."""
    site.state[ANSWERS_INLINE] = True
    reader, writer = await asyncio.open_unix_connection(sock=channel)
    try:
        while (question := await read_frame(reader, Question)) is not None:
            await _answer(site, question, writer)
            await writer.drain()
    finally:
        writer.close()


async def _answer(site: ASGIApp, question: Question, writer: asyncio.StreamWriter) -> None:
    """Answer one page; what the site does after it is not waited for by whoever asked."""
    status, headers, body = 0, [], b""

    async def receive() -> HTTPReceiveMessage:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, headers, body
        if message["type"] == "http.response.start":
            status, headers = message["status"], [(name, text) for name, text in message["headers"]]
        elif message["type"] == "http.response.body":
            body += message["body"]
            if not message["more_body"]:
                write_frame(writer, Told(status, headers, body))

    await site(_scope(question), receive, send)


def write_frame(writer: asyncio.StreamWriter, value: msgspec.Struct) -> None:
    """Write one value behind its length."""
    data = msgspec.msgpack.encode(value)
    writer.write(len(data).to_bytes(_LENGTH_BYTES, "big") + data)


async def read_frame(reader: asyncio.StreamReader, kind: type[Value]) -> Value | None:
    """Read one value, None when the other side is gone."""
    try:
        size = int.from_bytes(await reader.readexactly(_LENGTH_BYTES), "big")
        return msgspec.msgpack.decode(await reader.readexactly(size), type=kind)
    except (asyncio.IncompleteReadError, OSError):
        return None


def _question(scope: HTTPScope) -> Question:
    return Question(
        path=scope["path"],
        raw_path=scope["raw_path"],
        query=scope["query_string"],
        headers=[(name, text) for name, text in scope["headers"]],
        client=scope["client"],
        server=scope["server"],
        scheme=str(scope["scheme"]),
        http_version=scope["http_version"],
    )


def _scope(question: Question) -> HTTPScope:
    """Write a question as a server gives it; Litestar adds what else there is in a scope."""
    return {  # type: ignore[typeddict-item]  # as said
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": question.http_version,
        "method": "GET",
        "scheme": question.scheme,
        "path": question.path,
        "raw_path": question.raw_path,
        "query_string": question.query,
        "root_path": "",
        "headers": question.headers,
        "client": question.client,
        "server": question.server,
        "extensions": {},
    }


async def _send(told: Told, send: Send) -> None:
    start = {"type": "http.response.start", "status": told.status, "headers": told.headers}
    await send(start)  # type: ignore[arg-type]  # as servers take it
    await send({"type": "http.response.body", "body": told.body, "more_body": False})
