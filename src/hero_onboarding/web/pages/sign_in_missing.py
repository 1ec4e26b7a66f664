"""Where signing in will be: in production there is no way in yet."""

from typing import Any, Final

from litestar import HttpMethod, Request, Response, route

from hero_onboarding.http import Answer, Page, render

MISSING: Final = Page("sign_in_missing.html")


@route(
    "/sign-in", http_method=[HttpMethod.GET, HttpMethod.POST], name="sign_in", sync_to_thread=False
)
def show_sign_in_missing(request: Request[Any, Any, Any]) -> Response[str]:
    """Say that signing in is not available yet, with 404."""
    return render(request, MISSING, None, Answer(404))
