"""A user's statement: every movement of the wallet, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from litestar import Request, Response
from litestar.params import QueryParameter

from hero_onboarding.http import Answer, Page, locale_of, render, services_of
from hero_onboarding.http.reading_pages import show
from hero_onboarding.http.sessions import user_at
from hero_onboarding.languages import Moment
from hero_onboarding.wallet import get_wallet, list_grants, list_movements
from hero_onboarding.web.pages.balance_view import credit_of, debt_sentences
from hero_onboarding.web.pages.movements_view import MovementLine, movement_line

MOVEMENTS: Final = Page("movements.html", "movements")
LINES_SHOWN: Final = 25

Cursor = Annotated[str | None, QueryParameter(name="cursor", required=False)]


@dataclass(frozen=True, slots=True)
class MovementsView:
    """One page of a statement."""

    sid: str
    balance: str
    credit: Sequence[str]
    debt: Sequence[str]
    as_of: Moment
    lines: Sequence[MovementLine]
    next_cursor: str | None
    is_first_page: bool


@show("/movements", name="movements")
def show_movements(request: Request[Any, Any, Any], cursor: Cursor = None) -> Response[str]:
    """Show one page of the statement."""
    services = services_of(request.app.state)
    with services.database.reading() as tx:
        sid = user_at(tx, request)
        wallet, grants = get_wallet(tx, sid), list_grants(tx, sid)
        page = list_movements(tx, sid, cursor, size=LINES_SHOWN)
    locale, now = locale_of(request), services.clock.now()
    view = MovementsView(
        sid=sid,
        balance=locale.money(wallet.balance),
        credit=credit_of(locale, grants, now).sentences,
        debt=debt_sentences(locale, wallet),
        as_of=locale.moment(now),
        lines=[movement_line(locale, movement) for movement in page.items],
        next_cursor=page.next_cursor,
        is_first_page=cursor is None,
    )
    return render(request, MOVEMENTS, view, Answer(visitor=sid, locale=locale))
