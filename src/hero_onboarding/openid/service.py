"""What the provider does: look at a request, give a code for it, and serve the service's calls."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from authlib.oauth2.rfc6750 import InvalidTokenError
from authlib.oidc.core.errors import ConsentRequiredError, InteractionRequiredError

from hero_onboarding.database import Transaction
from hero_onboarding.identity import Session
from hero_onboarding.openid.claims import claims_of
from hero_onboarding.openid.clients import find_client
from hero_onboarding.openid.domain import (
    REQUEST_LIFE,
    Client,
    digest_of,
    host_of,
    read_scopes,
)
from hero_onboarding.openid.errors import WrongRequestError
from hero_onboarding.openid.keys import subject_salt
from hero_onboarding.openid.library_view import Call, Provider, Reply, Request
from hero_onboarding.openid.protocol import Server
from hero_onboarding.openid.store import find_consent, find_token, record_consent
from hero_onboarding.sign_in import SecretBox

REQUEST_CHARACTERS_MAX: Final = 2000
"""Together, of what a request says: a cookie has to hold it while its user signs in."""

_ASKED: Final = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "response_mode",
)
_REFUSED: Final = ("request", "request_uri", "registration")
_QUOTED: Final = frozenset({"response_type", "client_id", "redirect_uri"})
"""What the library repeats in descriptions of errors, where the protocol allows no quotes."""

QUESTION: Final = "openid question"
"""A request that a page shows: it belongs to a session, by its id."""

WAITING: Final = "openid waiting"
"""A request that waits for a sign-in: it belongs to a user, by their sid, once one is known."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A service's request to sign a user in, and when their browser brought it."""

    parameters: Mapping[str, str]
    asked_at: datetime

    def is_met_by(self, session: Session) -> bool:
        """Whether a user signed in late enough for what was asked."""
        since = []
        if "login" in self.parameters.get("prompt", "").split():
            since.append(self.asked_at)
        max_age = self.parameters.get("max_age", "")
        if max_age.isdecimal():
            since.append(self.asked_at - timedelta(seconds=int(max_age[:9])))
        return all(session.opened_at >= one for one in since)


@dataclass(frozen=True, slots=True)
class SendTo:
    """The browser goes back to the service, with a code or an error."""

    location: str


@dataclass(frozen=True, slots=True)
class SignInFirst:
    """The user has to sign in here before anything else; ``name`` is the service's."""

    name: str


@dataclass(frozen=True, slots=True)
class Question:
    """What only the user can answer.

    Attributes:
        client: Who asks.
        host: Where the browser would be sent.
        scopes: What the service would learn.
        is_limited: Whether this session may not sign in to other services.
        is_settled: Whether the user let it have as much before, so that nothing need be asked.
    """

    client: Client
    host: str
    scopes: tuple[str, ...]
    is_limited: bool
    is_settled: bool


Look = SendTo | SignInFirst | Question


@dataclass(frozen=True, slots=True)
class _Opened:
    """A request that the library found sound."""

    server: Server
    request: Request
    grant: Any


def read_request(pairs: Iterable[tuple[str, str]], now: datetime) -> Asked:
    """Read what a browser brought; what this provider does not know is left out.

    Raises:
        WrongRequestError: If something stands in it twice, is no plain text, or is too long.
    """
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in _ASKED + _REFUSED:
            continue
        if name in found:
            raise WrongRequestError(f"{name} stands in the request twice")
        is_plain = value.isascii() and value.isprintable()
        if not is_plain or (name in _QUOTED and not {'"', "\\"}.isdisjoint(value)):
            raise WrongRequestError(f"{name} has characters that it can't have")
        found[name] = value if name in _ASKED else ""
    if sum(map(len, found.values())) > REQUEST_CHARACTERS_MAX:
        raise WrongRequestError(f"the request has over {REQUEST_CHARACTERS_MAX} characters")
    return Asked(found, now)


def seal_request(box: SecretBox, asked: Asked, use: str, owner: str) -> str:
    """Write a request so that only this site can read it back, for one use and one owner."""
    at = (asked.asked_at - _EPOCH) // _MICROSECOND
    content = msgspec.json.encode((dict(asked.parameters), at, owner))
    return box.seal_for(use, content).decode().rstrip("=")


def open_request(
    box: SecretBox, sealed: str, use: str, now: datetime, owners: Collection[str] | None = None
) -> Asked | None:
    """Read a request back; None when it is over, of no such owner's, or none of ours."""
    content = box.open_for(use, f"{sealed}{'=' * (-len(sealed) % 4)}".encode())
    if content is None:
        return None
    try:
        parameters, at, owner = msgspec.json.decode(content, type=tuple[dict[str, str], int, str])
    except msgspec.DecodeError:
        return None
    asked = Asked(parameters, _EPOCH + at * _MICROSECOND)
    is_lasting = now < asked.asked_at + REQUEST_LIFE
    return asked if is_lasting and (owners is None or owner in owners) else None


def look_at(tx: Transaction, provider: Provider, asked: Asked, session: Session | None) -> Look:
    """Say what a request takes, for whoever is signed in; changes nothing.

    Raises:
        WrongRequestError: If client or redirect URI are not known to be good.
    """
    opened = _open(tx, provider, asked, session)
    if isinstance(opened, SendTo):
        return opened
    client = opened.request.client.client
    if session is None or not asked.is_met_by(session):
        return SignInFirst(client.name)
    assert session.user_sid is not None, "operators sign in nowhere"
    uri = asked.parameters["redirect_uri"]
    scopes = read_scopes(asked.parameters["scope"])
    prompts = asked.parameters.get("prompt", "").split()
    has_consent = set(scopes) <= set(find_consent(tx, session.user_sid, client.id))
    question = Question(
        client=client,
        host=host_of(uri),
        scopes=scopes,
        is_limited=not session.is_full(provider.now),
        is_settled=has_consent and client.is_assured(uri) and "consent" not in prompts,
    )
    return _without_question(opened, question) if "none" in prompts else question


def give_code(tx: Transaction, provider: Provider, asked: Asked, session: Session | None) -> Look:
    """Send the browser to the service with a code, and remember that its user wants that.

    What else the request takes comes back where it takes anything, and then nothing changed.

    Raises:
        WrongRequestError: As for ``look_at``.
    """
    found = look_at(tx, provider, asked, session)
    if not isinstance(found, Question) or found.is_limited:
        return found
    assert session is not None, "nobody else is asked"
    assert session.user_sid is not None, "operators sign in nowhere"
    record_consent(tx, session.user_sid, found.client.id, found.scopes, provider.now)
    return _answer(tx, provider, asked, session)


def deny(tx: Transaction, provider: Provider, asked: Asked) -> SendTo:
    """Send the browser to the service with the news that its user does not want to.

    Raises:
        WrongRequestError: As for ``look_at``.
    """
    return _answer(tx, provider, asked, None)


def find_service_name(tx: Transaction, asked: Asked) -> str | None:
    """Return what the service of a request is called, None when there is no such any more."""
    client = find_client(tx, asked.parameters.get("client_id", ""))
    return None if client is None else client.name


def exchange(tx: Transaction, provider: Provider, call: Call) -> Reply:
    """Exchange a code; a refusal is an answer too, and what it took stays taken."""
    reply: Reply = Server(tx, provider).create_token_response(_posted(call)).reply
    return reply


def revoke(tx: Transaction, provider: Provider, call: Call) -> Reply:
    """End an access token (RFC 7009)."""
    server = Server(tx, provider)
    reply: Reply = server.create_endpoint_response("revocation", _posted(call)).reply
    return reply


def refuse_call(tx: Transaction, provider: Provider, detail: str) -> Reply:
    """Answer to a call that can't be read; the detail is plain ASCII."""
    reply: Reply = Server(tx, provider).handle_response(*InvalidRequestError(detail)()).reply
    return reply


def tell_user(tx: Transaction, provider: Provider, token: str | None) -> Reply:
    """Say what an access token lets its service know."""
    if token is None:
        return Reply(401, {}, {"WWW-Authenticate": "Bearer"})
    found = find_token(tx, digest_of(token), provider.now)
    if found is None:
        refused: Reply = Server(tx, provider).handle_response(*InvalidTokenError()()).reply
        return refused
    salt = subject_salt(tx, provider.box)
    return Reply(200, claims_of(tx, salt, found.sector, found.user_sid, found.scopes), {})


def _open(
    tx: Transaction, provider: Provider, asked: Asked, session: Session | None
) -> _Opened | SendTo:
    is_here = session is not None and asked.is_met_by(session)
    server = Server(tx, provider, session)
    request = Request("GET", asked.parameters, None)
    user = session.user_sid if session is not None and is_here else None
    try:
        grant = server.get_consent_grant(request, user)
    except OAuth2Error as error:
        return _send_error(server, request, error)
    return _Opened(server, request, grant)


def _without_question(opened: _Opened, question: Question) -> Look:
    """Answer to a service that wants its user to see nothing."""
    kind = InteractionRequiredError if question.is_limited else ConsentRequiredError
    if question.is_settled and not question.is_limited:
        return question
    error = kind(redirect_uri=opened.grant.redirect_uri, state=opened.request.payload.state)
    return _send_error(opened.server, opened.request, error)


def _answer(tx: Transaction, provider: Provider, asked: Asked, session: Session | None) -> SendTo:
    """Let the library answer: with a code for a session's user, else with a refusal."""
    opened = _open(tx, provider, asked, session)
    if isinstance(opened, SendTo):
        return opened
    user = None if session is None else session.user_sid
    held = opened.server.create_authorization_response(opened.request, user, opened.grant)
    return SendTo(held.location)


def _send_error(server: Server, request: Request, error: OAuth2Error) -> SendTo:
    """Send an error to where it belongs.

    Raises:
        WrongRequestError: If that is not known to be the service.
    """
    if not error.redirect_uri:
        raise WrongRequestError(f"{error.error}: {error.get_error_description()}")
    held = server.handle_error_response(request, error)
    server.issuer.add_issuer_parameter(server, held)
    assert held.location is not None, "an error with a redirect URI has a place to go"
    return SendTo(held.location)


def _posted(call: Call) -> Request:
    return Request("POST", call.form, call.authorization)
