"""Routes of a browser that waits until its sign-in is approved elsewhere (contract section 9)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage

from hero_onboarding.http import go_to, services_of
from hero_onboarding.kernel.clock import unix_seconds
from hero_onboarding.sign_in import ROTATE, NotProvedError, State
from hero_onboarding.web.api.bodies import read_as
from hero_onboarding.web.api.description import SIGN_IN, sign_in_answers
from hero_onboarding.web.attempts import begin, finish, look
from hero_onboarding.web.pending import next_route

FORM: Final = "application/x-www-form-urlencoded"
_LOOKS: Final = 10
_STEP_SECONDS: Final = 1.0
_RETRY_MILLISECONDS: Final = 1000

Purpose = Literal["login", "link", "rotate"]


class NewAttempt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a waiting browser asks for."""

    purpose: Purpose = "login"


class AttemptShown(msgspec.Struct, frozen=True):
    """A browser that waits; the code is for whoever approves, the time in Unix seconds."""

    attempt: str
    user_code: str
    purpose: str
    expires_at: int


class StateShown(msgspec.Struct, frozen=True):
    """What became of an attempt: ``waiting``, ``approved`` or ``expired``."""

    status: str


class CompletedShown(msgspec.Struct, frozen=True):
    """The waiting browser is signed in."""

    status: str
    user_sid: str


@post(
    "/auth/attempts",
    status_code=201,
    tags=[SIGN_IN],
    summary="Let this browser wait for an approval from elsewhere",
    responses=sign_in_answers(401, 403, 413, 422, 429),
)
async def begin_attempt(request: Request[Any, Any, Any]) -> Response[AttemptShown]:
    """Open an attempt for ten minutes and say the code that its approval takes."""
    body = await request.body()
    wanted = read_as(body, NewAttempt) if body.strip() else NewAttempt()
    attempt, cookies = await sync_to_thread(begin, request, wanted.purpose)
    expires_at = unix_seconds(attempt.expires_at)
    content = AttemptShown(attempt.id, attempt.code, attempt.purpose, expires_at)
    return Response(content, status_code=201, cookies=cookies)


@get(
    "/auth/attempts/{attempt:str}/events",
    name="follow_attempt",
    tags=[SIGN_IN],
    summary="Follow an attempt",
    responses=sign_in_answers(401, done=StateShown),
)
async def follow_attempt(request: Request[Any, Any, Any], attempt: FromPath[str]) -> Response[Any]:
    """Say what becomes of an attempt: as events, or once as JSON when JSON is asked for.

    While a key is replaced, ``progress`` says until when the other key has to approve, in Unix
    seconds, or ``none``. A stream of events ends after ten seconds, and browsers come back by
    themselves: no stream holds up a server that stops.
    """
    seen = await sync_to_thread(_look, request, attempt)
    accept = request.headers.get("Accept", "")
    if MediaType.JSON in accept and "text/event-stream" not in accept:
        return Response(StateShown(seen.state))
    return ServerSentEvent(_events(request, attempt, seen), headers={"Cache-Control": "no-store"})


@post(
    "/auth/attempts/{attempt:str}/complete",
    name="complete_attempt",
    status_code=200,
    tags=[SIGN_IN],
    summary="Sign the waiting browser in, once",
    responses=sign_in_answers(401, 403, 409, 413, done=CompletedShown),
)
async def complete_attempt(
    request: Request[Any, Any, Any], attempt: FromPath[str]
) -> Response[Any]:
    """Sign the browser in whose attempt was approved; a form is sent on to a page."""
    if not request.headers.get("Content-Type", "").startswith(FORM):
        signed_in, cookies = await sync_to_thread(finish, request, attempt)
        return Response(CompletedShown("signed_in", signed_in.user_sid), cookies=cookies)
    if (await sync_to_thread(_look, request, attempt)).state is State.WAITING:
        return go_to(request, "show_attempt", [], attempt=attempt)
    _, cookies = await sync_to_thread(partial(finish, request, attempt, is_told=True))
    return go_to(request, next_route(request, "home"), cookies)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What became of an attempt, and how far rotating came; None where there are no steps."""

    state: State
    progress: str | None = None


def _look(request: Request[Any, Any, Any], attempt_id: str) -> _Seen:
    services = services_of(request.app.state)
    with services.database.reading() as tx:
        found = look(tx, request, attempt_id)
    if found is None:
        raise NotProvedError
    attempt, state = found
    if attempt.purpose != ROTATE or state is not State.WAITING:
        return _Seen(state)
    half = attempt.open_half(services.clock.now())
    return _Seen(state, "none" if half is None else f"{unix_seconds(half.until)}")


async def _events(
    request: Request[Any, Any, Any], attempt_id: str, seen: _Seen
) -> AsyncIterator[ServerSentEventMessage]:
    """Say each state and step once, until the state is the last or ten seconds are over."""
    yield ServerSentEventMessage(event=seen.state, data=seen.state, retry=_RETRY_MILLISECONDS)
    told = None
    for _ in range(_LOOKS):
        if seen.progress not in {None, told}:
            told = seen.progress
            yield ServerSentEventMessage(event="progress", data=told)
        if seen.state is not State.WAITING:
            return
        await asyncio.sleep(_STEP_SECONDS)
        try:
            seen = await sync_to_thread(_look, request, attempt_id)
        except NotProvedError:
            seen = _Seen(State.EXPIRED)
        if seen.state is not State.WAITING:
            yield ServerSentEventMessage(event=seen.state, data=seen.state)
