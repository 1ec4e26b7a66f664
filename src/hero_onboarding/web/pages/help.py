"""The help page: what people ask most, answered where they ask it."""

from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, Response

from hero_onboarding.http import Answer, Page, render, services_of
from hero_onboarding.http.reading_pages import show
from hero_onboarding.http.same_origin import origin_of
from hero_onboarding.http.sessions import find_user_at

HELP: Final = Page("help.html")
_API: Final = "/api/openapi.json"


@dataclass(frozen=True, slots=True)
class HelpView:
    """What the answers know of this site: its command, its ways in, its API's description."""

    command: str
    has_messages: bool
    has_mail: bool
    api: str


@show("/help", name="help")
def show_help(request: Request[Any, Any, Any]) -> Response[str]:
    """Answer what people ask most, to anyone."""
    services = services_of(request.app.state)
    with services.database.reading() as tx:
        visitor = find_user_at(tx, request)
    view = HelpView(
        command=f"hero_onboarding login {origin_of(request)}",
        has_messages=services.messenger is not None,
        has_mail=services.mailer.outbox.can_send,
        api=_API,
    )
    return render(request, HELP, view, Answer(visitor=visitor))
