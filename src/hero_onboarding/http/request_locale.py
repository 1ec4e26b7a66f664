"""In which language somebody is answered."""

from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from hero_onboarding.http.services import services_of
from hero_onboarding.languages import Locale, choose_language

LANGUAGE_COOKIE: Final = "hero_language"
_YEAR_SECONDS: Final = 365 * 24 * 3600

_Connection = ASGIConnection[Any, Any, Any, Any]


def locale_of(connection: _Connection) -> Locale:
    """Return how a person is answered: as they chose, else as their browser asks.

    The one place that decides for pages; what a user's own profile says will come first, here.
    """
    locales = services_of(connection.app.state).locales
    return locales.get(connection.cookies.get(LANGUAGE_COOKIE, "")) or asked_locale(connection)


def asked_locale(connection: _Connection) -> Locale:
    """Return what ``Accept-Language`` asks for, English where it asks for nothing that there is."""
    locales = services_of(connection.app.state).locales
    header = ",".join(connection.headers.getall("Accept-Language", []))
    return locales[choose_language(header, list(locales))]


def language_cookie(language: str) -> Cookie:
    """Make the cookie that remembers a choice for a year; no secret, so it goes over http too."""
    return Cookie(
        LANGUAGE_COOKIE, value=language, max_age=_YEAR_SECONDS, httponly=True, samesite="lax"
    )
