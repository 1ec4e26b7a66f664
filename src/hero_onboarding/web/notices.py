"""What a sign-in did, told once on the page that follows: kept sealed in a cookie for a minute.

Only this server can seal it, so nobody can have a page say something else.
"""

from dataclasses import dataclass
from typing import Any, Final

from litestar import Request
from litestar.datastructures import Cookie

from hero_onboarding.http import Services, services_of
from hero_onboarding.http.cookies import TokenCookie
from hero_onboarding.sign_in import PURPOSES

_LIFE_SECONDS: Final = 60
_USE: Final = "notice"


@dataclass(frozen=True, slots=True)
class Notice:
    """What an attempt did.

    Attributes:
        purpose: One of ``PURPOSES``.
        address: What was proved last for it.
    """

    purpose: str
    address: str


def keep_notice(services: Services, user_sid: str, notice: Notice) -> Cookie:
    """Make the cookie that keeps a notice for a user."""
    text = f"{_USE} {user_sid} {notice.purpose} {notice.address}"
    return _cookie(services).give(services.box.seal(text.encode()).decode())


def find_notice(request: Request[Any, Any, Any], user_sid: str | None) -> Notice | None:
    """Return what is to be told to the user who is signed in, None when nothing is."""
    services = services_of(request.app.state)
    sealed = request.cookies.get(_cookie(services).name)
    opened = None if not sealed else services.box.open(sealed.encode())
    words = [] if opened is None else opened.decode(errors="replace").split(" ")
    match words:
        case [use, sid, purpose, address] if (use, sid) == (_USE, user_sid) and purpose in PURPOSES:
            return Notice(purpose, address)
        case _:
            return None


def drop_notice(services: Services) -> Cookie:
    """Make the cookie that ends a notice: it was told."""
    return _cookie(services).take_back()


def _cookie(services: Services) -> TokenCookie:
    return TokenCookie("hero_notice", services.is_https, _LIFE_SECONDS)
