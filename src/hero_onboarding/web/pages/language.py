"""The language switch of the site: who is signed in keeps the choice in their profile."""

from typing import Any

from litestar import Request, Response, post
from litestar.params import URLEncodedBody

from hero_onboarding.http import LanguageForm, remember_language, services_of
from hero_onboarding.http.sessions import find_user_session_at
from hero_onboarding.identity import set_language


@post("/language", name="language", sync_to_thread=True)
def submit_own_language(
    request: Request[Any, Any, Any], data: URLEncodedBody[LanguageForm]
) -> Response[str]:
    """Remember the choice in the browser, in a full session in the profile too, and go back."""
    services = services_of(request.app.state)
    if data.language in services.locales:
        with services.database.reading() as tx:
            session = find_user_session_at(tx, request)
        if session is not None and session.is_full(services.clock.now()):
            with services.database.transaction() as tx:
                set_language(tx, session.sid, data.language)
    return remember_language(request, data)
