"""The site's application: which routes a server of a role and mode has."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from litestar import Litestar, Request, Router
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.middleware import DefineMiddleware

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
from hero_onboarding.http.same_origin import refuse_cross_site
from hero_onboarding.http.security_headers import COMMON_HEADERS
from hero_onboarding.http.sessions import find_user_at, note_session_use
from hero_onboarding.kernel.server import SITE_SERVICE
from hero_onboarding.web.api import (
    attempts,
    centre,
    description,
    emails,
    exchange,
    grants,
    keys,
    machine,
    messages,
    openid,
    openid_clients,
    passkeys,
    prices,
    reconciliation,
    sign_in,
    top_ups,
    usage,
    users,
    webhooks,
)
from hero_onboarding.web.api.bodies import StrictRequest, require_body
from hero_onboarding.web.pages import make_pages

SERVICE = SITE_SERVICE


def make_site(services: Services) -> Litestar:
    """Make the application that ``hero_onboarding_server`` serves; a node has no pages.

    The handlers go in through a router: registered one by one, Litestar 2.25 wraps those that
    share a path with another method twice, and their threads then return coroutines.
    """
    has_pages = services.role is not Role.NODE
    pages = make_pages(services.mode) if has_pages else []
    state = page_state(services, "hero_onboarding.web", find_user_at) if has_pages else {}
    script_routes = Router(
        path="/",
        route_handlers=_script_routes(services),
        request_class=StrictRequest,
        before_request=require_body,
    )
    open_routes = Router(
        path="/",
        route_handlers=_open(services),
        guards=[refuse_cross_site],
        response_headers={**COMMON_HEADERS, "Cache-Control": "no-store"},
        request_class=StrictRequest,
        before_request=require_body,
        after_response=note_session_use,
    )
    application = Litestar(
        route_handlers=[show_health, script_routes, open_routes, *pages],
        state=State({"services": services, "service": SERVICE, **state}),
        exception_handlers=for_browsers(FAILURE_HANDLERS),
        middleware=_middleware(services.mode),
        openapi_config=description.make_config(services.version, _description_router()),
        request_max_body_size=1024 * 1024,
        logging_config=None,
    )
    guards = description.guards_of(application, script_routes)
    application.state["guards"] = guards
    application.state["describe"] = cache(
        lambda: description.complete(application.openapi_schema, guards, services.mode)
    )
    return application


def _open(services: Services) -> Sequence[Any]:
    """List the routes by which people sign in; a node has none."""
    if services.role is Role.NODE:
        return []
    return [
        sign_in.ask_challenge,
        sign_in.verify,
        sign_in.show_me,
        sign_in.sign_out,
        attempts.begin_attempt,
        attempts.follow_attempt,
        attempts.complete_attempt,
        messages.send_message,
        messages.verify_message,
        emails.send_email,
        emails.verify_email_code,
        passkeys.ask_passkey,
        passkeys.enrol_passkey,
        passkeys.use_passkey,
        openid.show_discovery,
        openid.show_keys,
        openid.exchange_code,
        openid.show_user,
        openid.revoke_token,
        webhooks.receive_stripe_notice,
        webhooks.receive_clickpesa_notice,
    ]


def _description_router() -> Router:
    return Router(
        "/api", route_handlers=[], before_request=_prepare_description, include_in_schema=False
    )


async def _prepare_description(request: Request[Any, Any, Any]) -> None:
    """Complete the description when it is asked for first: most servers never are.

    Unknown paths below ``/api`` are answered like any other; the framework has a page of its own.
    """
    if "path" in request.path_params:
        raise NotFoundException
    request.app.state["describe"]()


def _middleware(mode: Mode) -> list[DefineMiddleware]:
    return [DefineMiddleware(LoopbackOnly)] if mode is Mode.SANDBOX else []


def _script_routes(services: Services) -> Sequence[Any]:
    """List the routes that need a secret or a key; a node has only those that it needs."""
    routes: list[Any] = [
        usage.record_one,
        usage.record_batch,
        usage.push_now,
        centre.show_incidents,
        keys.create_one,
        keys.show_keys,
        keys.revoke_one,
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
        users.write_off_one,
        grants.grant_one,
        grants.show_grants,
        users.show_wallet,
        users.show_movements,
        users.give_statement,
        users.hold_some,
        users.close_one,
        top_ups.open_one,
        top_ups.show_one,
        top_ups.refund_one,
        top_ups.replay_some,
        reconciliation.reconcile_now,
        centre.aggregate_now,
        centre.run_jobs_now,
        centre.show_quarantine,
        centre.retry_now,
        centre.show_books,
        centre.show_rights,
        prices.show_prices,
        prices.set_new,
        exchange.show_rates,
        exchange.publish_new,
        openid_clients.create_one,
        openid_clients.show_clients,
        openid_clients.revoke_one,
        openid_clients.rotate_now,
        centre.give_one,
        centre.take_one,
    ]
