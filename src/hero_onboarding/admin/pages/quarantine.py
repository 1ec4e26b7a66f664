"""What is not billed, row by row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from litestar import Request, Response, get
from litestar.params import QueryParameter

from hero_onboarding.admin.pages.words import REASONS, REMEDIES
from hero_onboarding.aggregation import QuarantineRow, Reason, list_quarantine_rows
from hero_onboarding.http import Answer, Page, render, services_of
from hero_onboarding.http.sessions import OPERATOR, require_operator
from hero_onboarding.http.wording import Moment, moment_of

QUARANTINE: Final = Page("quarantine.html")

Cursor = Annotated[str | None, QueryParameter(name="cursor", required=False)]
Only = Annotated[Reason | None, QueryParameter(name="reason", required=False)]


@dataclass(frozen=True, slots=True)
class QuarantineLine:
    """One thing that is not billed."""

    reason: str
    detail: str
    repository: str
    path: str
    place: str
    key: str
    since: Moment


@dataclass(frozen=True, slots=True)
class QuarantineView:
    """One page of quarantine, of one reason or of all."""

    reason: str
    title: str
    remedy: str
    lines: Sequence[QuarantineLine]
    next_cursor: str | None
    is_first_page: bool


@get("/quarantine", name="quarantine", sync_to_thread=True)
def show_quarantine(
    request: Request[Any, Any, Any], cursor: Cursor = None, reason: Only = None
) -> Response[str]:
    """List what is in quarantine, newest first."""
    with services_of(request.app.state).database.reading() as tx:
        require_operator(tx, request)
        page = list_quarantine_rows(tx, cursor, reason=reason).map(_line)
    view = QuarantineView(
        reason=reason or "",
        title="Quarantine" if reason is None else REASONS[reason],
        remedy="" if reason is None else REMEDIES[reason],
        lines=page.items,
        next_cursor=page.next_cursor,
        is_first_page=cursor is None,
    )
    return render(request, QUARANTINE, view, Answer(visitor=OPERATOR))


def _line(row: QuarantineRow) -> QuarantineLine:
    return QuarantineLine(
        reason=REASONS[row.reason],
        detail=row.detail,
        repository=row.repository,
        path=row.path,
        place=f"line {row.line}" if row.line else "",
        key=row.key or "",
        since=moment_of(row.first_seen),
    )
