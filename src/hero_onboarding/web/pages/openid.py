"""Where other services send their users to sign in: what they ask for, and the user's answer.

No answer to a form redirects to a service: browsers hold every redirect that follows a form to
the page's ``form-action``, also those that the service makes itself afterwards. A page hands over
instead. Whatever may follow a form of ours is therefore answered by a page too.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import parse_qsl

from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import URLEncodedBody

from hero_onboarding.http import Answer, Page, go_to, render, services_of
from hero_onboarding.http.limits import limit
from hero_onboarding.http.same_origin import origin_of
from hero_onboarding.http.sessions import find_user_at, find_user_session_at
from hero_onboarding.identity import Session
from hero_onboarding.openid import (
    HERO_SID,
    MYCELIUM,
    QUESTION,
    Asked,
    Look,
    Provider,
    Question,
    SendTo,
    SignInFirst,
    WrongRequestError,
    address_told,
    deny,
    give_code,
    look_at,
    open_request,
    read_request,
    seal_request,
)
from hero_onboarding.passkeys import list_passkeys
from hero_onboarding.sign_in import list_addresses
from hero_onboarding.web.pending import drop_pending, find_pending, keep_pending

CONSENT: Final = Page("consent.html")
HANDOVER: Final = Page("handover.html")


@dataclass(frozen=True, slots=True)
class ConsentView:
    """What a service asks for.

    Attributes:
        service: What it is called.
        host: Where the browser would be sent.
        knows_address: Whether it would learn the user's mycelium address.
        address: Which one that is, None while the user has none.
        knows_sid: Whether it would learn the user's sid.
        sealed: The request, for the form.
        is_limited: Whether this session may not do it.
        has_passkeys: Whether the user could confirm it here and now.
    """

    service: str
    host: str
    knows_address: bool
    address: str | None
    knows_sid: bool
    sealed: str
    is_limited: bool
    has_passkeys: bool


@dataclass(frozen=True, slots=True)
class HandoverView:
    """Where the browser goes on."""

    location: str


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """The user's answer, to the request that was shown."""

    request: str
    decision: Literal["continue", "cancel"]


@get("/oauth/authorize", name="authorize", sync_to_thread=True)
def show_authorization(request: Request[Any, Any, Any]) -> Response[str]:
    """Take a service's request: ask the user, or answer at once where nothing need be asked."""
    services = services_of(request.app.state)
    limit(request, "authorizations")
    query = request.scope["query_string"].decode("latin-1")
    asked = read_request(parse_qsl(query, keep_blank_values=True), services.clock.now())
    return _show(request, asked, may_redirect=True)


@get("/oauth/continue", name="continue_openid", sync_to_thread=True)
def continue_authorization(request: Request[Any, Any, Any]) -> Response[str]:
    """Go on with what waited for the sign-in; without anything, go to the start."""
    limit(request, "authorizations")
    services = services_of(request.app.state)
    with services.database.reading() as tx:
        asked = find_pending(request, find_user_at(tx, request))
    if asked is None:
        return go_to(request, "home", [drop_pending(services)])
    return _show(request, asked)


@post("/oauth/authorize", name="submit_authorization", sync_to_thread=True)
def submit_authorization(
    request: Request[Any, Any, Any], data: URLEncodedBody[DecisionForm]
) -> Response[str]:
    """Take the user's answer to the page that showed the request to their session."""
    services = services_of(request.app.state)
    limit(request, "authorizations")
    provider = _provider(request)
    with services.database.transaction() as tx:
        session = find_user_session_at(tx, request)
        owners = () if session is None else (session.id,)
        asked = open_request(services.box, data.request, QUESTION, provider.now, owners)
        if session is None or asked is None:
            detail = "this page is over, or another session's; begin again at the service"
            raise WrongRequestError(detail)
        found: Look
        if data.decision == "cancel":
            found = deny(tx, provider, asked)
        else:
            found = give_code(tx, provider, asked, session)
    return _answer(request, asked, session, found)


def _show(
    request: Request[Any, Any, Any], asked: Asked, *, may_redirect: bool = False
) -> Response[str]:
    services, provider = services_of(request.app.state), _provider(request)
    with services.database.reading() as tx:
        session = find_user_session_at(tx, request)
        found = look_at(tx, provider, asked, session)
    if isinstance(found, Question) and found.is_settled and may_redirect:
        with services.database.transaction() as tx:
            found = give_code(tx, provider, asked, session)
    if isinstance(found, SendTo) and may_redirect:
        headers = {"Location": found.location, "Cache-Control": "no-store"}
        return Response("", status_code=303, media_type=MediaType.TEXT, headers=headers)
    return _answer(request, asked, session, found)


def _answer(
    request: Request[Any, Any, Any], asked: Asked, session: Session | None, found: Look
) -> Response[str]:
    """Answer with a page of ours, whatever was found."""
    services = services_of(request.app.state)
    visitor = None if session is None else session.user_sid
    if isinstance(found, SignInFirst):
        is_kept = find_pending(request) == asked  # then it stays whose it is
        cookies = [] if is_kept else [keep_pending(services, asked, visitor)]
        return go_to(request, "sign_in", cookies)
    if isinstance(found, SendTo):
        answer = Answer(visitor=visitor, cookies=[drop_pending(services)])
        return render(request, HANDOVER, HandoverView(found.location), answer)
    assert session is not None, "only who is signed in is asked"
    return _ask(request, asked, session, found)


def _ask(
    request: Request[Any, Any, Any], asked: Asked, session: Session, question: Question
) -> Response[str]:
    services, sid = services_of(request.app.state), session.user_sid
    assert sid is not None, "a user's session has a user"
    with services.database.reading() as tx:
        has_passkeys = bool(question.is_limited and list_passkeys(tx, sid))
        address = address_told(list_addresses(tx, sid))
    view = ConsentView(
        service=question.client.name,
        host=question.host,
        knows_address=MYCELIUM in question.scopes,
        address=address,
        knows_sid=HERO_SID in question.scopes,
        sealed=seal_request(services.box, asked, QUESTION, session.id),
        is_limited=question.is_limited,
        has_passkeys=has_passkeys,
    )
    is_waiting = question.is_limited or find_pending(request) is not None
    cookies: list[Cookie] = [keep_pending(services, asked, sid)] if is_waiting else []
    status = 403 if question.is_limited else 200
    return render(request, CONSENT, view, Answer(status, visitor=sid, cookies=cookies))


def _provider(request: Request[Any, Any, Any]) -> Provider:
    services = services_of(request.app.state)
    return Provider(origin_of(request), services.box, services.clock.now())
