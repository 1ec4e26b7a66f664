"""Routes of signing in by proof of a mycelium key (contract section 9)."""

import base64
import binascii
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.params import JSONBody
from msgspec import Meta

from hero_onboarding.api_keys import Scope, authenticate_key
from hero_onboarding.database import Transaction
from hero_onboarding.http import read_bearer, services_of
from hero_onboarding.http.access import CallerUnknownError
from hero_onboarding.http.limits import CHALLENGES_OF_ADDRESS, limit
from hero_onboarding.http.requester import requester_of
from hero_onboarding.http.same_origin import origin_of
from hero_onboarding.http.sessions import (
    end_session,
    me_at,
    prelogin_cookie,
    user_cookie,
)
from hero_onboarding.identity import Address, Origin, PublicKey, find_user
from hero_onboarding.sign_in import (
    Answer,
    Approved,
    Ask,
    Challenge,
    NotProvedError,
    SignedIn,
    answer_challenge,
    list_addresses,
    open_challenge,
)
from hero_onboarding.web.api.bodies import refuse_body
from hero_onboarding.web.api.description import SIGN_IN, sign_in_answers
from hero_onboarding.web.attempts import new_token
from hero_onboarding.web.pending import drop_pending

_PROOF: Final = r"^[A-Za-z0-9_-]{43}$"

Purpose = Literal["login", "link", "rotate"]


class NewChallenge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An address that is claimed, its key in hexadecimal, and what for."""

    address: str
    public_key: str
    purpose: Purpose | None = None
    attempt: str | None = None


class RequesterShown(msgspec.Struct, frozen=True):
    """The browser that an approval is for: its network, and what it says it is."""

    place: str
    kind: str


class ChallengeShown(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is to be proved; keys, nonce and binding in hexadecimal, times in Unix seconds."""

    challenge_id: str
    purpose: str
    origin: str
    address: str
    public_key: str
    server_public_key: str
    nonce: str
    issued_at: int
    expires_at: int
    binding: str | None = None
    requester: RequesterShown | None = None


class NewAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A proof in unpadded base64url, and how the sign-in shall reach its browser."""

    challenge_id: str
    proof: Annotated[str, Meta(pattern=_PROOF, max_length=43)]
    deliver: Literal["link"] | None = None


class AnswerShown(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a proof led to: ``signed_in`` with a cookie, or ``approved``.

    ``missing`` is ``other_key`` while rotating takes one more approval.
    """

    status: str
    user_sid: str | None = None
    sign_in_url: str | None = None
    missing: Literal["other_key"] | None = None


class MeShown(msgspec.Struct, frozen=True):
    """Who is signed in; ``address`` is the one that was proved first."""

    user_sid: str
    address: str | None
    name: str
    addresses: list[str]
    is_limited: bool


@post(
    "/auth/challenge",
    status_code=200,
    sync_to_thread=True,
    tags=[SIGN_IN],
    summary="Ask for a challenge for an address",
    responses=sign_in_answers(401, 403, 413, 422, 429),
)
def ask_challenge(
    request: Request[Any, Any, Any], data: JSONBody[NewChallenge]
) -> Response[ChallengeShown]:
    """Open a challenge; the answer is the same whether or not anyone has this address."""
    services = services_of(request.app.state)
    address, key = Address.parse(data.address), PublicKey.parse(data.public_key)
    limit(request, "challenges", [(CHALLENGES_OF_ADDRESS, str(address))])
    token = new_token()
    ask = Ask(address, key, origin_of(request), token, data.purpose, data.attempt)
    with services.database.transaction() as tx:
        challenge = open_challenge(tx, ask, services.box, services.clock.now())
    cookies = [prelogin_cookie(services).give(token)] if challenge.attempt is None else []
    return Response(_challenge(challenge), cookies=cookies)


@post(
    "/auth/verify",
    status_code=200,
    sync_to_thread=True,
    tags=[SIGN_IN],
    summary="Answer a challenge, once",
    responses=sign_in_answers(401, 403, 413, 422, 429),
)
def verify(request: Request[Any, Any, Any], data: JSONBody[NewAnswer]) -> Response[AnswerShown]:
    """Take a proof: sign its sender in, give a link, or approve a browser elsewhere."""
    services = services_of(request.app.state)
    limit(request, "answers")
    answer = Answer(
        challenge_id=data.challenge_id,
        proof=_decode(data.proof),
        cookie=request.cookies.get(prelogin_cookie(services).name, ""),
        wants_link=data.deliver == "link",
        origin=Origin("key", *requester_of(request)),
    )
    with services.database.transaction() as tx:
        outcome = answer_challenge(tx, answer, services.box, services.clock.now())
        if isinstance(outcome, SignedIn):
            end_session(tx, request, user_cookie(services))
    if outcome is None:
        raise NotProvedError
    if isinstance(outcome, Approved):
        link = outcome.link_token
        url = None if link is None else f"{origin_of(request)}/login/link/{link}"
        missing: Literal["other_key"] | None = "other_key" if outcome.is_half else None
        return Response(AnswerShown("approved", sign_in_url=url, missing=missing))
    cookies = [user_cookie(services).give(outcome.token), prelogin_cookie(services).take_back()]
    return Response(AnswerShown("signed_in", outcome.user_sid), cookies=cookies)


@get(
    "/v1/me",
    sync_to_thread=True,
    tags=[SIGN_IN],
    summary="Say who is signed in",
    responses=sign_in_answers(401),
)
def show_me(request: Request[Any, Any, Any]) -> MeShown:
    """Say who is signed in, and by which addresses they can."""
    with services_of(request.app.state).database.reading() as tx:
        sid, is_limited = _me(tx, request)
        user = find_user(tx, sid)
        addresses = [str(one.address) for one in list_addresses(tx, sid)]
    assert user is not None, sid
    first = addresses[0] if addresses else None
    return MeShown(user.sid, first, user.name, addresses, is_limited)


def _me(tx: Transaction, request: Request[Any, Any, Any]) -> tuple[str, bool]:
    """Return who asks, by an API key or a session, and whether they may only look and pay.

    Raises:
        EdgeError: 401 when the key is no user's own, or nobody is signed in.
    """
    services = services_of(request.app.state)
    now = services.clock.now()
    shown = request.headers.getall("Authorization", [])
    if shown:
        text = read_bearer(shown)
        key = None if text is None else authenticate_key(tx, text, now)
        if key is None or key.user_sid is None or not key.has_any((Scope.ACCOUNT_READ,)):
            raise CallerUnknownError
        return key.user_sid, True
    session = me_at(tx, request)
    assert session.user_sid is not None, session
    return session.user_sid, not session.is_full(now)


@post(
    "/auth/sign-out",
    before_request=refuse_body,
    status_code=204,
    sync_to_thread=True,
    tags=[SIGN_IN],
    summary="Sign out",
    responses=sign_in_answers(403, 413, 422),
)
def sign_out(request: Request[Any, Any, Any]) -> Response[None]:
    """End the session; repeating is safe."""
    services = services_of(request.app.state)
    cookie = user_cookie(services)
    with services.database.transaction() as tx:
        end_session(tx, request, cookie)
    cookies = [cookie.take_back(), drop_pending(services)]
    return Response(None, status_code=204, cookies=cookies)


def _decode(proof: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(f"{proof}=")
    except binascii.Error:
        return b""


def _challenge(challenge: Challenge) -> ChallengeShown:
    transcript, attempt = challenge.transcript, challenge.attempt
    return ChallengeShown(
        challenge_id=transcript.challenge_id,
        purpose=transcript.purpose,
        origin=transcript.origin,
        address=str(transcript.address),
        public_key=str(transcript.public_key),
        server_public_key=transcript.server_public_key.hex(),
        nonce=transcript.nonce.hex(),
        issued_at=transcript.issued_at,
        expires_at=transcript.expires_at,
        binding=transcript.binding.hex() if attempt is None else None,
        requester=None if attempt is None else RequesterShown(attempt.place, attempt.browser),
    )
