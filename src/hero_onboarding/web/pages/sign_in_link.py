"""The page that a sign-in's one-time link opens: it says whom it signs in, and asks."""

from dataclasses import dataclass
from secrets import compare_digest
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody

from hero_onboarding.http import Answer, Page, go_to, render, services_of
from hero_onboarding.http.limits import limit
from hero_onboarding.http.requester import requester_of
from hero_onboarding.http.sessions import end_session, prelogin_cookie, user_cookie
from hero_onboarding.identity import Origin
from hero_onboarding.sign_in import (
    NotProvedError,
    find_link,
    follow_link,
    kept_or,
    steady_token,
)
from hero_onboarding.web.attempts import new_token
from hero_onboarding.web.pending import next_route

LINK: Final = Page("sign_in_link.html")
_PAGE: Final = "link page"


@dataclass(frozen=True, slots=True)
class LinkView:
    """Whom a link signs in, None when it is not valid any more; the token of its form."""

    token: str
    address: str | None
    csrf_token: str


@dataclass(frozen=True, slots=True)
class LinkForm:
    """What only the page of the link could know."""

    csrf_token: str


@get("/login/link/{token:str}", name="show_link", sync_to_thread=True)
def show_link(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[str]:
    """Say whom the link signs in, with a button: looking changes nothing."""
    services = services_of(request.app.state)
    limit(request, "links")
    with services.database.reading() as tx:
        link = find_link(tx, token, services.clock.now())
    cookie = prelogin_cookie(services)
    carried = kept_or(request.cookies.get(cookie.name, ""), new_token())
    value = steady_token(carried)
    address = None if link is None else str(link.address)
    sealed = services.box.seal_for(_PAGE, value.encode())
    view = LinkView(token, address, sealed.decode())
    status = 200 if link is not None else 401
    return render(request, LINK, view, Answer(status, cookies=[cookie.give(carried)]))


@post("/login/link/{token:str}", name="submit_link", sync_to_thread=True)
def submit_link(
    request: Request[Any, Any, Any], token: FromPath[str], data: URLEncodedBody[LinkForm]
) -> Response[str]:
    """Sign in, once; a session that the browser had before ends."""
    services = services_of(request.app.state)
    limit(request, "links")
    value = steady_token(request.cookies.get(prelogin_cookie(services).name, "")).encode()
    known = services.box.open_for(_PAGE, data.csrf_token.encode()) or b""
    if not value or not compare_digest(known, value):
        raise NotProvedError
    origin = Origin("key", *requester_of(request))
    with services.database.transaction() as tx:
        signed_in = follow_link(tx, token, origin, services.clock.now())
        if signed_in is not None:
            end_session(tx, request, user_cookie(services))
    if signed_in is None:
        raise NotProvedError
    cookies = [user_cookie(services).give(signed_in.token), prelogin_cookie(services).take_back()]
    return go_to(request, next_route(request, "home"), cookies)
