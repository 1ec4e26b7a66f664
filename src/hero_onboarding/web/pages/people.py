"""The sandbox's own way in: anyone can be anyone here. It exists in sandbox mode only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from litestar import Request, Response, get, post
from litestar.params import QueryParameter, URLEncodedBody

from hero_onboarding.database import Transaction
from hero_onboarding.http import Answer, Page, go_to, render, services_of
from hero_onboarding.http.requester import requester_of
from hero_onboarding.http.sessions import end_session, user_cookie
from hero_onboarding.identity import Origin, find_user, list_users, open_session
from hero_onboarding.web.pending import next_route

PEOPLE: Final = Page("people.html", "people")

Cursor = Annotated[str | None, QueryParameter(name="cursor", required=False)]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom a visitor can be; without a name the sid is shown alone."""

    sid: str
    name: str


@dataclass(frozen=True, slots=True)
class PeopleView:
    """The sandbox's users, newest first, and what was wrong with the form."""

    people: Sequence[Person]
    next_cursor: str | None
    is_first_page: bool
    unknown: str | None = None


@dataclass(frozen=True, slots=True)
class PersonForm:
    """Whom the visitor wants to be."""

    user_sid: str


@get("/sandbox/sign-in", name="people", sync_to_thread=True)
def show_people(request: Request[Any, Any, Any], cursor: Cursor = None) -> Response[str]:
    """List the sandbox's users with a button each."""
    with services_of(request.app.state).database.reading() as tx:
        view = _view(tx, cursor)
    return render(request, PEOPLE, view)


@post("/sandbox/sign-in", name="submit_person", sync_to_thread=True)
def submit_person(
    request: Request[Any, Any, Any],
    data: URLEncodedBody[PersonForm],
) -> Response[str]:
    """Sign in as a user; a session that the browser had before ends. Repeating is safe."""
    services = services_of(request.app.state)
    cookie = user_cookie(services)
    with services.database.transaction() as tx:
        if find_user(tx, data.user_sid) is None:
            view = _view(tx, None, unknown=data.user_sid)
            return render(request, PEOPLE, view, Answer(422))
        end_session(tx, request, cookie)
        origin = Origin("sandbox", *requester_of(request))
        token = open_session(tx, data.user_sid, services.clock.now(), origin)
    return go_to(request, next_route(request, "dashboard"), [cookie.give(token)])


def _view(tx: Transaction, cursor: str | None, *, unknown: str | None = None) -> PeopleView:
    page = list_users(tx, cursor).map(lambda user: Person(user.sid, user.name))
    return PeopleView(page.items, page.next_cursor, cursor is None, unknown)
