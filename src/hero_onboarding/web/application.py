"""The site's application: which routes a server of a role and mode has."""

from collections.abc import Sequence
from typing import Any

from litestar import Litestar, Request, Router
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.middleware import DefineMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from hero_onboarding.http import (
    FAILURE_HANDLERS,
    LoopbackOnly,
    Mode,
    Role,
    Services,
    for_browsers,
    page_state,
    show_health,
)
from hero_onboarding.web.api import centre, machine, usage, users
from hero_onboarding.web.api.bodies import StrictRequest, require_body
from hero_onboarding.web.pages import make_pages

SERVICE = "hero_onboarding_server"


def make_site(services: Services) -> Litestar:
    """Make the application that ``hero_onboarding_server`` serves; a node has no pages.

    The handlers go in through a router: registered one by one, Litestar 2.25 wraps those that
    share a path with another method twice, and their threads then return coroutines.
    """
    has_pages = services.role is not Role.NODE
    pages = make_pages(services.mode) if has_pages else []
    state = page_state(services, "hero_onboarding.web") if has_pages else {}
    return Litestar(
        route_handlers=[
            Router(
                path="/",
                route_handlers=_routes(services),
                request_class=StrictRequest,
                before_request=require_body,
            ),
            *pages,
        ],
        state=State({"services": services, "service": SERVICE, **state}),
        exception_handlers=for_browsers(FAILURE_HANDLERS),
        middleware=_middleware(services.mode),
        openapi_config=_description(services.version),
        request_max_body_size=1024 * 1024,
        logging_config=None,
    )


def _description(version: str) -> OpenAPIConfig:
    """Serve the API's description as JSON; pages about it would load scripts from elsewhere."""
    return OpenAPIConfig(
        title="hero_onboarding billing API",
        version=version,
        path="/api",
        render_plugins=[JsonRenderPlugin()],
        openapi_router=Router(
            "/api", route_handlers=[], before_request=_refuse_unknown, include_in_schema=False
        ),
    )


def _refuse_unknown(request: Request[Any, Any, Any]) -> None:
    """Answer unknown paths below ``/api`` like any other; the framework has a page of its own."""
    if "path" in request.path_params:
        raise NotFoundException


def _middleware(mode: Mode) -> list[DefineMiddleware]:
    return [DefineMiddleware(LoopbackOnly)] if mode is Mode.SANDBOX else []


def _routes(services: Services) -> Sequence[Any]:
    """List the routes of the contract; a node has only those that it needs."""
    routes: list[Any] = [
        show_health,
        usage.record_one,
        usage.record_batch,
        usage.push_now,
        centre.show_incidents,
    ]
    if services.mode is Mode.SANDBOX:
        routes.append(machine.set_clock)
    if services.role is Role.NODE:
        return routes
    return [
        *routes,
        users.create_one,
        users.show_users,
        users.adjust_one,
        users.show_wallet,
        users.show_movements,
        users.hold_some,
        users.close_one,
        centre.aggregate_now,
        centre.run_jobs_now,
        centre.show_quarantine,
        centre.retry_now,
        centre.show_books,
        centre.show_rights,
        centre.give_one,
        centre.take_one,
    ]
