"""Routes of signing in by a code that comes as a mycelium message (contract section 9)."""

from typing import Any

import msgspec
from litestar import Request, post
from litestar.params import JSONBody

from hero_onboarding.identity import Address
from hero_onboarding.sign_in import NotProvedError
from hero_onboarding.web.api.description import SIGN_IN, sign_in_answers
from hero_onboarding.web.attempts import ask_message, type_code


class NewMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to send a code, for a browser that waits."""

    address: str
    attempt: str


class TypedCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A code as it was typed into the browser that waits."""

    attempt: str
    code: str


class MessageAsked(msgspec.Struct, frozen=True):
    """A code is on its way, if there is where to send it; nothing more is said."""

    status: str


class CodeTaken(msgspec.Struct, frozen=True):
    """A code was right; the attempt can be completed."""

    status: str


@post(
    "/auth/message",
    status_code=202,
    sync_to_thread=True,
    tags=[SIGN_IN],
    summary="Have a code sent by mycelium message",
    responses=sign_in_answers(403, 413, 422, 429),
)
def send_message(request: Request[Any, Any, Any], data: JSONBody[NewMessage]) -> MessageAsked:
    """Answer the same whether or not there is such an address, attempt or daemon."""
    ask_message(request, data.attempt, Address.parse(data.address))
    return MessageAsked("asked")


@post(
    "/auth/message/verify",
    status_code=200,
    sync_to_thread=True,
    tags=[SIGN_IN],
    summary="Type the code that came by message",
    responses=sign_in_answers(401, 403, 413, 422, 429),
)
def verify_message(request: Request[Any, Any, Any], data: JSONBody[TypedCode]) -> CodeTaken:
    """Approve the waiting browser; five tries for each code."""
    if not type_code(request, data.attempt, data.code):
        raise NotProvedError
    return CodeTaken("approved")
