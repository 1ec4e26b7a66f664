"""What is not billed, row by row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from litestar import Request, Response, get
from litestar.params import QueryParameter

from hero_onboarding.admin.pages.words import REASONS, REMEDIES
from hero_onboarding.aggregation import QuarantineRow, Reason, list_quarantine_rows
from hero_onboarding.http import Answer, Page, locale_of, render, services_of
from hero_onboarding.http.sessions import OPERATOR, require_operator
from hero_onboarding.languages import Locale, Moment

QUARANTINE: Final = Page("quarantine.html")

Cursor = Annotated[str | None, QueryParameter(name="cursor", required=False)]
Only = Annotated[Reason | None, QueryParameter(name="reason", required=False)]


@dataclass(frozen=True, slots=True)
class QuarantineLine:
    """One thing that is not billed."""

    reason: str
    detail: str
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
    locale = locale_of(request)
    with services_of(request.app.state).database.reading() as tx:
        require_operator(tx, request)
        page = list_quarantine_rows(tx, cursor, reason=reason)
    view = QuarantineView(
        reason=reason or "",
        title=locale.gettext("Quarantine") if reason is None else locale.gettext(REASONS[reason]),
        remedy="" if reason is None else locale.gettext(REMEDIES[reason]),
        lines=[_line(locale, row) for row in page.items],
        next_cursor=page.next_cursor,
        is_first_page=cursor is None,
    )
    return render(request, QUARANTINE, view, Answer(visitor=OPERATOR, locale=locale))


def _line(locale: Locale, row: QuarantineRow) -> QuarantineLine:
    return QuarantineLine(
        reason=locale.gettext(REASONS[row.reason]),
        detail=row.detail,
        path=row.path,
        place=_place(locale, row),
        key=row.key or "",
        since=locale.moment(row.first_seen),
    )


def _place(locale: Locale, row: QuarantineRow) -> str:
    if not row.line:
        return row.repository
    line = locale.number(row.line)
    return locale.gettext("line %(line)s of %(repository)s", line=line, repository=row.repository)
