"""The start: what this is, how it works, and the way in."""

from typing import Any, Final

from litestar import Request, Response, get

from hero_onboarding.http import Answer, Page, render, services_of
from hero_onboarding.http.sessions import find_user_at

HOME: Final = Page("home.html")


@get("/", name="home", sync_to_thread=True)
def show_home(request: Request[Any, Any, Any]) -> Response[str]:
    """Say what this is; somebody who is signed in finds the way to their dashboard."""
    services = services_of(request.app.state)
    with services.database.reading() as tx:
        visitor = find_user_at(tx, request)
    return render(request, HOME, None, Answer(visitor=visitor))
