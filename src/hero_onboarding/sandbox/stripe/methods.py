"""Payment methods: cards and bank accounts, whose they are, and what they may be used for."""

from hero_onboarding.sandbox.ids import new_id
from hero_onboarding.sandbox.stripe.account import Visit
from hero_onboarding.sandbox.stripe.cards import CARDS, TOKENS, Card, HeldCard
from hero_onboarding.sandbox.stripe.failures import StripeAnswerError, invalid
from hero_onboarding.sandbox.stripe.objects import Object

_FUNDING = {"4000056655665556": "debit"}


def open_card(visit: Visit, card: Card, billing: Object | None = None) -> Object:
    """Make a payment method of a card; it belongs to nobody yet."""
    details: Object = {
        "brand": card.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "pass",
        },
        "country": card.country,
        "display_brand": card.brand,
        "exp_month": 12,
        "exp_year": visit.account.clock.now().year + 3,
        "fingerprint": f"fp{card.number[::-1]}",
        "funding": _FUNDING.get(card.number, "credit"),
        "generated_from": None,
        "last4": card.number[-4:],
        "networks": {"available": [card.brand], "preferred": None},
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }
    method = _open(visit, "card", details, billing)
    visit.backstage.cards[method["id"]] = HeldCard(card)
    return method


def open_bank_account(visit: Visit, billing: Object | None = None) -> Object:
    """Make a payment method that takes days to pay."""
    details: Object = {
        "account_holder_type": "individual",
        "account_type": "checking",
        "bank_name": "STRIPE TEST BANK",
        "financial_connections_account": None,
        "fingerprint": new_id("fp"),
        "last4": "6789",
        "networks": None,
        "routing_number": "110000000",
        "status_details": None,
    }
    return _open(visit, "us_bank_account", details, billing)


def get_usable(visit: Visit, method_id: str, customer: str | None) -> Object:
    """Return the payment method for a payment; the names of test cards make a new one.

    Raises:
        StripeAnswerError: If there is none, it belongs to another customer, or was detached.
    """
    if method_id in TOKENS:
        return open_card(visit, CARDS[TOKENS[method_id]])
    method = visit.shelf.get("payment_method", method_id, param="payment_method")
    owner = method["customer"]
    if owner is not None and owner != customer:
        message = (
            "The payment method supplied"
            f" ({method_id}) belongs to the Customer {owner}. Please include the Customer in the"
            " `customer` parameter on the PaymentIntent."
        )
        raise invalid(message, param="payment_method")
    if method_id in visit.backstage.detached:
        message = (
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer"
            " attachment, or was detached from a Customer. It may not be used again."
        )
        raise invalid(message, param="payment_method")
    return method


def attach(visit: Visit, method: Object, customer: str) -> None:
    """Save a payment method for a customer; the same again changes nothing.

    Raises:
        StripeAnswerError: If it is another customer's, or the card declines to be saved.
    """
    if method["customer"] == customer:
        return
    if method["customer"] is not None:
        raise invalid("The payment method you provided has already been attached to a customer.")
    held = visit.backstage.cards.get(method["id"])
    decline = held.card.decline if held else None
    if held and decline and not held.card.is_attachable:
        raise StripeAnswerError(
            402,
            "card_error",
            decline.message,
            code=decline.code,
            decline_code=decline.decline_code,
        )
    visit.change(method, customer=customer)
    visit.emit("payment_method.attached", method)


def detach(visit: Visit, method: Object) -> None:
    """Take a payment method from its customer, for good."""
    if method["customer"] is None:
        message = "The payment method you provided is not attached to a customer so detachment is"
        raise invalid(f"{message} impossible.")
    visit.change(method, customer=None)
    visit.backstage.detached.add(method["id"])
    visit.emit("payment_method.detached", method)


def set_up(visit: Visit, method: Object) -> None:
    """Note that the holder agreed to payments without them."""
    held = visit.backstage.cards.get(method["id"])
    if held is not None:
        visit.backstage.cards[method["id"]] = held.set_up()


def _open(visit: Visit, kind: str, details: Object, billing: Object | None) -> Object:
    nobody: Object = {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}
    fields: Object = {
        "allow_redisplay": "unspecified",
        "billing_details": {**nobody, **(billing or {})},
        "customer": None,
        "metadata": {},
        "type": kind,
        kind: details,
    }
    return visit.open("payment_method", fields)
