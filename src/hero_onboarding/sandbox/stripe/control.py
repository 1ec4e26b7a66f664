"""The control room: settings, faults, notices, the request log and the clock."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from hero_onboarding.sandbox.errors import ClockBackwardsError
from hero_onboarding.sandbox.exchange import Answer, Request, json_answer
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
from hero_onboarding.sandbox.stripe.objects import new_id
from hero_onboarding.sandbox.stripe.parameters import Group
from hero_onboarding.sandbox.stripe.postman import Delivery, Secret
from hero_onboarding.sandbox.stripe.switches import Fault

T = TypeVar("T")
Room = Callable[[Visit, Request], Answer]

_ROLL_SECONDS = 24 * 3600


class ClockChange(Group, frozen=True):
    """Where the clock is to go: to an instant, or forward by some seconds."""

    now: Annotated[datetime, Meta(tz=True)] | None = None
    advance_seconds: float | None = None


class FaultsChange(Group, frozen=True):
    """What is to go wrong: settings are changed, faults added, after the old ones are cleared."""

    settings: dict[str, object] = msgspec.field(default_factory=dict)
    add: tuple[Fault, ...] = ()
    clear: bool = False


class DeliveryOrder(Group, frozen=True):
    """What the postman is to do: tell of an event again, let go of what is held, hurry."""

    event: str | None = None
    release: Literal["made", "reversed"] | None = None
    hurry: bool = False


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


def rooms() -> dict[tuple[str, str], Room]:
    """List the control room's routes, those of the page's forms included."""
    acts = {
        ("POST", f"/sandbox/stripe/{name}"): _acting(act) for name, act in dashboard.ACTS.items()
    }
    return {
        ("GET", "/sandbox"): control_page.show_page,
        ("POST", "/sandbox/stripe/settings"): control_page.submit_settings,
        ("POST", "/sandbox/stripe/fault"): control_page.submit_fault,
        ("POST", "/sandbox/stripe/reset"): control_page.submit_reset,
        ("POST", "/sandbox/stripe/act"): control_page.submit_act,
        ("GET", "/sandbox/stripe/faults"): show_faults,
        ("POST", "/sandbox/stripe/faults"): change_faults,
        ("DELETE", "/sandbox/stripe/faults"): clear_faults,
        ("GET", "/sandbox/stripe/requests"): show_requests,
        ("DELETE", "/sandbox/stripe/requests"): reset_requests,
        ("GET", "/sandbox/stripe/deliveries"): show_deliveries,
        ("POST", "/sandbox/stripe/deliveries"): change_deliveries,
        ("POST", "/sandbox/stripe/endpoints"): change_endpoint,
        ("POST", "/sandbox/stripe/forget"): forget,
        ("GET", "/sandbox/clock"): show_clock,
        ("POST", "/sandbox/clock"): set_clock,
        **acts,
    }


def show_faults(visit: Visit, _request: Request) -> Answer:
    """Show the settings and the faults still to come."""
    switches = visit.account.switches
    return json_answer({"settings": switches.settings, "faults": switches.faults})


def change_faults(visit: Visit, request: Request) -> Answer:
    """Change settings and faults, all or nothing."""
    wanted = _read(request, FaultsChange)
    switches = visit.account.switches
    try:
        switches.change(wanted.settings)
    except msgspec.ValidationError as problem:
        raise invalid(str(problem)) from problem
    if wanted.clear:
        switches.clear()
    for fault in wanted.add:
        switches.add(fault)
    return show_faults(visit, request)


def clear_faults(visit: Visit, request: Request) -> Answer:
    """Let nothing go wrong any more and put every setting back."""
    visit.account.switches.reset()
    return show_faults(visit, request)


def show_requests(visit: Visit, request: Request) -> Answer:
    """Show the calls that were made, by ``method`` and ``path_prefix``, and how many."""
    log = visit.account.log
    method = request.query.get("method", "*")
    entries = log.list_entries(method, request.query.get("path_prefix", "/"))
    return json_answer({"total": log.total, "count": len(entries), "requests": entries})


def reset_requests(visit: Visit, _request: Request) -> Answer:
    """Forget the calls that were made."""
    visit.account.log.reset()
    return Answer(204)


def show_deliveries(visit: Visit, _request: Request) -> Answer:
    """Show what endpoints were told, what they answered, and what is still to come."""
    shown = [
        {
            name: value
            for name, value in msgspec.structs.asdict(one).items()
            if name not in {"body", "is_tampered", "tries"}
        }
        for one in visit.account.postman.list_deliveries()
    ]
    return json_answer({"deliveries": shown})


def change_deliveries(visit: Visit, request: Request) -> Answer:
    """Tell of an event once more, let go of what is held, or try at once what is to be retried."""
    wanted = _read(request, DeliveryOrder)
    postman = visit.account.postman
    count = 0
    if wanted.event is not None:
        again = _again(postman.list_deliveries(), wanted.event, visit.now())
        if not again:
            raise missing("delivered event", wanted.event)
        postman.post(again)
        count += len(again)
    if wanted.release is not None:
        count += postman.release(wanted.release)
    if wanted.hurry:
        count += postman.hurry()
    return json_answer({"count": count})


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


def show_clock(visit: Visit, _request: Request) -> Answer:
    """Show the test clock."""
    now = visit.account.clock.now().replace(microsecond=0)
    return json_answer({"now": now.isoformat().replace("+00:00", "Z")})


def set_clock(visit: Visit, request: Request) -> Answer:
    """Move the test clock forward, and let happen what that brings about."""
    wanted = _read(request, ClockChange)
    clock = visit.account.clock
    try:
        if wanted.now is not None:
            clock.set_to(wanted.now)
        if wanted.advance_seconds is not None:
            clock.advance(wanted.advance_seconds)
    except ClockBackwardsError as problem:
        raise invalid(str(problem)) from problem
    sweep(visit)
    visit.account.postman.wake()
    return show_clock(visit, request)


def _acting(act: dashboard.Act) -> Room:
    return lambda visit, request: json_answer(act(visit, request.body))


def _again(deliveries: list[Delivery], event: str, now: float) -> list[Delivery]:
    """Make a new first attempt for each endpoint that an event was meant for."""
    latest = {one.endpoint: one for one in deliveries if one.event == event}
    return [
        msgspec.structs.replace(
            one,
            id=new_id("wd_"),
            attempt=1,
            due_at=now,
            state="waiting",
            status=0,
            signature="right",
            is_tampered=False,
        )
        for one in latest.values()
    ]


def _read(request: Request, shape: type[T]) -> T:
    return dashboard.read_order(request.body, shape)
