"""Who is looking at a page: the session that a browser's cookie names."""

from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, Response
from litestar.datastructures import Cookie

from hero_onboarding.database import Transaction
from hero_onboarding.http.failures import EdgeError
from hero_onboarding.http.rendering import go_to
from hero_onboarding.http.services import Services, services_of
from hero_onboarding.identity import LIFE, Session, close_session, find_session

OPERATOR: Final = "operator"
"""How pages call whoever knows the admin secret."""

_LIFE_SECONDS: Final = int(LIFE.total_seconds())


@dataclass(frozen=True, slots=True)
class SessionCookie:
    """The cookie that holds a session's token; over https no other host can set or read it."""

    plain_name: str
    is_secure: bool

    @property
    def name(self) -> str:
        """The name with the prefix that browsers guard, where they can."""
        return f"__Host-{self.plain_name}" if self.is_secure else self.plain_name

    def give(self, token: str) -> Cookie:
        """Make the cookie that carries a token."""
        return self._cookie(token, _LIFE_SECONDS)

    def take_back(self) -> Cookie:
        """Make the cookie that removes it."""
        return self._cookie("", 0)

    def _cookie(self, value: str, max_age: int) -> Cookie:
        return Cookie(
            self.name,
            value=value,
            max_age=max_age,
            secure=self.is_secure,
            httponly=True,
            samesite="lax",
        )


class SignInNeededError(EdgeError):
    """Nobody is signed in who may see this page."""

    def __init__(self) -> None:
        super().__init__(401, "request.unauthenticated", "sign in first")


def session_at(
    tx: Transaction, request: Request[Any, Any, Any], cookie: SessionCookie
) -> Session | None:
    """Return the session of a request while it lasts."""
    token = request.cookies.get(cookie.name)
    if not token:
        return None
    return find_session(tx, token, services_of(request.app.state).clock.now())


def find_user_at(tx: Transaction, request: Request[Any, Any, Any]) -> str | None:
    """Return the sid of the user who is signed in, None when nobody is or an operator."""
    session = session_at(tx, request, user_cookie(services_of(request.app.state)))
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
    sid = find_user_at(tx, request)
    if sid is None:
        raise SignInNeededError
    return sid


def require_operator(tx: Transaction, request: Request[Any, Any, Any]) -> None:
    """Go on only for an operator.

    Raises:
        SignInNeededError: If nobody is signed in, or a user.
    """
    if find_operator_at(tx, request) is None:
        raise SignInNeededError


def end_session(tx: Transaction, request: Request[Any, Any, Any], cookie: SessionCookie) -> None:
    """Close the session that a request came with, if any."""
    token = request.cookies.get(cookie.name)
    if token:
        close_session(tx, token)


def user_cookie(services: Services) -> SessionCookie:
    """Return the site's cookie."""
    return SessionCookie("hero_session", services.public_origin.startswith("https://"))


def operator_cookie(services: Services) -> SessionCookie:
    """Return the operator's cookie; loopback shares cookies between ports, so its name differs."""
    return SessionCookie("hero_operator", services.admin_origin.startswith("https://"))


def answer_sign_in_needed(request: Request[Any, Any, Any], _: SignInNeededError) -> Response[str]:
    """Send a browser to the sign-in."""
    return go_to(request, "sign_in", [])
