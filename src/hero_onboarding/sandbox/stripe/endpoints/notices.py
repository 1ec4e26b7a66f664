"""Events, and the endpoints that are told of them."""

from typing import Annotated, Final

from msgspec import Meta

from hero_onboarding.sandbox.ids import new_id
from hero_onboarding.sandbox.loopback import is_loopback_url
from hero_onboarding.sandbox.stripe.account import Visit
from hero_onboarding.sandbox.stripe.failures import invalid, missing
from hero_onboarding.sandbox.stripe.listing import list_page
from hero_onboarding.sandbox.stripe.objects import Object
from hero_onboarding.sandbox.stripe.parameters import (
    ListParameters,
    Metadata,
    Parameters,
    Text,
    merge_metadata,
)
from hero_onboarding.sandbox.stripe.postman import Secret
from hero_onboarding.sandbox.stripe.routing import Call, Route

ENDPOINTS_MAX: Final = 16
EVENTS_KEPT_SECONDS: Final = 30 * 24 * 3600


class EventList(ListParameters, frozen=True):
    """Which events are wanted."""

    type: str | None = None
    types: Annotated[list[str], Meta(max_length=20)] | None = None
    delivery_success: bool | None = None


class EndpointChange(Parameters, frozen=True):
    """What can be changed of an endpoint."""

    url: str | None = None
    enabled_events: Annotated[list[str], Meta(min_length=1)] | None = None
    description: Text | None = None
    disabled: bool | None = None
    metadata: Metadata | None = None


class NewEndpoint(Parameters, frozen=True, kw_only=True):
    """What an endpoint is made with."""

    url: str
    enabled_events: Annotated[list[str], Meta(min_length=1)]
    api_version: str | None = None
    description: Text | None = None
    metadata: Metadata | None = None


def get_event(visit: Visit, call: Call) -> Object:
    """Give an event of the last 30 days."""
    call.read(Parameters)
    event = visit.shelf.get("event", call.id)
    if not _is_kept(visit, event):
        raise missing("event", call.id)
    return _with_pending(visit, event)


def list_events(visit: Visit, call: Call) -> Object:
    """List events of the last 30 days."""
    wanted = call.read(EventList)
    if wanted.type is not None and wanted.types is not None:
        raise invalid("You may only specify one of these parameters: type, types.")
    types = wanted.types or ([wanted.type] if wanted.type else None)
    postman = visit.account.postman

    def fits(event: Object) -> bool:
        is_told = postman.untold(event["id"]) == 0
        return (
            _is_kept(visit, event)
            and (types is None or event["type"] in types)
            and wanted.delivery_success in {None, is_told}
        )

    page = list_page(visit, call.path, "event", wanted, fits)
    return {**page, "data": [_with_pending(visit, event) for event in page["data"]]}


def create_endpoint(visit: Visit, call: Call) -> Object:
    """Add an endpoint; only this answer holds its secret."""
    wanted = call.read(NewEndpoint)
    metadata = merge_metadata({}, wanted.metadata)
    endpoint, secret = open_endpoint(visit, wanted.url, wanted.enabled_events)
    visit.change(
        endpoint,
        api_version=wanted.api_version,
        description=wanted.description,
        metadata=metadata,
    )
    return {**endpoint, "secret": secret}


def open_endpoint(
    visit: Visit, url: str, events: list[str], secret: str = ""
) -> tuple[Object, str]:
    """Add an endpoint, and give it and its secret.

    Raises:
        StripeAnswerError: If its address is not on this machine, or there are too many.
    """
    check_address(url)
    if len(visit.shelf.list_newest("webhook_endpoint")) >= ENDPOINTS_MAX:
        raise invalid(f"You have reached the maximum of {ENDPOINTS_MAX} test webhook endpoints.")
    fields: Object = {
        "api_version": None,
        "application": None,
        "description": None,
        "enabled_events": events,
        "metadata": {},
        "status": "enabled",
        "url": url,
    }
    endpoint = visit.open("webhook_endpoint", fields)
    text = secret or new_id("whsec_")
    visit.account.postman.set_secrets(endpoint["id"], [Secret(text)])
    return endpoint, text


def check_address(url: str) -> None:
    """Refuse an address to which notices would leave this machine.

    Raises:
        StripeAnswerError: If it is not http(s) on loopback.
    """
    if not is_loopback_url(url):
        message = f"Invalid URL: the sandbox tells this machine only, not {url[:200]}"
        raise invalid(message, param="url", code="url_invalid")


def get_endpoint(visit: Visit, call: Call) -> Object:
    """Give an endpoint."""
    call.read(Parameters)
    return visit.shelf.get("webhook_endpoint", call.id)


def list_endpoints(visit: Visit, call: Call) -> Object:
    """List endpoints."""
    return list_page(visit, call.path, "webhook_endpoint", call.read(ListParameters))


def update_endpoint(visit: Visit, call: Call) -> Object:
    """Change an endpoint."""
    wanted = call.read(EndpointChange)
    endpoint = visit.shelf.get("webhook_endpoint", call.id)
    if wanted.url is not None:
        check_address(wanted.url)
    disabled = wanted.disabled if wanted.disabled is not None else endpoint["status"] == "disabled"
    visit.change(
        endpoint,
        url=wanted.url or endpoint["url"],
        enabled_events=wanted.enabled_events or endpoint["enabled_events"],
        description=wanted.description or endpoint["description"],
        status="disabled" if disabled else "enabled",
        metadata=merge_metadata(endpoint["metadata"], wanted.metadata),
    )
    return endpoint


def delete_endpoint(visit: Visit, call: Call) -> Object:
    """Remove an endpoint; what is on its way still goes out."""
    endpoint = visit.shelf.get("webhook_endpoint", call.id)
    visit.shelf.remove(endpoint)
    visit.has_written = True
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}


def _is_kept(visit: Visit, event: Object) -> bool:
    return bool(event["created"] > visit.now() - EVENTS_KEPT_SECONDS)


def _with_pending(visit: Visit, event: Object) -> Object:
    return {**event, "pending_webhooks": visit.account.postman.untold(event["id"])}


ROUTES = (
    Route("GET", "/v1/events", list_events),
    Route("GET", "/v1/events/{id}", get_event),
    Route("POST", "/v1/webhook_endpoints", create_endpoint),
    Route("GET", "/v1/webhook_endpoints", list_endpoints),
    Route("GET", "/v1/webhook_endpoints/{id}", get_endpoint),
    Route("POST", "/v1/webhook_endpoints/{id}", update_endpoint),
    Route("DELETE", "/v1/webhook_endpoints/{id}", delete_endpoint),
)
