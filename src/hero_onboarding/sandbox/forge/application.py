"""The forge as an ASGI application: who may ask, what goes wrong, who answers."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field

import pygit2

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
    with_body,
)
from hero_onboarding.sandbox.forge import control
from hero_onboarding.sandbox.forge.access import identify
from hero_onboarding.sandbox.forge.context import Call, Caller, Forge
from hero_onboarding.sandbox.forge.failures import ForgeAnswerError, failure_answer
from hero_onboarding.sandbox.forge.routes import ROUTES
from hero_onboarding.sandbox.forge.routing import find_route
from hero_onboarding.sandbox.forge.smart_http import (
    GitService,
    find_service,
    is_git_path,
    with_challenge,
)
from hero_onboarding.sandbox.forge.switches import Fault, FaultKind
from hero_onboarding.sandbox.loopback import is_loopback_host, is_loopback_origin
from hero_onboarding.sandbox.request_log import Entry

_log = logging.getLogger(__name__)
_PROXY_PAGE = b"<html><body><h1>the proxy says no</h1></body></html>\n"
_CONTROL_BODY_BYTES_MAX = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ForgeApplication:
    """Answers every request that reaches the forge's port."""

    forge: Forge
    workers: Executor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or cut its connection."""
        assert scope["type"] == "http", scope
        head = read_head(scope)
        if not is_loopback_host(head.headers.get("host")) or not is_loopback_origin(
            head.headers.get("origin")
        ):
            refusal = ForgeAnswerError(403, "the sandbox answers this machine only")
            await send_answer(send, failure_answer(refusal, self.forge.root_url), close=True)
        elif head.segments[:1] == ("sandbox",):
            await self._control(head, receive, send)
        else:
            exchange = _Exchange(self.forge, self.workers, head, receive, send)
            if not await exchange.run():
                await drop_connection(scope, receive)

    async def _control(self, head: Request, receive: Receive, send: Send) -> None:
        try:
            body = await read_body(receive, _CONTROL_BODY_BYTES_MAX)
        except BodyTooLargeError:
            refusal = ForgeAnswerError(413, "request body too large")
            answer = failure_answer(refusal, self.forge.root_url)
            await send_answer(send, answer, close=True)
            return
        answer = await _in_thread(
            self.workers, lambda: control.answer(self.forge, with_body(head, body))
        )
        await send_answer(send, answer)


@dataclass(slots=True)
class _Exchange:
    """One request to the forge itself, with the faults that befall it."""

    forge: Forge
    workers: Executor
    head: Request
    receive: Receive
    send: Send
    caller: Caller = field(default_factory=Caller)

    async def run(self) -> bool:
        """Answer, and return whether the connection may live on."""
        try:
            status = await self._answer_or_stream()
        except DroppedError:
            self._note(0)
            return False
        self._note(status)
        return True

    async def _answer_or_stream(self) -> int:
        try:
            early = await self._fail_early()
            if early is not None:
                return await self._send(early, close=True)
            self._identify()
            service = find_service(self.head)
            if service is not None:
                return await self._stream(service)
            return await self._send(await self._handle())
        except ForgeAnswerError as failure:
            answer = failure_answer(failure, self.forge.root_url)
            if is_git_path(self.head):
                answer = with_challenge(answer)
            return await self._send(answer, close=True)

    async def _fail_early(self) -> Answer | None:
        settings = self.forge.switches.settings
        delay = self._take("delay")
        await asyncio.sleep(settings.delay_seconds + (delay.seconds if delay else 0))
        if settings.outage == "closed" or self._take("drop"):
            raise DroppedError
        if settings.outage == "unavailable":
            return Answer(503, _PROXY_PAGE, (("Content-Type", "text/html"),))
        fault = self._take("answer")
        return None if fault is None else self._spell(fault)

    def _identify(self) -> None:
        self.caller = identify(self.head, self.forge.registry)
        if self._take("bad-token"):
            raise ForgeAnswerError(401, "invalid username, password or token")
        if fault := self._take("missing-scope"):
            message = fault.message or "token does not have at least one of required scope(s)"
            raise ForgeAnswerError(403, message)

    async def _handle(self) -> Answer:
        match = find_route(ROUTES, self.head.method, self.head.segments)
        category = match.route.category
        if category and not self.caller.may(match.route.verb, category):
            scope = f"{match.route.verb}:{category}"
            message = f"token does not have at least one of required scope(s): [{scope}]"
            raise ForgeAnswerError(403, message)
        body = await self._read_body()
        call = Call(self.forge, with_body(self.head, body), self.caller)
        endpoint = match.route.endpoint
        try:
            answer = await _in_thread(
                self.workers, lambda: endpoint(call.with_parameters(match.parameters))
            )
        except (pygit2.GitError, OSError) as problem:
            _log.exception("%s %s failed", self.head.method, self.head.path)
            raise ForgeAnswerError(500, str(problem)) from problem
        return self._fail_late(answer)

    async def _read_body(self) -> bytes:
        try:
            return await read_body(self.receive, self.forge.switches.settings.max_body_bytes)
        except BodyTooLargeError:
            raise ForgeAnswerError(413, "request body too large") from None
        except ConnectionAbortedError:
            raise DroppedError from None

    async def _stream(self, service: GitService) -> int:
        if not service.is_receiving:
            return await service.fetch(self.forge, self.caller, self.receive, self.send)
        outcome = await service.receive_push(self.forge, self.caller, self.receive)
        answer = self._fail_late(outcome.answer) if outcome.has_moved else outcome.answer
        return await self._send(answer)

    def _fail_late(self, answer: Answer) -> Answer:
        # Only what has succeeded comes here: refusals are raised.
        if self._take("drop-after"):
            raise DroppedError
        fault = self._take("answer-after")
        return answer if fault is None else self._spell(fault)

    def _spell(self, fault: Fault) -> Answer:
        retry = fault.retry_after_seconds
        extra = () if retry is None else (("Retry-After", str(retry)),)
        if fault.message:
            failure = ForgeAnswerError(fault.status, fault.message)
            answer = failure_answer(failure, self.forge.root_url)
            return Answer(answer.status, answer.body, (*answer.headers, *extra))
        return Answer(fault.status, _PROXY_PAGE, (("Content-Type", "text/html"), *extra))

    async def _send(self, answer: Answer, *, close: bool = False) -> int:
        await send_answer(self.send, answer, close=close)
        return answer.status

    def _take(self, kind: FaultKind) -> Fault | None:
        return self.forge.switches.take(kind, self.head.method, self.head.path)

    def _note(self, status: int) -> None:
        query = "&".join(f"{name}={value}" for name, value in self.head.query.items())
        entry = Entry(self.head.method, self.head.path, query, status, self.caller.name)
        self.forge.log.note(entry)


async def _in_thread(workers: Executor, work: Callable[[], Answer]) -> Answer:
    running: Awaitable[Answer] = asyncio.get_running_loop().run_in_executor(workers, work)
    return await running
