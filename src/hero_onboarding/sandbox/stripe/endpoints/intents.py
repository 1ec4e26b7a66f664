"""PaymentIntents, SetupIntents and charges."""

from typing import Any, Literal

from hero_onboarding.sandbox.ids import new_id
from hero_onboarding.sandbox.stripe import intents, methods
from hero_onboarding.sandbox.stripe.account import Visit
from hero_onboarding.sandbox.stripe.charging import Attempt
from hero_onboarding.sandbox.stripe.failures import invalid
from hero_onboarding.sandbox.stripe.intents import Plan
from hero_onboarding.sandbox.stripe.listing import fits_all, list_page
from hero_onboarding.sandbox.stripe.objects import Object
from hero_onboarding.sandbox.stripe.parameters import (
    Group,
    ListParameters,
    Metadata,
    Parameters,
    Text,
    merge_metadata,
)
from hero_onboarding.sandbox.stripe.routing import Call, Route

Usage = Literal["off_session", "on_session"]


class AutomaticMethods(Group, frozen=True):
    """Whether the dashboard decides which methods there are."""

    enabled: bool
    allow_redirects: Literal["always", "never"] = "always"


class Confirmation(Parameters, frozen=True):
    """How an intent is confirmed."""

    payment_method: str | None = None
    off_session: str | None = None
    error_on_requires_action: bool = False
    return_url: str | None = None
    setup_future_usage: Usage | Literal[""] | None = None
    receipt_email: str | None = None


class IntentChange(Parameters, frozen=True):
    """What can be changed of an intent, by calls that confirm nothing."""

    metadata: Metadata | None = None
    description: Text | None = None


class NewIntent(Confirmation, frozen=True, kw_only=True):
    """What a PaymentIntent is made with."""

    amount: int
    currency: str
    customer: str | None = None
    confirm: bool = False
    metadata: Metadata | None = None
    description: Text | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    capture_method: Literal["automatic", "automatic_async"] = "automatic_async"
    payment_method_types: tuple[Literal["card", "us_bank_account"], ...] = ("card",)
    automatic_payment_methods: AutomaticMethods | None = None


class Cancellation(Parameters, frozen=True):
    """Why an intent is cancelled."""

    cancellation_reason: (
        Literal["abandoned", "duplicate", "fraudulent", "requested_by_customer"] | None
    ) = None


class IntentList(ListParameters, frozen=True):
    """Which intents are wanted."""

    customer: str | None = None
    payment_method: str | None = None


class NewSetup(Parameters, frozen=True):
    """What a SetupIntent is made with."""

    customer: str | None = None
    payment_method: str | None = None
    confirm: bool = False
    usage: Usage = "off_session"
    description: Text | None = None
    metadata: Metadata | None = None
    return_url: str | None = None
    payment_method_types: tuple[Literal["card"], ...] = ("card",)
    automatic_payment_methods: AutomaticMethods | None = None


class ChargeList(ListParameters, frozen=True):
    """Which charges are wanted."""

    customer: str | None = None
    payment_intent: str | None = None


def create_intent(visit: Visit, call: Call) -> Object:
    """Make a PaymentIntent, and confirm it if asked to."""
    wanted = call.read(NewIntent)
    _check(wanted)
    visit.find_in("customer", wanted.customer, "customer")
    method = (
        methods.get_usable(visit, wanted.payment_method, wanted.customer)
        if wanted.payment_method
        else None
    )
    plan = Plan(
        amount=wanted.amount,
        currency=wanted.currency,
        customer=wanted.customer,
        metadata=merge_metadata({}, wanted.metadata),
        description=wanted.description,
        setup_future_usage=wanted.setup_future_usage or None,
        statement_descriptor=wanted.statement_descriptor,
        statement_descriptor_suffix=wanted.statement_descriptor_suffix,
        receipt_email=wanted.receipt_email,
        capture_method=wanted.capture_method,
        payment_method_types=list(wanted.payment_method_types),
    )
    intent = intents.open_intent(visit, plan)
    if wanted.automatic_payment_methods is not None:
        automatic: Any = wanted.automatic_payment_methods
        shown = {"allow_redirects": automatic.allow_redirects, "enabled": automatic.enabled}
        visit.change(intent, automatic_payment_methods=shown)
    if method is not None:
        visit.change(intent, payment_method=method["id"], status="requires_confirmation")
    if wanted.confirm:
        intents.confirm_intent(visit, intent, method, _attempt(wanted))
    return intent


def get_intent(visit: Visit, call: Call) -> Object:
    """Give a PaymentIntent."""
    call.read(Parameters)
    return visit.shelf.get("payment_intent", call.id)


def update_intent(visit: Visit, call: Call) -> Object:
    """Change a PaymentIntent's words."""
    return _update(visit, visit.shelf.get("payment_intent", call.id), call)


def list_intents(visit: Visit, call: Call) -> Object:
    """List PaymentIntents."""
    wanted = call.read(IntentList)
    fits = fits_all(customer=wanted.customer)
    return list_page(visit, call.path, "payment_intent", wanted, fits)


def confirm_intent(visit: Visit, call: Call) -> Object:
    """Try to take the money of a PaymentIntent."""
    wanted = call.read(Confirmation)
    intent = visit.shelf.get("payment_intent", call.id)
    method_id = wanted.payment_method or intent["payment_method"]
    method = methods.get_usable(visit, method_id, intent["customer"]) if method_id else None
    if wanted.setup_future_usage is not None:
        visit.change(intent, setup_future_usage=wanted.setup_future_usage or None)
    intents.confirm_intent(visit, intent, method, _attempt(wanted))
    return intent


def cancel_intent(visit: Visit, call: Call) -> Object:
    """End a PaymentIntent that took no money."""
    wanted = call.read(Cancellation)
    intent = visit.shelf.get("payment_intent", call.id)
    if call.id in visit.backstage.sessions:
        message = (
            "You cannot cancel this PaymentIntent because it was created by a Checkout Session."
            " Instead, expire the Checkout Session."
        )
        raise invalid(message, code="payment_intent_unexpected_state")
    intents.cancel_intent(visit, intent, wanted.cancellation_reason)
    return intent


def create_setup(visit: Visit, call: Call) -> Object:
    """Make a SetupIntent, and confirm it if asked to."""
    wanted = call.read(NewSetup)
    visit.find_in("customer", wanted.customer, "customer")
    metadata = merge_metadata({}, wanted.metadata)
    method = (
        methods.get_usable(visit, wanted.payment_method, wanted.customer)
        if wanted.payment_method
        else None
    )
    if wanted.confirm and method is None:
        raise invalid("A payment method is needed to confirm.", param="payment_method")
    setup = open_setup(visit, wanted.customer, wanted.usage, metadata)
    visit.change(setup, description=wanted.description)
    if method is not None:
        visit.change(setup, payment_method=method["id"], status="requires_confirmation")
        if wanted.confirm:
            how = Attempt(return_url=wanted.return_url)
            intents.confirm_setup(visit, setup, method, how)
    return setup


def open_setup(visit: Visit, customer: str | None, usage: Usage, metadata: Object) -> Object:
    """Make a SetupIntent that waits for a payment method."""
    fields: Object = {
        "application": None,
        "automatic_payment_methods": None,
        "cancellation_reason": None,
        "client_secret": None,
        "customer": customer,
        "description": None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "mandate": None,
        "metadata": metadata,
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": usage,
    }
    setup = visit.open("setup_intent", fields)
    visit.change(setup, client_secret=f"{setup['id']}_secret_{new_id('')}")
    visit.emit("setup_intent.created", setup)
    return setup


def get_setup(visit: Visit, call: Call) -> Object:
    """Give a SetupIntent."""
    call.read(Parameters)
    return visit.shelf.get("setup_intent", call.id)


def list_setups(visit: Visit, call: Call) -> Object:
    """List SetupIntents."""
    wanted = call.read(IntentList)
    fits = fits_all(customer=wanted.customer, payment_method=wanted.payment_method)
    return list_page(visit, call.path, "setup_intent", wanted, fits)


def confirm_setup(visit: Visit, call: Call) -> Object:
    """Try to save the method of a SetupIntent."""
    wanted = call.read(Confirmation)
    setup = visit.shelf.get("setup_intent", call.id)
    method_id = wanted.payment_method or setup["payment_method"]
    if not method_id:
        raise invalid("A payment method is needed to confirm.", param="payment_method")
    method = methods.get_usable(visit, method_id, setup["customer"])
    intents.confirm_setup(visit, setup, method, Attempt(return_url=wanted.return_url))
    return setup


def cancel_setup(visit: Visit, call: Call) -> Object:
    """End a SetupIntent that saved nothing."""
    wanted = call.read(Cancellation)
    setup = visit.shelf.get("setup_intent", call.id)
    if setup["status"] not in intents.OPEN_STATES:
        message = f"You cannot cancel this SetupIntent because its status is {setup['status']}."
        raise invalid(message, code="setup_intent_unexpected_state")
    visit.change(setup, status="canceled", cancellation_reason=wanted.cancellation_reason)
    visit.emit("setup_intent.canceled", setup)
    return setup


def get_charge(visit: Visit, call: Call) -> Object:
    """Give a charge."""
    call.read(Parameters)
    return visit.shelf.get("charge", call.id)


def update_charge(visit: Visit, call: Call) -> Object:
    """Change a charge's words."""
    charge = _update(visit, visit.shelf.get("charge", call.id), call)
    visit.emit("charge.updated", charge)
    return charge


def list_charges(visit: Visit, call: Call) -> Object:
    """List charges, failed ones too."""
    wanted = call.read(ChargeList)
    fits = fits_all(customer=wanted.customer, payment_intent=wanted.payment_intent)
    return list_page(visit, call.path, "charge", wanted, fits)


def _update(visit: Visit, thing: Object, call: Call) -> Object:
    wanted = call.read(IntentChange)
    metadata = merge_metadata(thing["metadata"], wanted.metadata)
    description = thing["description"] if wanted.description is None else wanted.description
    visit.change(thing, metadata=metadata, description=description or None)
    return thing


def _check(wanted: NewIntent) -> None:
    if wanted.off_session and wanted.off_session != "false" and not wanted.confirm:
        message = "You can only set `off_session` when `confirm` is true."
        raise invalid(message, param="off_session")
    if wanted.statement_descriptor is not None:
        message = (
            "The `statement_descriptor` parameter is not supported for cards. Use"
            " `statement_descriptor_suffix` instead."
        )
        raise invalid(message, param="statement_descriptor")
    if wanted.automatic_payment_methods is not None and wanted.payment_method_types != ("card",):
        message = "You may only specify one of automatic_payment_methods, payment_method_types."
        raise invalid(message)


def _attempt(wanted: Confirmation) -> Attempt:
    return Attempt(
        is_off_session=(wanted.off_session or "false") != "false",
        fails_on_action=wanted.error_on_requires_action,
        return_url=wanted.return_url,
    )


ROUTES = (
    Route("POST", "/v1/payment_intents", create_intent),
    Route("GET", "/v1/payment_intents", list_intents),
    Route("GET", "/v1/payment_intents/{id}", get_intent),
    Route("POST", "/v1/payment_intents/{id}", update_intent),
    Route("POST", "/v1/payment_intents/{id}/confirm", confirm_intent),
    Route("POST", "/v1/payment_intents/{id}/cancel", cancel_intent),
    Route("POST", "/v1/setup_intents", create_setup),
    Route("GET", "/v1/setup_intents", list_setups),
    Route("GET", "/v1/setup_intents/{id}", get_setup),
    Route("POST", "/v1/setup_intents/{id}/confirm", confirm_setup),
    Route("POST", "/v1/setup_intents/{id}/cancel", cancel_setup),
    Route("GET", "/v1/charges", list_charges),
    Route("GET", "/v1/charges/{id}", get_charge),
    Route("POST", "/v1/charges/{id}", update_charge),
)
