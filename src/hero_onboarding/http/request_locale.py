"""In which language somebody is answered, and in which zone they are told times."""

from dataclasses import replace
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from hero_onboarding.http.services import services_of
from hero_onboarding.identity import Session
from hero_onboarding.languages import Locale, choose_language, zone_of, zones

LANGUAGE_COOKIE: Final = "hero_language"
_YEAR_SECONDS: Final = 365 * 24 * 3600
_SESSION: Final = "session_that_reads"

_Connection = ASGIConnection[Any, Any, Any, Any]


def note_reader(connection: _Connection, session: Session) -> None:
    """Remember who reads what a request is answered with: their profile says how they read."""
    connection.state[_SESSION] = session


def locale_of(connection: _Connection) -> Locale:
    """Return how a person is answered: by their profile, as they chose, as their browser asks.

    The one place that decides for pages; the profile is known once the session has been looked up.
    """
    reader: Session | None = connection.state.get(_SESSION)
    return locale_for(connection, reader)


def locale_for(connection: _Connection, reader: Session | None) -> Locale:
    """Return how somebody is answered whose session this is; None is nobody who is signed in."""
    services = services_of(connection.app.state)
    chosen = services.locales.get(connection.cookies.get(LANGUAGE_COOKIE, ""))
    own = None if reader is None else services.locales.get(reader.language or "")
    if reader is not None and not reader.is_full(services.clock.now()):
        own = chosen or own  # it may not change the profile, so the switch counts for the browser
    locale = own or chosen or asked_locale(connection)
    if reader is None or reader.time_zone not in zones():
        return locale
    return replace(locale, zone=zone_of(reader.time_zone))


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
