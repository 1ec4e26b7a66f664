"""Routes of signing in by a code that comes by e-mail, for whoever lost their key."""

from typing import Any

import msgspec
from litestar import Request, post
from litestar.params import JSONBody

from hero_onboarding.mail import EmailAddress
from hero_onboarding.sign_in import NotProvedError
from hero_onboarding.web.api.description import SIGN_IN, sign_in_answers
from hero_onboarding.web.api.messages import CodeTaken, MessageAsked, TypedCode
from hero_onboarding.web.attempts import ask_email, type_email_code


class NewEmail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to send a code, for a browser that waits."""

    email: str
    attempt: str


@post(
    "/auth/email",
    status_code=202,
    sync_to_thread=True,
    tags=[SIGN_IN],
    summary="Have a code sent by e-mail",
    responses=sign_in_answers(403, 413, 422, 429),
)
def send_email(request: Request[Any, Any, Any], data: JSONBody[NewEmail]) -> MessageAsked:
    """Answer the same whether or not there is such an address, attempt or mail server."""
    ask_email(request, data.attempt, EmailAddress.parse(data.email))
    return MessageAsked("asked")


@post(
    "/auth/email/verify",
    status_code=200,
    sync_to_thread=True,
    tags=[SIGN_IN],
    summary="Type the code that came by e-mail",
    responses=sign_in_answers(401, 403, 413, 422, 429),
)
def verify_email_code(request: Request[Any, Any, Any], data: JSONBody[TypedCode]) -> CodeTaken:
    """Approve the waiting browser; five tries for each code."""
    if not type_email_code(request, data.attempt, data.code):
        raise NotProvedError
    return CodeTaken("approved")
