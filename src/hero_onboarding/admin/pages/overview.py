"""The operator's first page: whether all is well, within ten seconds."""

from typing import Any, Final

from litestar import Request, Response, get

from hero_onboarding.admin.pages.nodes_view import SILENT_AFTER
from hero_onboarding.admin.pages.overview_view import overview_view
from hero_onboarding.admin.pages.strip_view import Facts
from hero_onboarding.admin.recent_books import RecentBooks
from hero_onboarding.aggregation import (
    count_nodes,
    count_quarantine,
    list_repository_states,
    list_silent_nodes,
)
from hero_onboarding.http import Answer, Page, locale_of, render, services_of
from hero_onboarding.http.charts import begin_of, last_hours
from hero_onboarding.http.sessions import OPERATOR, require_operator
from hero_onboarding.incidents import count_incidents, list_incidents
from hero_onboarding.jobs import count_jobs
from hero_onboarding.ledger import sum_charged_by_hour
from hero_onboarding.usage import count_unpushed, list_local_pushes

OVERVIEW: Final = Page("overview.html", "overview")
NODES_SHOWN: Final = 10
INCIDENTS_SHOWN: Final = 5


@get("/", name="home", sync_to_thread=True)
def show_overview(request: Request[Any, Any, Any]) -> Response[str]:
    """Show books, nodes, aggregation, quarantine, incidents, jobs and what was charged."""
    services, locale = services_of(request.app.state), locale_of(request)
    books: RecentBooks = request.app.state["recent_books"]
    now = services.clock.now()
    hours = last_hours(now)
    with services.database.reading() as tx:
        require_operator(tx, request)
        nodes = list_silent_nodes(tx, limit=NODES_SHOWN)
        facts = Facts(
            now=now,
            books=books.at(tx, now),
            node_counts=count_nodes(tx, fresh_since=now - SILENT_AFTER),
            nodes=nodes,
            pushes=list_local_pushes(tx, [node.node_id for node in nodes]),
            unpushed=count_unpushed(tx),
            repositories=list_repository_states(tx),
            quarantine=count_quarantine(tx),
            incident_count=count_incidents(tx),
            incidents=list_incidents(tx, None, size=INCIDENTS_SHOWN).items,
            jobs=count_jobs(tx),
            charged=sum_charged_by_hour(tx, begin_of(hours.start), begin_of(hours.stop)),
        )
    view = overview_view(locale, facts)
    return render(request, OVERVIEW, view, Answer(visitor=OPERATOR, locale=locale))
