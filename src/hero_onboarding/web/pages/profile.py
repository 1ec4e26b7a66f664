"""The form of a user's profile: language, time zone, country."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.params import URLEncodedBody

from hero_onboarding.http import Answer, Page, go_to, locale_of, render, services_of
from hero_onboarding.http.sessions import full_session_at, me_at
from hero_onboarding.identity import Profile, get_profile, set_profile
from hero_onboarding.languages import UNIVERSAL, list_countries, zones_by_region
from hero_onboarding.web.pages.account_view import city_of

PROFILE: Final = Page("profile.html")


@dataclass(frozen=True, slots=True)
class ProfileForm:
    """What the user chose; an empty text leaves a field open."""

    language: str = ""
    time_zone: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class ProfileFormView:
    """The form with what is chosen, and what can be: zones by region, countries by name."""

    language: str
    time_zone: str
    country: str
    universal: str
    zones: Mapping[str, Sequence[tuple[str, str]]]
    countries: Sequence[tuple[str, str]]


@get("/account/profile", name="profile", sync_to_thread=True)
def show_profile(request: Request[Any, Any, Any]) -> Response[str]:
    """Show the form."""
    with services_of(request.app.state).database.reading() as tx:
        sid = me_at(tx, request).sid
        profile = get_profile(tx, sid)
    locale = locale_of(request)
    view = ProfileFormView(
        language=profile.language or "",
        time_zone=profile.time_zone or "",
        country=profile.country or "",
        universal=UNIVERSAL,
        zones={
            region: [(name, city_of(name)) for name in names]
            for region, names in zones_by_region().items()
        },
        countries=list_countries(locale),
    )
    return render(request, PROFILE, view, Answer(visitor=sid, locale=locale))


@post("/account/profile", name="submit_profile", sync_to_thread=True)
def submit_profile(
    request: Request[Any, Any, Any], data: URLEncodedBody[ProfileForm]
) -> Response[str]:
    """Keep what was chosen; repeating is safe."""
    profile = Profile(data.language or None, data.time_zone or None, data.country or None)
    with services_of(request.app.state).database.transaction() as tx:
        set_profile(tx, full_session_at(tx, request).sid, profile)
    return go_to(request, "account", [])
