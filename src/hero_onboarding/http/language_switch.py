"""The switch in the footer: choose a language and stay on the page."""

import re
from dataclasses import dataclass
from typing import Any, Final

from litestar import MediaType, Request, Response, post
from litestar.params import URLEncodedBody

from hero_onboarding.http.request_locale import language_cookie
from hero_onboarding.http.services import services_of

_START: Final = "/"
_LOCAL: Final = re.compile(r"/(?![/\\])[!-\[\]-~]{0,2000}")
"""A path and query of printable ASCII without backslashes, which browsers read as slashes."""


@dataclass(frozen=True, slots=True)
class LanguageForm:
    """The language that was chosen, and the page on which."""

    language: str
    back: str = _START


@post("/language", name="language", sync_to_thread=False)
def submit_language(
    request: Request[Any, Any, Any], data: URLEncodedBody[LanguageForm]
) -> Response[str]:
    """Remember the choice and go back; what is no language here changes nothing."""
    return remember_language(request, data)


def remember_language(request: Request[Any, Any, Any], data: LanguageForm) -> Response[str]:
    """Have the browser remember a language that there is, and send it back to its page."""
    is_known = data.language in services_of(request.app.state).locales
    return Response(
        "",
        status_code=303,
        media_type=MediaType.TEXT,
        headers={"Location": local_path(data.back), "Cache-Control": "no-store"},
        cookies=[language_cookie(data.language)] if is_known else [],
    )


def local_path(text: str) -> str:
    """Return a path of this site as it is, and the start for anything that leads elsewhere."""
    return text if _LOCAL.fullmatch(text) else _START


def path_of(request: Request[Any, Any, Any]) -> str:
    """Return the path and query that a request asked for, if a browser may be sent there."""
    path, _, _ = request.scope["raw_path"].partition(b"?")  # some servers leave the query in it
    query = request.scope["query_string"]
    asked = path + (b"?" + query if query else b"")
    return local_path(asked.decode("latin-1"))
