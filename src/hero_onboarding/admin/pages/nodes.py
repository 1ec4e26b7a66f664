"""All nodes that have files in a billing repository."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from litestar import Request, Response, get
from litestar.params import QueryParameter

from hero_onboarding.admin.pages.nodes_view import NodeLine, node_lines
from hero_onboarding.aggregation import list_nodes_after
from hero_onboarding.http import Answer, Page, locale_of, render, services_of
from hero_onboarding.http.sessions import OPERATOR, require_operator
from hero_onboarding.usage import list_local_pushes

NODES: Final = Page("nodes.html")

After = Annotated[str, QueryParameter(name="after", required=False)]


@dataclass(frozen=True, slots=True)
class NodesView:
    """One page of nodes by name; ``next_after`` is empty on the last."""

    lines: Sequence[NodeLine]
    next_after: str
    is_first_page: bool


@get("/nodes", name="nodes", sync_to_thread=True)
def show_nodes(request: Request[Any, Any, Any], after: After = "") -> Response[str]:
    """List nodes by name, with when each was last heard of."""
    services, locale = services_of(request.app.state), locale_of(request)
    with services.database.reading() as tx:
        require_operator(tx, request)
        nodes, has_more = list_nodes_after(tx, after)
        pushes = list_local_pushes(tx, [node.node_id for node in nodes])
    lines = node_lines(locale, nodes, pushes, services.clock.now())
    view = NodesView(lines, nodes[-1].node_id if has_more else "", after == "")
    return render(request, NODES, view, Answer(visitor=OPERATOR, locale=locale))
