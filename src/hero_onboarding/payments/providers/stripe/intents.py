"""PaymentIntents of saved cards, and the cards themselves, into ours. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from hero_onboarding.payments.cards.ports import ChargeOrder
from hero_onboarding.payments.errors import ProviderAnswerError
from hero_onboarding.payments.ports import KeptCard, PaymentState, ProviderPayment

Fields = Mapping[str, Any]

LATER: Final = "off_session"
"""What Stripe calls payments whose payer is away."""

_INTENT_STATES: Final = {
    "requires_payment_method": PaymentState.FAILED,
    "requires_action": PaymentState.FAILED,
    "canceled": PaymentState.FAILED,
    "requires_confirmation": PaymentState.OPEN,
    "processing": PaymentState.PENDING,
    "succeeded": PaymentState.PAID,
}
"""Of payments whose payer is away: whoever has to do something for them can't."""


def charge_parameters(order: ChargeOrder) -> dict[str, Any]:
    """Write the order of a PaymentIntent that is charged at once, while its payer is away."""
    return {
        "amount": order.amount,
        "currency": order.currency.lower(),
        "customer": order.customer,
        "payment_method": order.card,
        "payment_method_types": ["card"],
        "off_session": True,
        "confirm": True,
        "metadata": {"topup_id": str(order.top_up_id), "account_id": order.user_sid},
    }


def read_charged(intent: Fields) -> ProviderPayment:
    """Read a PaymentIntent that a saved card was charged by, whose charge is expanded.

    Raises:
        ProviderAnswerError: If it is not of the form that this version of the API has.
    """
    try:
        return _read(intent)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        detail = f"a PaymentIntent has not the form that it should: {type(error).__name__}"
        raise ProviderAnswerError(detail) from None


def after_payment(charge: Fields) -> PaymentState:
    """Say what became of a payment since it came in."""
    if charge.get("refunded"):
        return PaymentState.REFUNDED
    return PaymentState.DISPUTED if charge.get("disputed") else PaymentState.PAID


def _read(intent: Fields) -> ProviderPayment:
    charge = intent.get("latest_charge")
    charged: Fields = charge if isinstance(charge, Mapping) else {}
    state = _INTENT_STATES[intent["status"]]
    if state is PaymentState.PAID:
        state = after_payment(charged)
    amount = intent["amount_received"] if state.has_come_in else intent["amount"]
    refunded = charged.get("amount_refunded", 0)
    for units in (amount, refunded):
        if type(units) is not int or units < 0:
            raise ValueError(units)
    reference = str(intent["id"])
    others = (reference, _id_of(charge))
    return ProviderPayment(
        state=state,
        amount=amount,
        currency=str(intent["currency"]).upper(),
        top_up_id=_topup_of(intent),
        is_live=bool(intent["livemode"]),
        reference=reference,
        payment_id=reference,
        references=tuple(one for one in others if one is not None),
        failure=_decline_of(intent) if state is PaymentState.FAILED else "",
        refunded=refunded,
        is_disputed=bool(charged.get("disputed")),
    )


def _decline_of(intent: Fields) -> str:
    """Return the most exact word for why a card was not charged."""
    error = intent.get("last_payment_error") or {}
    if intent["status"] == "requires_action":
        return "authentication_required"
    return str(error.get("decline_code") or error.get("code") or intent["status"])


def kept_card(intent: Fields) -> KeptCard | None:
    """Return the card that was kept with a payment; None without the payer's consent."""
    method = intent.get("payment_method")
    if intent.get("setup_future_usage") != LATER or not isinstance(method, Mapping):
        return None
    card, customer = method.get("card"), _id_of(method.get("customer"))
    if customer is None or not isinstance(card, Mapping):
        return None
    month, year = card["exp_month"], card["exp_year"]
    if type(month) is not int or type(year) is not int:
        raise ValueError(month)
    return KeptCard(
        reference=str(method["id"]),
        customer=customer,
        brand=str(card["brand"]),
        last4=str(card["last4"]),
        expires_month=month,
        expires_year=year,
    )


def _topup_of(found: Fields) -> str | None:
    named = (found.get("metadata") or {}).get("topup_id")
    return named if isinstance(named, str) else None


def _id_of(found: object) -> str | None:
    """Return the id of what may be given as its id or as itself."""
    if isinstance(found, Mapping):
        found = found.get("id")
    return found if isinstance(found, str) else None
