"""Who is looking at a page: the session that a browser's cookie names."""

from typing import Any, Final

from litestar import Request
from litestar.concurrency import sync_to_thread

from hero_onboarding.database import Transaction
from hero_onboarding.http.cookies import TokenCookie
from hero_onboarding.http.failures import EdgeError
from hero_onboarding.http.request_locale import note_reader
from hero_onboarding.http.services import Services, services_of
from hero_onboarding.identity import LIFE, Session, close_session, find_session, note_use
from hero_onboarding.sign_in import SessionLimitedError

OPERATOR: Final = "operator"
"""How pages call whoever knows the admin secret."""

_LIFE_SECONDS: Final = int(LIFE.total_seconds())
_PRELOGIN_SECONDS: Final = 600
_LATE: Final = "late_session_token"


class SignInNeededError(EdgeError):
    """Nobody is signed in who may see this page."""

    def __init__(self) -> None:
        super().__init__(401, "request.unauthenticated", "sign in first")


def session_at(
    tx: Transaction, request: Request[Any, Any, Any], cookie: TokenCookie
) -> Session | None:
    """Return the session of a request while it lasts; the answer is then in its user's language."""
    token = request.cookies.get(cookie.name)
    if not token:
        return None
    now = services_of(request.app.state).clock.now()
    session = find_session(tx, token, now)
    if session is None:
        return None
    note_reader(request, session)
    if session.is_seen_late(now):
        request.state[_LATE] = token
    return session


async def note_session_use(request: Request[Any, Any, Any]) -> None:
    """After the answer, note that a session was used, at most once in five minutes."""
    token = request.state.get(_LATE)
    if token is not None:
        await sync_to_thread(_note, services_of(request.app.state), token)


def _note(services: Services, token: str) -> None:
    with services.database.transaction() as tx:
        note_use(tx, token, services.clock.now())


def find_user_session_at(tx: Transaction, request: Request[Any, Any, Any]) -> Session | None:
    """Return the session of the user who is signed in, None when nobody is or an operator."""
    session = session_at(tx, request, user_cookie(services_of(request.app.state)))
    return None if session is None or session.is_operator else session


def me_at(tx: Transaction, request: Request[Any, Any, Any]) -> Session:
    """Return the session of the user who is signed in.

    Raises:
        SignInNeededError: If nobody is, or an operator.
    """
    session = find_user_session_at(tx, request)
    if session is None:
        raise SignInNeededError
    return session


def session_token_at(request: Request[Any, Any, Any]) -> str:
    """Return the token that a request shows as its session, empty if none."""
    return request.cookies.get(user_cookie(services_of(request.app.state)).name, "")


def full_session_at(tx: Transaction, request: Request[Any, Any, Any]) -> Session:
    """Return the session of the user who is signed in and may do everything.

    Raises:
        SessionLimitedError: If it may only look and pay.
        SignInNeededError: If nobody is signed in, or an operator.
    """
    session = me_at(tx, request)
    if not session.is_full(services_of(request.app.state).clock.now()):
        raise SessionLimitedError
    return session


def find_user_at(tx: Transaction, request: Request[Any, Any, Any]) -> str | None:
    """Return the sid of the user who is signed in, None when nobody is or an operator."""
    session = find_user_session_at(tx, request)
    return None if session is None else session.user_sid


def find_operator_at(tx: Transaction, request: Request[Any, Any, Any]) -> str | None:
    """Return how pages call the operator who is signed in, None when nobody is or a user."""
    session = session_at(tx, request, operator_cookie(services_of(request.app.state)))
    return OPERATOR if session is not None and session.is_operator else None


def user_at(tx: Transaction, request: Request[Any, Any, Any]) -> str:
    """Return the sid of the user who is signed in.

    Raises:
        SignInNeededError: If nobody is, or an operator.
    """
    sid = me_at(tx, request).user_sid
    assert sid is not None, "a user's session has a user"
    return sid


def require_operator(tx: Transaction, request: Request[Any, Any, Any]) -> None:
    """Go on only for an operator.

    Raises:
        SignInNeededError: If nobody is signed in, or a user.
    """
    if find_operator_at(tx, request) is None:
        raise SignInNeededError


def end_session(tx: Transaction, request: Request[Any, Any, Any], cookie: TokenCookie) -> None:
    """Close the session that a request came with, if any."""
    token = request.cookies.get(cookie.name)
    if token:
        close_session(tx, token)


def user_cookie(services: Services) -> TokenCookie:
    """Return the site's cookie."""
    return TokenCookie("hero_session", services.is_https, _LIFE_SECONDS)


def prelogin_cookie(services: Services) -> TokenCookie:
    """Return the cookie that ties a sign-in to the browser that asked for it."""
    return TokenCookie("hero_prelogin", services.is_https, _PRELOGIN_SECONDS)


def operator_cookie(services: Services) -> TokenCookie:
    """Return the operator's cookie; loopback shares cookies between ports, so its name differs."""
    is_secure = services.admin_origin.startswith("https://")
    return TokenCookie("hero_operator", is_secure, _LIFE_SECONDS)
