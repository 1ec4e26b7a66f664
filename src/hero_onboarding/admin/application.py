"""The operator's application."""

from litestar import Litestar
from litestar.datastructures import State
from litestar.middleware import DefineMiddleware

from hero_onboarding.admin.pages import make_pages
from hero_onboarding.admin.recent_books import RecentBooks
from hero_onboarding.http import (
    FAILURE_HANDLERS,
    LoopbackOnly,
    Mode,
    Services,
    for_browsers,
    page_state,
    show_health,
)
from hero_onboarding.http.sessions import find_operator_at

SERVICE = "hero_onboarding_admin"


def make_dashboard(services: Services) -> Litestar:
    """Make the application that ``hero_onboarding_admin`` serves."""
    sandbox = [DefineMiddleware(LoopbackOnly)] if services.mode is Mode.SANDBOX else []
    state = {
        **page_state(services, "hero_onboarding.admin", find_operator_at),
        "services": services,
        "service": SERVICE,
        "recent_books": RecentBooks(),
    }
    return Litestar(
        route_handlers=[show_health, *make_pages()],
        state=State(state),
        exception_handlers=for_browsers(FAILURE_HANDLERS),
        middleware=sandbox,
        openapi_config=None,
        request_max_body_size=64 * 1024,
        logging_config=None,
    )
