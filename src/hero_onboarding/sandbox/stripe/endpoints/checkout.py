"""Checkout Sessions."""

from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from hero_onboarding.sandbox.ids import new_id
from hero_onboarding.sandbox.stripe import sessions
from hero_onboarding.sandbox.stripe.account import Visit
from hero_onboarding.sandbox.stripe.endpoints.intents import open_setup
from hero_onboarding.sandbox.stripe.failures import invalid
from hero_onboarding.sandbox.stripe.listing import fits_all, list_page, page_of
from hero_onboarding.sandbox.stripe.objects import Object, new_id_of
from hero_onboarding.sandbox.stripe.parameters import (
    Group,
    ListParameters,
    Metadata,
    Parameters,
    Text,
    merge_metadata,
)
from hero_onboarding.sandbox.stripe.routing import Call, Route

LIVES_MIN_SECONDS: Final = 30 * 60
LIVES_MAX_SECONDS: Final = 24 * 3600
MethodType = Literal["card", "us_bank_account"]

_METHOD_TYPES: Final = ("card", "us_bank_account")


class ProductData(Group, frozen=True):
    """What is paid for."""

    name: Annotated[str, Meta(min_length=1, max_length=250)]
    description: Text | None = None


class PriceData(Group, frozen=True):
    """What it costs, in hundredths."""

    currency: str
    unit_amount: int
    product_data: ProductData


class LineItem(Group, frozen=True):
    """One line."""

    price_data: PriceData
    quantity: Annotated[int, Meta(ge=1)] = 1


class IntentData(Group, frozen=True):
    """What the session's PaymentIntent is made with."""

    metadata: Metadata | None = None
    description: Text | None = None
    setup_future_usage: Literal["off_session", "on_session"] | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    receipt_email: str | None = None
    capture_method: Literal["automatic", "automatic_async"] = "automatic_async"


class SetupData(Group, frozen=True):
    """What the session's SetupIntent is made with."""

    metadata: Metadata | None = None
    description: Text | None = None


class Pricing(Group, frozen=True):
    """Whether amounts are shown in the payer's currency."""

    enabled: bool = False


class SavedMethods(Group, frozen=True):
    """What the payer may do with saved methods; kept and shown only."""

    payment_method_save: Literal["enabled", "disabled"] | None = None
    payment_method_remove: Literal["enabled", "disabled"] | None = None
    allow_redisplay_filters: list[str] | None = None


class NewSession(Parameters, frozen=True, kw_only=True):
    """What a Checkout Session is made with."""

    mode: Literal["payment", "setup"]
    success_url: str | None = None
    cancel_url: str | None = None
    line_items: Annotated[tuple[LineItem, ...], Meta(max_length=100)] = ()
    currency: str | None = None
    customer: str | None = None
    customer_email: str | None = None
    customer_creation: Literal["always", "if_required"] | None = None
    client_reference_id: Annotated[str, Meta(max_length=200)] | None = None
    metadata: Metadata | None = None
    payment_intent_data: IntentData = IntentData()
    setup_intent_data: SetupData = SetupData()
    payment_method_types: Annotated[list[MethodType], Meta(min_length=1)] | None = None
    expires_at: int | None = None
    ui_mode: Literal["hosted_page"] = "hosted_page"
    locale: str | None = None
    submit_type: Literal["auto", "book", "donate", "pay"] | None = None
    adaptive_pricing: Pricing = Pricing()
    saved_payment_method_options: SavedMethods | None = None


class PayerFilter(Group, frozen=True):
    """Whose sessions are wanted."""

    email: str


class SessionList(ListParameters, frozen=True):
    """Which sessions are wanted."""

    customer: str | None = None
    customer_details: PayerFilter | None = None
    payment_intent: str | None = None
    status: Literal["open", "complete", "expired"] | None = None


def create_session(visit: Visit, call: Call) -> Object:
    """Open a Checkout Session with a page to pay on."""
    wanted = call.read(NewSession)
    _check_addresses(wanted)
    _check_payer(visit, wanted)
    metadata = merge_metadata({}, wanted.metadata)
    plan = _plan(wanted)
    total, currency = _total(visit, wanted)
    session = visit.open("checkout.session", _fields(visit, wanted, metadata, total, currency))
    visit.change(session, url=f"{visit.account.root_url}/c/pay/{session['id']}")
    visit.backstage.items[session["id"]] = [_item(line) for line in wanted.line_items]
    visit.backstage.plans[session["id"]] = plan
    if wanted.mode == "setup":
        words = merge_metadata({}, wanted.setup_intent_data.metadata)
        setup = open_setup(visit, wanted.customer, "off_session", words)
        visit.change(session, setup_intent=setup["id"])
    return session


def get_session(visit: Visit, call: Call) -> Object:
    """Give a Checkout Session, with its lines if they are to be expanded."""
    wanted = call.read(Parameters)
    session = visit.shelf.get("checkout.session", call.id)
    if any(path.split(".")[0] == "line_items" for path in wanted.expand):
        return {**session, "line_items": _lines(visit, call.id)}
    return session


def list_lines(visit: Visit, call: Call) -> Object:
    """List the lines of a Checkout Session."""
    call.read(ListParameters)
    visit.shelf.get("checkout.session", call.id)
    return _lines(visit, call.id)


def list_sessions(visit: Visit, call: Call) -> Object:
    """List Checkout Sessions."""
    wanted = call.read(SessionList)
    fits = fits_all(
        customer=wanted.customer, payment_intent=wanted.payment_intent, status=wanted.status
    )
    email = wanted.customer_details and wanted.customer_details.email
    return list_page(
        visit,
        call.path,
        "checkout.session",
        wanted,
        lambda thing: (
            fits(thing) and email in {None, (thing["customer_details"] or {}).get("email")}
        ),
    )


def expire_session(visit: Visit, call: Call) -> Object:
    """End a Checkout Session that nobody paid."""
    call.read(Parameters)
    session = visit.shelf.get("checkout.session", call.id)
    sessions.expire_session(visit, session)
    return session


def _lines(visit: Visit, session_id: str) -> Object:
    path = f"/v1/checkout/sessions/{session_id}/line_items"
    return page_of(path, visit.backstage.items[session_id])


def _check_addresses(wanted: NewSession) -> None:
    if wanted.success_url is None:
        raise invalid(
            "Missing required param: success_url.", param="success_url", code="parameter_missing"
        )
    for name, url in (("success_url", wanted.success_url), ("cancel_url", wanted.cancel_url)):
        if url is not None and not _is_web_address(url):
            raise invalid(f"Not a valid URL: {url[:200]}", param=name, code="url_invalid")


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _check_payer(visit: Visit, wanted: NewSession) -> None:
    if wanted.customer is not None and wanted.customer_email is not None:
        message = "You may only specify one of these parameters: customer, customer_email."
        raise invalid(message)
    if wanted.customer is not None and wanted.customer_creation is not None:
        message = "`customer_creation` can't be given together with `customer`."
        raise invalid(message, param="customer_creation")
    visit.find_in("customer", wanted.customer, "customer")
    lives = (wanted.expires_at or visit.now() + LIVES_MAX_SECONDS) - visit.now()
    if not LIVES_MIN_SECONDS <= lives <= LIVES_MAX_SECONDS:
        message = (
            "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from"
            " Checkout Session creation."
        )
        raise invalid(message, param="expires_at")


def _plan(wanted: NewSession) -> Object:
    data = wanted.payment_intent_data
    if data.statement_descriptor is not None:
        message = "The `statement_descriptor` is not supported for cards; use the suffix instead."
        raise invalid(message, param="payment_intent_data[statement_descriptor]")
    return {
        "metadata": merge_metadata({}, data.metadata),
        "description": data.description,
        "setup_future_usage": data.setup_future_usage,
        "statement_descriptor_suffix": data.statement_descriptor_suffix,
        "receipt_email": data.receipt_email,
        "capture_method": data.capture_method,
    }


def _total(visit: Visit, wanted: NewSession) -> tuple[int | None, str | None]:
    """Sum the lines; a session that only saves a card has none."""
    if wanted.mode == "setup":
        if wanted.line_items:
            raise invalid("`line_items` can't be given in `setup` mode.", param="line_items")
        return None, wanted.currency
    if not wanted.line_items:
        message = "Missing required param: line_items."
        raise invalid(message, param="line_items", code="parameter_missing")
    currencies = {line.price_data.currency.lower() for line in wanted.line_items}
    if len(currencies) > 1:
        raise invalid("All line items must have the same currency.", param="line_items")
    if any(line.price_data.unit_amount < 0 for line in wanted.line_items):
        message = "This value must be greater than or equal to 0."
        raise invalid(message, param="line_items", code="parameter_invalid_integer")
    total = sum(line.price_data.unit_amount * line.quantity for line in wanted.line_items)
    currency = currencies.pop()
    sessions.check_total(visit, total, currency)
    return total, currency


def _fields(
    visit: Visit, wanted: NewSession, metadata: Object, total: int | None, currency: str | None
) -> Object:
    saved = wanted.saved_payment_method_options and msgspec.to_builtins(
        wanted.saved_payment_method_options
    )
    creation = wanted.customer_creation or ("if_required" if wanted.mode == "payment" else "always")
    return {
        **_unused(),
        "adaptive_pricing": {"enabled": wanted.adaptive_pricing.enabled},
        "amount_subtotal": total,
        "amount_total": total,
        "cancel_url": wanted.cancel_url,
        "client_reference_id": wanted.client_reference_id,
        "currency": currency,
        "customer": wanted.customer,
        "customer_creation": None if wanted.customer else creation,
        "customer_details": None,
        "customer_email": wanted.customer_email,
        "expires_at": wanted.expires_at or visit.now() + LIVES_MAX_SECONDS,
        "locale": wanted.locale,
        "metadata": metadata,
        "mode": wanted.mode,
        "payment_intent": None,
        "payment_method_types": list(wanted.payment_method_types or _method_types(wanted)),
        "payment_status": "no_payment_required" if wanted.mode == "setup" else "unpaid",
        "presentment_details": None,
        "saved_payment_method_options": saved,
        "setup_intent": None,
        "status": "open",
        "submit_type": wanted.submit_type,
        "success_url": wanted.success_url,
        "ui_mode": wanted.ui_mode,
        "url": None,
    }


def _unused() -> Object:
    """List the members of features that nothing here turns on."""
    return {
        "after_expiration": None,
        "allow_promotion_codes": None,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "client_secret": None,
        "consent": None,
        "consent_collection": None,
        "custom_fields": [],
        "custom_text": {},
        "invoice": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_options": {},
        "recovered_from": None,
        "shipping_options": [],
        "subscription": None,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "wallet_options": None,
    }


def _method_types(wanted: NewSession) -> tuple[str, ...]:
    return ("card",) if wanted.mode == "setup" else _METHOD_TYPES


def _item(line: LineItem) -> Object:
    price = line.price_data
    total = price.unit_amount * line.quantity
    return {
        "id": new_id_of("item"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": price.currency.lower(),
        "description": price.product_data.name,
        "price": {
            "id": new_id("price_"),
            "object": "price",
            "currency": price.currency.lower(),
            "type": "one_time",
            "unit_amount": price.unit_amount,
        },
        "quantity": line.quantity,
    }


ROUTES = (
    Route("POST", "/v1/checkout/sessions", create_session),
    Route("GET", "/v1/checkout/sessions", list_sessions),
    Route("GET", "/v1/checkout/sessions/{id}", get_session),
    Route("GET", "/v1/checkout/sessions/{id}/line_items", list_lines),
    Route("POST", "/v1/checkout/sessions/{id}/expire", expire_session),
)
