"""Routes of passkeys: enrol one, sign in by one, confirm a sign-in by one. Pages use them."""

from typing import Any, Final, Literal

import msgspec
from litestar import MediaType, Request, Response, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody

from hero_onboarding.database import Transaction
from hero_onboarding.http import services_of
from hero_onboarding.http.limits import limit
from hero_onboarding.http.requester import requester_of
from hero_onboarding.http.same_origin import origin_of
from hero_onboarding.http.sessions import (
    end_session,
    full_session_at,
    me_at,
    prelogin_cookie,
    session_token_at,
    user_cookie,
)
from hero_onboarding.identity import Origin, open_session
from hero_onboarding.passkeys import Passkey, Site, ask_to_enrol, ask_to_use, enrol, use
from hero_onboarding.sign_in import NotProvedError, kept_or, steady_token
from hero_onboarding.web.api.description import SIGN_IN, sign_in_answers
from hero_onboarding.web.attempts import new_token

CREDENTIAL_BYTES_MAX: Final = 16 * 1024


class PasskeyQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What for: to ``enrol`` a passkey, to ``sign_in``, or to ``confirm`` a sign-in."""

    purpose: Literal["enrol", "sign_in", "confirm"]


class NewPasskey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A passkey that a browser made, as WebAuthn writes it, and what its user calls it."""

    label: str
    credential: dict[str, Any]


class PasskeyAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a browser signed, as WebAuthn writes it."""

    purpose: Literal["sign_in", "confirm"]
    credential: dict[str, Any]


class PasskeyShown(msgspec.Struct, frozen=True):
    """A passkey that is kept."""

    label: str


class PasskeyUsed(msgspec.Struct, frozen=True):
    """What a passkey led to: ``signed_in`` or ``confirmed``."""

    status: str
    user_sid: str


@post(
    "/auth/passkeys/ask",
    name="ask_passkey",
    status_code=200,
    sync_to_thread=True,
    tags=[SIGN_IN],
    summary="Ask for what a browser's passkey has to sign",
    responses=sign_in_answers(401, 403, 409, 413, 422, 429, done=dict[str, Any]),
)
def ask_passkey(request: Request[Any, Any, Any], data: JSONBody[PasskeyQuestion]) -> Response[Any]:
    """Answer with the options that WebAuthn takes; nobody learns who has a passkey."""
    services = services_of(request.app.state)
    limit(request, "passkeys")
    site, now = Site(origin_of(request)), services.clock.now()
    cookies: list[Cookie] = []
    with services.database.transaction() as tx:
        if data.purpose == "enrol":
            sid = full_session_at(tx, request).user_sid
            assert sid is not None, "a user's session has a user"
            options = ask_to_enrol(tx, site, sid, session_token_at(request), now)
        elif data.purpose == "confirm":
            sid = me_at(tx, request).user_sid
            options = ask_to_use(tx, site, sid, session_token_at(request), now)
        else:
            cookie = prelogin_cookie(services)
            carried = kept_or(request.cookies.get(cookie.name, ""), new_token())
            cookies = [cookie.give(carried)]
            options = ask_to_use(tx, site, None, steady_token(carried), now)
    return Response(options.encode(), media_type=MediaType.JSON, cookies=cookies)


@post(
    "/auth/passkeys/enrol",
    name="enrol_passkey",
    status_code=201,
    sync_to_thread=True,
    tags=[SIGN_IN],
    summary="Keep a passkey that a browser made",
    responses=sign_in_answers(401, 403, 409, 413, 422, 429),
)
def enrol_passkey(request: Request[Any, Any, Any], data: JSONBody[NewPasskey]) -> PasskeyShown:
    """Keep a passkey for the user whose full session was asked to make it."""
    services = services_of(request.app.state)
    limit(request, "passkeys")
    answer = _packed(data.credential)
    with services.database.transaction() as tx:
        full_session_at(tx, request)
        asker = session_token_at(request)
        passkey = enrol(
            tx, Site(origin_of(request)), asker, answer, data.label, services.clock.now()
        )
    if passkey is None:
        raise NotProvedError
    return PasskeyShown(passkey.label)


@post(
    "/auth/passkeys/use",
    name="use_passkey",
    status_code=200,
    sync_to_thread=True,
    tags=[SIGN_IN],
    summary="Sign in, or confirm a sign-in, by a passkey",
    responses=sign_in_answers(401, 403, 413, 422, 429),
)
def use_passkey(
    request: Request[Any, Any, Any], data: JSONBody[PasskeyAnswer]
) -> Response[PasskeyUsed]:
    """Open a full session in the place of what the browser had."""
    services = services_of(request.app.state)
    limit(request, "passkeys")
    answer = _packed(data.credential)
    is_confirmed = data.purpose == "confirm"
    with services.database.transaction() as tx:
        passkey = _use(tx, request, answer, is_confirmed=is_confirmed)
        token = ""
        if passkey is not None:
            end_session(tx, request, user_cookie(services))
            origin = Origin("passkey", *requester_of(request))
            token = open_session(tx, passkey.user_sid, services.clock.now(), origin)
    if passkey is None:
        raise NotProvedError
    cookies = [user_cookie(services).give(token), prelogin_cookie(services).take_back()]
    status = "confirmed" if is_confirmed else "signed_in"
    return Response(PasskeyUsed(status, passkey.user_sid), cookies=cookies)


def _use(
    tx: Transaction, request: Request[Any, Any, Any], answer: str, *, is_confirmed: bool
) -> Passkey | None:
    """Take a passkey's answer from whoever was asked: a session, or a browser without one."""
    services = services_of(request.app.state)
    if is_confirmed:
        me_at(tx, request)
        asker = session_token_at(request)
    else:
        asker = steady_token(request.cookies.get(prelogin_cookie(services).name, ""))
    return use(tx, Site(origin_of(request)), asker, answer, services.clock.now())


def _packed(credential: dict[str, Any]) -> str:
    """Write a credential as the library takes it.

    Raises:
        NotProvedError: If it is larger than any.
    """
    packed = msgspec.json.encode(credential)
    if len(packed) > CREDENTIAL_BYTES_MAX:
        raise NotProvedError
    return packed.decode()
