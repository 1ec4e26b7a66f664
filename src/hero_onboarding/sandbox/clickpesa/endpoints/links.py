"""Links to pages of ClickPesa: for a card, and for the hosted checkout."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Final

from msgspec import Meta

from hero_onboarding.sandbox.clickpesa import linking, payments
from hero_onboarding.sandbox.clickpesa.amounts import as_number, read_amount
from hero_onboarding.sandbox.clickpesa.endpoints.push import check_collection
from hero_onboarding.sandbox.clickpesa.failures import invalid, missing
from hero_onboarding.sandbox.clickpesa.merchant import Merchant
from hero_onboarding.sandbox.clickpesa.records import Customer, Json, Link
from hero_onboarding.sandbox.clickpesa.routing import Body, Call, Route
from hero_onboarding.sandbox.loopback import is_loopback_url

_CARD_PERMYRIAD: Final = 485
_CENT: Final = Decimal("0.01")


class CardPreview(Body, frozen=True, kw_only=True):
    """What a payment by card is asked about."""

    amount: str
    currency: str
    order_reference: str


class CardHolder(Body, frozen=True, kw_only=True):
    """Whose card it is: somebody known by an id, or by all of the rest."""

    id: str = ""
    full_name: str = ""
    email: str = ""
    phone_number: str = ""


class CardPayment(CardPreview, frozen=True, kw_only=True):
    """What a link for a card is made with."""

    customer: CardHolder


class Item(Body, frozen=True, kw_only=True):
    """One line of an order."""

    name: Annotated[str, Meta(min_length=1)]
    price: str
    quantity: Annotated[int, Meta(ge=1)]


class Checkout(Body, frozen=True, kw_only=True):
    """What a checkout link is made with."""

    order_reference: str
    order_currency: str
    total_price: str | None = None
    order_items: tuple[Item, ...] | None = None
    customer_name: str = ""
    customer_email: str = ""
    customer_phone: str = ""
    description: str = ""
    callback_url: str = ""


def preview_card(merchant: Merchant, call: Call) -> Json:
    """Say what a card would cost its holder."""
    amount = _check_card(merchant, call.read(CardPreview))
    fee = (amount * _CARD_PERMYRIAD / 10000).quantize(_CENT, rounding=ROUND_HALF_UP)
    return {"activeMethods": [{"name": linking.CARD, "status": "AVAILABLE", "fee": as_number(fee)}]}


def initiate_card(merchant: Merchant, call: Call) -> Json:
    """Make a link to a page that takes a card."""
    wanted = call.read(CardPayment)
    amount = _check_card(merchant, wanted)
    holder = wanted.customer
    is_told = all((holder.full_name, holder.email, holder.phone_number))
    if bool(holder.id) == is_told:
        raise invalid("customer must have either id, or fullName, email and phoneNumber")
    link = Link(
        id=linking.new_link_id(),
        kind="card",
        reference=wanted.order_reference,
        amount=amount,
        currency="USD",
        customer=Customer(name=holder.full_name, email=holder.email, phone=holder.phone_number),
    )
    return _answer(merchant, "cardPaymentLink", link)


def generate_checkout(merchant: Merchant, call: Call) -> Json:
    """Make a link to the hosted checkout, which may take several payments."""
    wanted = call.read(Checkout)
    if not merchant.settings.has_checkout:
        raise invalid("Your application has no access to the hosted checkout feature")
    if wanted.order_currency not in {"TZS", "USD"}:
        raise invalid("orderCurrency must be TZS or USD")
    if wanted.callback_url and not is_loopback_url(wanted.callback_url):
        raise invalid("callbackUrl: the sandbox tells this machine only")
    payments.check_reference(merchant, wanted.order_reference)
    amount = _total(wanted)
    payments.check_total(merchant, amount, wanted.order_currency)
    link = Link(
        id=linking.new_link_id(),
        kind="checkout",
        reference=wanted.order_reference,
        amount=amount,
        currency=wanted.order_currency,
        customer=Customer(
            name=wanted.customer_name, email=wanted.customer_email, phone=wanted.customer_phone
        ),
        description=wanted.description,
        callback_url=wanted.callback_url,
    )
    return _answer(merchant, "checkoutLink", link)


def _answer(merchant: Merchant, name: str, link: Link) -> Json:
    url = linking.open_link(merchant, link)
    return {name: url, "clientId": merchant.credentials.client_id}


def _check_card(merchant: Merchant, wanted: CardPreview) -> Decimal:
    check_collection(merchant)
    amount = read_amount(wanted.amount)
    if wanted.currency != "USD":
        raise invalid("currency must be USD")
    payments.check_reference(merchant, wanted.order_reference)
    if not merchant.settings.is_kyc_approved:
        raise missing("No valid payment method: cards wait until your KYC is approved")
    return amount


def _total(wanted: Checkout) -> Decimal:
    if (wanted.total_price is None) == (not wanted.order_items):
        raise invalid("Give either totalPrice or orderItems")
    if wanted.total_price is not None:
        return read_amount(wanted.total_price, "totalPrice")
    items = wanted.order_items or ()
    return sum((read_amount(one.price, "price") * one.quantity for one in items), Decimal(0))


ROUTES: Final = (
    Route("POST", "/payments/preview-card-payment", preview_card),
    Route("POST", "/payments/initiate-card-payment", initiate_card),
    Route("POST", "/checkout-link/generate-checkout-url", generate_checkout),
)
