"""The control room: settings, faults, notices, the request log and the clock."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from msgspec import Meta

from hero_onboarding.sandbox.desk import Desk
from hero_onboarding.sandbox.errors import BadOrderError, NothingThereError
from hero_onboarding.sandbox.exchange import Answer, Request, json_answer
from hero_onboarding.sandbox.ids import new_id
from hero_onboarding.sandbox.stripe import control_page, dashboard
from hero_onboarding.sandbox.stripe.account import Account, Visit
from hero_onboarding.sandbox.stripe.api import sweep
from hero_onboarding.sandbox.stripe.endpoints import notices
from hero_onboarding.sandbox.stripe.failures import (
    StripeAnswerError,
    failure_answer,
    invalid,
    missing,
)
from hero_onboarding.sandbox.stripe.parameters import Group
from hero_onboarding.sandbox.stripe.postman import Secret

T = TypeVar("T")
Room = Callable[[Visit, Request], Answer]

_ROLL_SECONDS = 24 * 3600


class EndpointOrder(Group, frozen=True):
    """An endpoint to be added, or one whose secret is to be rolled."""

    url: str | None = None
    endpoint: str | None = None
    secret: str = ""
    enabled_events: tuple[str, ...] = ("*",)
    old_ends_in_seconds: Annotated[int, Meta(ge=0)] = _ROLL_SECONDS


def answer_control(account: Account, request: Request) -> Answer:
    """Answer a request to the control room."""
    try:
        room = rooms().get((request.method, request.path.rstrip("/")))
        if room is None:
            raise missing("room", request.path[:100])
        with account.visit() as visit:
            sweep(visit)
            return room(visit, request)
    except StripeAnswerError as failure:
        return failure_answer(failure)
    except BadOrderError as problem:
        return failure_answer(invalid(str(problem)))
    except NothingThereError as problem:
        return failure_answer(invalid(str(problem), status=404))


def rooms() -> dict[tuple[str, str], Room]:
    """List the control room's routes, those of the page's forms included."""
    acts = {
        ("POST", f"/sandbox/stripe/{name}"): _acting(act) for name, act in dashboard.ACTS.items()
    }
    return {
        ("GET", "/sandbox"): control_page.show_page,
        ("POST", "/sandbox/stripe/settings"): control_page.submitting(Desk.submit_settings),
        ("POST", "/sandbox/stripe/fault"): control_page.submitting(Desk.submit_fault),
        ("POST", "/sandbox/stripe/reset"): control_page.submitting(Desk.submit_reset),
        ("POST", "/sandbox/stripe/act"): control_page.submit_act,
        ("GET", "/sandbox/stripe/faults"): _at_desk(Desk.show_faults),
        ("POST", "/sandbox/stripe/faults"): _at_desk(Desk.change_faults),
        ("DELETE", "/sandbox/stripe/faults"): _at_desk(Desk.clear_faults),
        ("GET", "/sandbox/stripe/requests"): _at_desk(Desk.show_requests),
        ("DELETE", "/sandbox/stripe/requests"): _at_desk(Desk.reset_requests),
        ("GET", "/sandbox/stripe/deliveries"): _at_desk(Desk.show_deliveries),
        ("POST", "/sandbox/stripe/deliveries"): change_deliveries,
        ("POST", "/sandbox/stripe/endpoints"): change_endpoint,
        ("POST", "/sandbox/stripe/forget"): forget,
        ("GET", "/sandbox/clock"): _at_desk(Desk.show_clock),
        ("POST", "/sandbox/clock"): set_clock,
        **acts,
    }


def change_deliveries(visit: Visit, request: Request) -> Answer:
    """Tell of an event once more, let go of what is held, or try at once what is to be retried."""
    return visit.account.desk.change_deliveries(request, signature="right", is_tampered=False)


def change_endpoint(visit: Visit, request: Request) -> Answer:
    """Add an endpoint, or roll the secret of one; the old one holds for some time."""
    wanted = _read(request, EndpointOrder)
    if wanted.url is not None:
        endpoint, secret = notices.open_endpoint(
            visit, wanted.url, list(wanted.enabled_events), wanted.secret
        )
        return json_answer({"endpoint": endpoint["id"], "secret": secret}, 201)
    endpoint = visit.shelf.get("webhook_endpoint", wanted.endpoint or "", param="endpoint")
    postman = visit.account.postman
    ends_at = visit.now() + wanted.old_ends_in_seconds
    old = [Secret(one.text, ends_at) for one in postman.secrets_of(endpoint["id"])]
    new = Secret(wanted.secret or new_id("whsec_"))
    postman.set_secrets(endpoint["id"], [new, *old])
    return json_answer({"endpoint": endpoint["id"], "secret": new.text})


def forget(visit: Visit, _request: Request) -> Answer:
    """Be a new account: no objects, no endpoints, nothing wrong; the clock stays."""
    visit.account.clear()
    return Answer(204)


def set_clock(visit: Visit, request: Request) -> Answer:
    """Move the test clock forward, and let happen what that brings about."""
    answer = visit.account.desk.set_clock(request)
    sweep(visit)
    return answer


def _at_desk(ask: Callable[[Desk, Request], Answer]) -> Room:
    return lambda visit, request: ask(visit.account.desk, request)


def _acting(act: dashboard.Act) -> Room:
    return lambda visit, request: json_answer(act(visit, request.body))


def _read(request: Request, shape: type[T]) -> T:
    return dashboard.read_order(request.body, shape)
