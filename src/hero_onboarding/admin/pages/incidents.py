"""What somebody must look at, with evidence and since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from litestar import Request, Response, get
from litestar.params import QueryParameter

from hero_onboarding.admin.pages.incidents_view import IncidentLine, incident_line
from hero_onboarding.http import Answer, Page, locale_of, render, services_of
from hero_onboarding.http.sessions import OPERATOR, require_operator
from hero_onboarding.incidents import list_incidents

INCIDENTS: Final = Page("incidents.html")
INCIDENTS_SHOWN: Final = 25

Cursor = Annotated[str | None, QueryParameter(name="cursor", required=False)]


@dataclass(frozen=True, slots=True)
class IncidentsView:
    """One page of incidents."""

    lines: Sequence[IncidentLine]
    next_cursor: str | None
    is_first_page: bool


@get("/incidents", name="incidents", sync_to_thread=True)
def show_incidents(request: Request[Any, Any, Any], cursor: Cursor = None) -> Response[str]:
    """List incidents, newest first."""
    locale = locale_of(request)
    with services_of(request.app.state).database.reading() as tx:
        require_operator(tx, request)
        page = list_incidents(tx, cursor, size=INCIDENTS_SHOWN)
    lines = [incident_line(locale, incident) for incident in page.items]
    view = IncidentsView(lines, page.next_cursor, cursor is None)
    return render(request, INCIDENTS, view, Answer(visitor=OPERATOR, locale=locale))
