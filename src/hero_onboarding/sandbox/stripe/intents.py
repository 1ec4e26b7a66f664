"""PaymentIntents and SetupIntents: how they open, are confirmed and end."""

from typing import Literal

import msgspec

from hero_onboarding.sandbox.ids import new_id
from hero_onboarding.sandbox.stripe import books, charging, methods
from hero_onboarding.sandbox.stripe.account import Visit
from hero_onboarding.sandbox.stripe.cards import AUTHENTICATION_REQUIRED
from hero_onboarding.sandbox.stripe.charging import Attempt
from hero_onboarding.sandbox.stripe.failures import StripeAnswerError, invalid
from hero_onboarding.sandbox.stripe.objects import Object

OPEN_STATES = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a PaymentIntent is made with, by a call or by a Checkout Session."""

    amount: int
    currency: str
    customer: str | None = None
    metadata: dict[str, str]
    description: str | None = None
    setup_future_usage: str | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    receipt_email: str | None = None
    capture_method: str = "automatic_async"
    payment_method_types: list[str]


def open_intent(visit: Visit, plan: Plan) -> Object:
    """Make a PaymentIntent that waits for a payment method.

    Raises:
        StripeAnswerError: If the amount or the currency won't do.
    """
    books.check_amount(visit, plan.amount, plan.currency, "amount")
    fields: Object = {
        **msgspec.structs.asdict(plan),
        "currency": plan.currency.lower(),
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "client_secret": None,
        "confirmation_method": "automatic",
        "last_payment_error": None,
        "latest_charge": None,
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {},
        "processing": None,
        "review": None,
        "shipping": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }
    intent = visit.open("payment_intent", fields)
    visit.change(intent, client_secret=f"{intent['id']}_secret_{new_id('')}")
    visit.emit("payment_intent.created", intent)
    return intent


def confirm_intent(visit: Visit, intent: Object, method: Object | None, how: Attempt) -> None:
    """Try to take the money.

    Raises:
        StripeAnswerError: 400 if it is over or has no method, 402 if it was declined.
    """
    if intent["status"] not in OPEN_STATES:
        raise unexpected(intent, "confirm")
    if method is None:
        message = (
            "You cannot confirm this PaymentIntent because it's missing a payment method. Update"
            " the PaymentIntent with a payment method and then confirm the PaymentIntent again."
        )
        raise invalid(message, code="payment_intent_unexpected_state")
    charging.attempt(visit, intent, method, how)
    charging.follow_up(visit, intent)


def cancel_intent(visit: Visit, intent: Object, reason: str | None) -> None:
    """End a PaymentIntent that took no money.

    Raises:
        StripeAnswerError: If it is over.
    """
    if intent["status"] not in OPEN_STATES:
        raise unexpected(intent, "cancel")
    visit.change(
        intent,
        status="canceled",
        canceled_at=visit.now(),
        cancellation_reason=reason,
        next_action=None,
    )
    visit.emit("payment_intent.canceled", intent)


def settle_delayed(visit: Visit, intent: Object, outcome: Literal["succeeded", "failed"]) -> None:
    """End a payment that took days.

    Raises:
        StripeAnswerError: If it is not under way.
    """
    if intent["status"] != "processing":
        raise unexpected(intent, "settle")
    charge = visit.shelf.get("charge", intent["latest_charge"])
    if outcome == "failed":
        charging.fail_delayed(visit, intent, charge)
        return
    if visit.settings.balance_transactions == "at-once":
        books.post_charge(visit, charge, is_available=False)
    charging.succeed(visit, intent, charge)


def confirm_setup(visit: Visit, setup: Object, method: Object, how: Attempt) -> None:
    """Try to save a method for payments without the payer.

    Raises:
        StripeAnswerError: 402 if the card declines to be saved, 400 if the intent is over.
    """
    if setup["status"] not in OPEN_STATES:
        raise invalid(
            f"You cannot confirm this SetupIntent because its status is {setup['status']}.",
            code="setup_intent_unexpected_state",
        )
    visit.change(setup, payment_method=method["id"], next_action=None)
    held = visit.backstage.cards.get(method["id"])
    if held and held.needs_authentication() and not how.is_authenticated:
        charging.ask_payer(visit, setup, how.return_url)
        visit.emit("setup_intent.requires_action", setup)
        return
    try:
        if setup["customer"]:
            methods.attach(visit, method, setup["customer"])
    except StripeAnswerError as refusal:
        _fail_setup(visit, setup, refusal.body)
        raise
    if setup["usage"] == "off_session":
        methods.set_up(visit, method)
    visit.change(setup, status="succeeded")
    visit.emit("setup_intent.succeeded", setup)


def refuse_setup(visit: Visit, setup: Object) -> None:
    """Note that the payer did not confirm."""
    why = AUTHENTICATION_REQUIRED
    error: Object = {"code": "setup_intent_authentication_failure", "type": "invalid_request_error"}
    _fail_setup(visit, setup, {**error, "message": why.message})


def unexpected(intent: Object, verb: str) -> StripeAnswerError:
    """Say that an intent is past what was asked of it."""
    message = f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}."
    return StripeAnswerError(
        400,
        "invalid_request_error",
        message,
        code="payment_intent_unexpected_state",
        payment_intent=intent,
    )


def _fail_setup(visit: Visit, setup: Object, error: Object) -> None:
    visit.change(
        setup,
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_setup_error=error,
    )
    visit.emit("setup_intent.setup_failed", setup)
