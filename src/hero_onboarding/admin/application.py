"""The operator's application."""

from litestar import Litestar
from litestar.datastructures import State
from litestar.middleware import DefineMiddleware

from hero_onboarding.http import FAILURE_HANDLERS, LoopbackOnly, Mode, Services, show_health

SERVICE = "hero_onboarding_admin"


def make_dashboard(services: Services) -> Litestar:
    """Make the application that ``hero_onboarding_admin`` serves."""
    sandbox = [DefineMiddleware(LoopbackOnly)] if services.mode is Mode.SANDBOX else []
    return Litestar(
        route_handlers=[show_health],
        state=State({"services": services, "service": SERVICE}),
        exception_handlers=FAILURE_HANDLERS,
        middleware=sandbox,
        openapi_config=None,
        request_max_body_size=64 * 1024,
        logging_config=None,
    )
