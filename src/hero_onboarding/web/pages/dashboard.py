"""A user's dashboard: how long the money lasts, and what it is spent on."""

from typing import Any, Final

from litestar import Request, Response

from hero_onboarding.aggregation import list_user_use
from hero_onboarding.http import Answer, Page, locale_of, render, services_of
from hero_onboarding.http.charts import hour_of
from hero_onboarding.http.reading_pages import show
from hero_onboarding.http.sessions import me_at
from hero_onboarding.payments import read_news
from hero_onboarding.wallet import get_wallet, list_grants, list_movements
from hero_onboarding.web.pages.dashboard_view import (
    Facts,
    dashboard_view,
    first_hour_by_kind,
    first_hour_shown,
)

DASHBOARD: Final = Page("dashboard.html", "figures")
MOVEMENTS_SHOWN: Final = 5


@show("/dashboard", name="dashboard")
def show_dashboard(request: Request[Any, Any, Any]) -> Response[str]:
    """Show balance, runway, use and the last movements; the figures refresh in place."""
    services = services_of(request.app.state)
    now = services.clock.now()
    with services.database.reading() as tx:
        session = me_at(tx, request)
        sid, locale = session.sid, locale_of(request)
        first_hour = first_hour_shown(locale, now)
        wallet = get_wallet(tx, sid)
        facts = Facts(
            now=now,
            is_watched=session.is_watched and session.is_full(now),
            wallet=wallet,
            use=list_user_use(
                tx, sid, range(first_hour, hour_of(now) + 1), kinds_from=first_hour_by_kind(now)
            ),
            movements=list_movements(tx, sid, None, size=MOVEMENTS_SHOWN),
            grants=list_grants(tx, sid),
            can_top_up=bool(services.cashier.providers),
            news=read_news(tx, wallet),
        )
    view = dashboard_view(locale, facts)
    return render(request, DASHBOARD, view, Answer(visitor=sid, locale=locale))
