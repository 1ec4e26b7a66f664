"""Where a request comes from, as people can recognise it: a network and a kind of browser."""

from typing import Any, Final, NamedTuple

from litestar import Request

from hero_onboarding.rates import network_of

_BROWSERS: Final = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("hero_onboarding", "hero_onboarding"),
    ("curl/", "curl"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
UNKNOWN: Final = ""


class Requester(NamedTuple):
    """Where a browser is and what it is; each may be empty when it says nothing.

    Attributes:
        place: An IPv4 address or an IPv6 /64.
        browser: Such as ``Firefox, Android``.
    """

    place: str
    browser: str


def requester_of(request: Request[Any, Any, Any]) -> Requester:
    """Return where a request comes from; what a browser says of itself is only a hint."""
    host = request.client.host if request.client is not None else UNKNOWN
    return Requester(network_of(host), browser_of(request.headers.get("User-Agent", "")))


def browser_of(user_agent: str) -> str:
    """Return the kind of a browser and of its system, by the marks that they carry."""
    words = (_find(user_agent, _BROWSERS), _find(user_agent, _SYSTEMS))
    return ", ".join(word for word in words if word)


def _find(text: str, marks: tuple[tuple[str, str], ...]) -> str:
    return next((word for mark, word in marks if mark in text), UNKNOWN)
