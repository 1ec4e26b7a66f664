"""Customers and their payment methods."""

from hero_onboarding.sandbox.stripe import methods, sessions
from hero_onboarding.sandbox.stripe.account import Visit
from hero_onboarding.sandbox.stripe.failures import missing
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


class InvoiceSettings(Group, frozen=True):
    """What is taken when nothing else is named."""

    default_payment_method: str | None = None


class CustomerChange(Parameters, frozen=True):
    """What a customer is made with, and what can be changed."""

    name: Text | None = None
    email: Text | None = None
    phone: Text | None = None
    description: Text | None = None
    metadata: Metadata | None = None
    preferred_locales: list[str] | None = None
    invoice_settings: InvoiceSettings | None = None


class NewCustomer(CustomerChange, frozen=True):
    """What a customer is made with."""

    payment_method: str | None = None


class CustomerList(ListParameters, frozen=True):
    """Which customers are wanted."""

    email: str | None = None


class MethodList(ListParameters, frozen=True):
    """Which payment methods are wanted."""

    customer: str | None = None
    type: str | None = None
    allow_redisplay: str | None = None


class Attachment(Parameters, frozen=True, kw_only=True):
    """Whose a payment method becomes."""

    customer: str


class MethodChange(Parameters, frozen=True):
    """What can be changed of a payment method."""

    metadata: Metadata | None = None
    allow_redisplay: str | None = None


def create_customer(visit: Visit, call: Call) -> Object:
    """Make a customer."""
    wanted = call.read(NewCustomer)
    fields = _fields(wanted, {})
    method = (
        methods.get_usable(visit, wanted.payment_method, None) if wanted.payment_method else None
    )
    customer = sessions.open_customer(visit, fields)
    _set_default(visit, customer, wanted.invoice_settings)
    if method is not None:
        methods.attach(visit, method, customer["id"])
    return customer


def get_customer(visit: Visit, call: Call) -> Object:
    """Give a customer."""
    call.read(Parameters)
    return visit.shelf.get("customer", call.id)


def update_customer(visit: Visit, call: Call) -> Object:
    """Change a customer."""
    wanted = call.read(CustomerChange)
    customer = _get_living(visit, call.id)
    fields = _fields(wanted, customer["metadata"])
    _set_default(visit, customer, wanted.invoice_settings)
    visit.change(customer, **fields)
    visit.emit("customer.updated", customer)
    return customer


def delete_customer(visit: Visit, call: Call) -> Object:
    """Delete a customer; payment methods leave too."""
    customer = _get_living(visit, call.id)
    for method in visit.shelf.list_newest("payment_method"):
        if method["customer"] == customer["id"]:
            methods.detach(visit, method)
    visit.emit("customer.deleted", customer)
    gone: Object = {"id": customer["id"], "object": "customer", "deleted": True}
    visit.shelf.put({**gone, "created": customer["created"], "email": None})
    return gone


def list_customers(visit: Visit, call: Call) -> Object:
    """List customers."""
    wanted = call.read(CustomerList)
    fits = fits_all(email=wanted.email)
    return list_page(
        visit,
        call.path,
        "customer",
        wanted,
        lambda thing: not thing.get("deleted") and fits(thing),
    )


def list_customer_methods(visit: Visit, call: Call) -> Object:
    """List a customer's payment methods."""
    wanted = call.read(MethodList)
    customer = visit.shelf.get("customer", call.id)
    fits = fits_all(customer=customer["id"], type=wanted.type)
    return list_page(visit, call.path, "payment_method", wanted, fits)


def get_customer_method(visit: Visit, call: Call) -> Object:
    """Give one of a customer's payment methods."""
    method = visit.shelf.get("payment_method", call.names["method"])
    if method["customer"] != call.id:
        raise missing("payment_method", method["id"])
    return method


def list_methods(visit: Visit, call: Call) -> Object:
    """List payment methods, those of a customer as a rule."""
    wanted = call.read(MethodList)
    visit.find_in("customer", wanted.customer, "customer")
    fits = fits_all(
        customer=wanted.customer, type=wanted.type, allow_redisplay=wanted.allow_redisplay
    )
    return list_page(visit, call.path, "payment_method", wanted, fits)


def get_method(visit: Visit, call: Call) -> Object:
    """Give a payment method."""
    call.read(Parameters)
    return visit.shelf.get("payment_method", call.id)


def update_method(visit: Visit, call: Call) -> Object:
    """Change a payment method."""
    wanted = call.read(MethodChange)
    method = visit.shelf.get("payment_method", call.id)
    redisplay = wanted.allow_redisplay or method["allow_redisplay"]
    metadata = merge_metadata(method["metadata"], wanted.metadata)
    visit.change(method, metadata=metadata, allow_redisplay=redisplay)
    visit.emit("payment_method.updated", method)
    return method


def attach_method(visit: Visit, call: Call) -> Object:
    """Save a payment method for a customer; the names of test cards make a new one."""
    wanted = call.read(Attachment)
    customer = visit.shelf.get("customer", wanted.customer, param="customer")
    method = methods.get_usable(visit, call.id, customer["id"])
    methods.attach(visit, method, customer["id"])
    return method


def detach_method(visit: Visit, call: Call) -> Object:
    """Take a payment method from its customer."""
    call.read(Parameters)
    method = visit.shelf.get("payment_method", call.id)
    methods.detach(visit, method)
    return method


def _get_living(visit: Visit, customer_id: str) -> Object:
    customer = visit.shelf.get("customer", customer_id)
    if customer.get("deleted"):
        raise missing("customer", customer_id)
    return customer


def _fields(wanted: CustomerChange, metadata: dict[str, str]) -> Object:
    given = {
        "name": wanted.name,
        "email": wanted.email,
        "phone": wanted.phone,
        "description": wanted.description,
    }
    fields: Object = {name: value or None for name, value in given.items() if value is not None}
    if wanted.preferred_locales is not None:
        fields["preferred_locales"] = wanted.preferred_locales
    return {**fields, "metadata": merge_metadata(metadata, wanted.metadata)}


def _set_default(visit: Visit, customer: Object, wanted: InvoiceSettings | None) -> None:
    if wanted is None or wanted.default_payment_method is None:
        return
    param = "invoice_settings[default_payment_method]"
    method = visit.find_in("payment_method", wanted.default_payment_method, param)
    if method is not None and method["customer"] != customer["id"]:
        raise missing("payment_method", method["id"], param=param)
    customer["invoice_settings"]["default_payment_method"] = method and method["id"]
    visit.has_written = True


ROUTES = (
    Route("POST", "/v1/customers", create_customer),
    Route("GET", "/v1/customers", list_customers),
    Route("GET", "/v1/customers/{id}", get_customer),
    Route("POST", "/v1/customers/{id}", update_customer),
    Route("DELETE", "/v1/customers/{id}", delete_customer),
    Route("GET", "/v1/customers/{id}/payment_methods", list_customer_methods),
    Route("GET", "/v1/customers/{id}/payment_methods/{method}", get_customer_method),
    Route("GET", "/v1/payment_methods", list_methods),
    Route("GET", "/v1/payment_methods/{id}", get_method),
    Route("POST", "/v1/payment_methods/{id}", update_method),
    Route("POST", "/v1/payment_methods/{id}/attach", attach_method),
    Route("POST", "/v1/payment_methods/{id}/detach", detach_method),
)
