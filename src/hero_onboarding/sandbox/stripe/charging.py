"""One attempt to take the money of a PaymentIntent."""

from dataclasses import dataclass
from typing import NoReturn

from hero_onboarding.sandbox.stripe import books, disputing, methods
from hero_onboarding.sandbox.stripe.account import Visit
from hero_onboarding.sandbox.stripe.cards import (
    AUTHENTICATION_FAILED,
    AUTHENTICATION_REQUIRED,
    Decline,
)
from hero_onboarding.sandbox.stripe.failures import StripeAnswerError
from hero_onboarding.sandbox.stripe.objects import Object

_PAYMENT_REQUIRED = 402


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an intent is confirmed.

    Attributes:
        is_off_session: Whether the payer is away.
        is_authenticated: Whether the payer has just confirmed to their bank.
        fails_on_action: Whether a needed confirmation ends the attempt.
        return_url: Where the payer goes after confirming.
    """

    is_off_session: bool = False
    is_authenticated: bool = False
    fails_on_action: bool = False
    return_url: str | None = None


def attempt(visit: Visit, intent: Object, method: Object, how: Attempt) -> None:
    """Charge once: the intent ends succeeded, processing or waiting for its payer.

    Raises:
        StripeAnswerError: 402 if it was declined; the intent asks for another method then.
    """
    visit.change(intent, payment_method=method["id"], next_action=None, last_payment_error=None)
    held = visit.backstage.cards.get(method["id"])
    if held is None:
        _begin_delayed(visit, intent, method)
        return
    if held.needs_authentication() and not how.is_authenticated:
        if how.is_off_session or how.fails_on_action:
            decline(visit, intent, method, AUTHENTICATION_REQUIRED)
        ask_payer(visit, intent, how.return_url)
        visit.emit("payment_intent.requires_action", intent)
        return
    if held.card.decline is not None:
        decline(visit, intent, method, held.card.decline)
    charge = _open_charge(visit, intent, method, status="succeeded")
    if visit.settings.balance_transactions == "at-once":
        books.post_charge(visit, charge, is_available=held.card.is_available_at_once)
    succeed(visit, intent, charge)


def succeed(visit: Visit, intent: Object, charge: Object) -> None:
    """Note that the money is there, and save the method if that was agreed."""
    visit.change(charge, paid=True, status="succeeded", captured=True)
    visit.change(charge, amount_captured=charge["amount"])
    visit.emit("charge.succeeded", charge)
    visit.change(intent, status="succeeded", amount_received=intent["amount"], next_action=None)
    method = visit.shelf.find("payment_method", intent["payment_method"])
    if intent["setup_future_usage"] and method is not None:
        if intent["customer"]:
            methods.attach(visit, method, intent["customer"])
        if intent["setup_future_usage"] == "off_session":
            methods.set_up(visit, method)
    visit.emit("payment_intent.succeeded", intent)


def fail_delayed(visit: Visit, intent: Object, charge: Object) -> None:
    """Note that a delayed payment will not come."""
    error = {
        "code": "payment_intent_payment_attempt_failed",
        "message": "The payment failed.",
        "type": "invalid_request_error",
    }
    visit.change(
        charge, status="failed", failure_code=error["code"], failure_message=error["message"]
    )
    visit.emit("charge.failed", charge)
    visit.change(
        intent, status="requires_payment_method", last_payment_error=error, payment_method=None
    )
    visit.emit("payment_intent.payment_failed", intent)


def follow_up(visit: Visit, intent: Object) -> None:
    """Let happen what the card brings after a payment: a dispute or a warning."""
    held = visit.backstage.cards.get(str(intent["payment_method"]))
    charge = visit.shelf.find("charge", intent["latest_charge"])
    if intent["status"] != "succeeded" or held is None or charge is None:
        return
    if held.card.is_warned:
        disputing.warn(visit, charge)
    if held.card.dispute:
        status: disputing.Status = (
            "warning_needs_response" if held.card.is_inquiry else "needs_response"
        )
        opening = disputing.Opening(charge=charge["id"], reason=held.card.dispute, status=status)
        disputing.open_dispute(visit, opening)


def ask_payer(visit: Visit, intent: Object, return_url: str | None) -> None:
    """Wait for the payer to confirm on a page."""
    page = f"{visit.account.root_url}/c/authenticate/{intent['id']}"
    action = {
        "type": "redirect_to_url",
        "redirect_to_url": {"return_url": return_url, "url": page},
    }
    visit.change(intent, status="requires_action", next_action=action)


def refuse_authentication(visit: Visit, intent: Object) -> None:
    """Note that the payer did not confirm; the intent asks for another method then."""
    method = visit.shelf.get("payment_method", intent["payment_method"])
    try:
        decline(visit, intent, method, AUTHENTICATION_FAILED)
    except StripeAnswerError:
        return


def decline(visit: Visit, intent: Object, method: Object, why: Decline) -> NoReturn:
    """Note a failed charge, and raise what the caller is told.

    Raises:
        StripeAnswerError: Always, 402.
    """
    charge = _open_charge(visit, intent, method, status="failed")
    visit.change(charge, failure_code=why.code, failure_message=why.message)
    visit.emit("charge.failed", charge)
    error: Object = {
        "charge": charge["id"],
        "code": why.code,
        "decline_code": why.decline_code,
        "doc_url": f"https://stripe.com/docs/error-codes/{why.code.replace('_', '-')}",
        "payment_method": method,
    }
    shown = {name: value for name, value in error.items() if value is not None}
    last = {**shown, "message": why.message, "type": "card_error"}
    visit.change(
        intent,
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_payment_error=last,
    )
    visit.emit("payment_intent.payment_failed", intent)
    raise StripeAnswerError(
        _PAYMENT_REQUIRED, "card_error", why.message, payment_intent=intent, **error
    )


def _begin_delayed(visit: Visit, intent: Object, method: Object) -> None:
    charge = _open_charge(visit, intent, method, status="pending")
    visit.change(intent, status="processing")
    visit.emit("charge.pending", charge)
    visit.emit("payment_intent.processing", intent)


def _open_charge(visit: Visit, intent: Object, method: Object, *, status: str) -> Object:
    is_good = status == "succeeded"
    fields: Object = {
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if is_good else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "SANDBOX",
        "captured": is_good,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": _outcome(status),
        "paid": is_good,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {
            "type": method["type"],
            method["type"]: dict(method[method["type"]]),
        },
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": status,
        "transfer_data": None,
        "transfer_group": None,
    }
    charge = visit.open("charge", fields)
    visit.change(intent, latest_charge=charge["id"])
    return charge


def _outcome(status: str) -> Object:
    is_good = status != "failed"
    return {
        "network_status": "approved_by_network" if is_good else "declined_by_network",
        "reason": None,
        "risk_level": "normal",
        "seller_message": "Payment complete." if is_good else "The bank did not return more.",
        "type": "authorized" if is_good else "issuer_declined",
    }
