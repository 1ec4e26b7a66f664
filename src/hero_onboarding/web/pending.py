"""What a browser came for when a service sent it here to sign in: kept sealed in its cookie."""

from typing import Any

from litestar import Request
from litestar.datastructures import Cookie

from hero_onboarding.database import Transaction
from hero_onboarding.http import Services, services_of
from hero_onboarding.http.cookies import TokenCookie
from hero_onboarding.http.sessions import find_user_at
from hero_onboarding.openid import (
    REQUEST_LIFE,
    WAITING,
    Asked,
    find_service_name,
    open_request,
    seal_request,
)


def find_pending(request: Request[Any, Any, Any], user_sid: str | None = None) -> Asked | None:
    """Return the request that waits for a sign-in in this browser, None when none does.

    What waits for one user is nothing to another; without a user here it may be anybody's.
    """
    services = services_of(request.app.state)
    sealed = request.cookies.get(_cookie(services).name)
    owners = None if user_sid is None else ("", user_sid)
    now = services.clock.now()
    return None if not sealed else open_request(services.box, sealed, WAITING, now, owners)


def find_waiting_service(tx: Transaction, request: Request[Any, Any, Any]) -> str | None:
    """Return what the service is called that waits for a sign-in, None when none does."""
    if find_pending(request) is None:
        return None
    pending = find_pending(request, find_user_at(tx, request))
    return None if pending is None else find_service_name(tx, pending)


def next_route(request: Request[Any, Any, Any], usual: str) -> str:
    """Return the name of the page that follows a sign-in: what waits for it, else the usual one."""
    return usual if find_pending(request) is None else "continue_openid"


def keep_pending(services: Services, asked: Asked, user_sid: str | None) -> Cookie:
    """Make the cookie that keeps a request until its user, if one is known, is signed in."""
    return _cookie(services).give(seal_request(services.box, asked, WAITING, user_sid or ""))


def drop_pending(services: Services) -> Cookie:
    """Make the cookie that ends the waiting."""
    return _cookie(services).take_back()


def _cookie(services: Services) -> TokenCookie:
    seconds = int(REQUEST_LIFE.total_seconds())
    return TokenCookie("hero_openid", services.is_https, seconds)
