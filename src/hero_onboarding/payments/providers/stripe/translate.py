"""Stripe's words into ours; what is not known is an error and never a guess. Pure."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from hero_onboarding.kernel.clock import unix_seconds
from hero_onboarding.payments.dispute_ports import (
    DisputeMovement,
    DisputeState,
    ProviderDispute,
)
from hero_onboarding.payments.errors import MalformedNoticeError, ProviderAnswerError
from hero_onboarding.payments.ports import (
    CheckoutOrder,
    Notice,
    PaymentState,
    ProviderPayment,
    ProviderRefund,
    RefundOrder,
    RefundState,
)
from hero_onboarding.payments.providers.stripe.intents import (
    LATER,
    after_payment,
    kept_card,
)

KINDS: Final = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.canceled",
        "payment_intent.processing",
        "charge.refunded",
        "refund.created",
        "refund.updated",
        "refund.failed",
        "charge.dispute.created",
        "charge.dispute.updated",
        "charge.dispute.closed",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
    }
)
"""The events that the webhook subscribes to; others are answered and not kept."""

_NAMES: Final = ("payment_intent", "charge", "latest_charge")
_ID_CHARACTERS_MAX: Final = 255
_REFUND_STATES: Final = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
_DISPUTE_STATES: Final = {
    "warning_needs_response": DisputeState.OPEN,
    "warning_under_review": DisputeState.OPEN,
    "needs_response": DisputeState.OPEN,
    "under_review": DisputeState.OPEN,
    "appeal_needs_response": DisputeState.OPEN,
    "appeal_under_review": DisputeState.OPEN,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
    "warning_closed": DisputeState.CLOSED,
    "prevented": DisputeState.CLOSED,
}
_FAILED_INTENTS: Final = frozenset({"requires_payment_method", "canceled"})
Fields = Mapping[str, Any]


def session_parameters(order: CheckoutOrder) -> dict[str, Any]:
    """Write the order of a Checkout Session; the payment gets our ids too, it does not inherit."""
    names = {"topup_id": str(order.top_up_id), "account_id": order.user_sid}
    price = {
        "currency": order.currency.lower(),
        "unit_amount": order.amount,
        "product_data": {"name": "Account credit"},
    }
    intent: dict[str, Any] = {"metadata": names}
    saving: dict[str, Any] = {}
    if order.saves_card:
        intent["setup_future_usage"] = LATER
        saving = {"customer": order.customer, "payment_method_types": ["card"]}
    return {
        "mode": "payment",
        "line_items": [{"quantity": 1, "price_data": price}],
        "client_reference_id": str(order.top_up_id),
        "metadata": names,
        "payment_intent_data": intent,
        **saving,
        "adaptive_pricing": {"enabled": False},
        "success_url": f"{order.return_url}?session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": order.return_url,
        "expires_at": unix_seconds(order.expires_at),
    }


def refund_parameters(order: RefundOrder) -> dict[str, Any]:
    """Write the order of a Refund; its notices name our top-up, and a search finds our id."""
    return {
        "payment_intent": order.payment_id,
        "amount": order.amount,
        "reason": "requested_by_customer",
        "metadata": {
            "refund_id": str(order.refund_id),
            "topup_id": str(order.top_up_id),
            "account_id": order.user_sid,
        },
    }


def read_refund(refund: Fields) -> ProviderRefund:
    """Read a Refund.

    Raises:
        ProviderAnswerError: If it is not of the form that this version of the API has.
    """
    try:
        reference, amount, state = refund["id"], refund["amount"], _REFUND_STATES[refund["status"]]
        currency = refund["currency"].upper()
        metadata = refund.get("metadata") or {}
        named = metadata.get("refund_id")
    except (KeyError, TypeError, AttributeError) as error:
        detail = f"a Refund has not the form that it should: {type(error).__name__}"
        raise ProviderAnswerError(detail) from None
    if not _is_id(reference) or type(amount) is not int or amount < 0:
        raise ProviderAnswerError("a Refund has no id or no amount")
    return ProviderRefund(
        reference=reference,
        state=state,
        amount=amount,
        currency=currency,
        refund_id=named if _is_id(named) else None,
        failure=str(refund.get("failure_reason") or ""),
    )


def read_dispute(dispute: Fields) -> ProviderDispute:
    """Read a Dispute with the lines of the balance that it caused.

    Raises:
        ProviderAnswerError: If it is not of the form that this version of the API has.
    """
    try:
        found = ProviderDispute(
            reference=dispute["id"],
            state=_DISPUTE_STATES[dispute["status"]],
            amount=dispute["amount"],
            currency=dispute["currency"].upper(),
            movements=tuple(
                _read_movement(one, dispute) for one in dispute["balance_transactions"]
            ),
        )
    except (KeyError, TypeError, AttributeError) as error:
        detail = f"a Dispute has not the form that it should: {type(error).__name__}"
        raise ProviderAnswerError(detail) from None
    figures = (
        found.amount,
        *(figure for one in found.movements for figure in (one.amount, one.fee)),
    )
    names = (found.reference, *(one.reference for one in found.movements))
    if not all(type(figure) is int for figure in figures) or not all(map(_is_id, names)):
        raise ProviderAnswerError("a Dispute has no id or no amount")
    return found


def _read_movement(line: Fields, dispute: Fields) -> DisputeMovement:
    """Read a line; one in another currency moves all that is disputed."""
    currency, disputed = line["currency"].upper(), dispute["currency"].upper()
    is_back = line["reporting_category"] == "dispute_reversal"
    shown = dispute["amount"] if is_back else -dispute["amount"]
    return DisputeMovement(
        reference=line["id"],
        amount=line["amount"],
        fee=line["fee"],
        currency=currency,
        shown_amount=None if currency == disputed else shown,
        shown_currency=None if currency == disputed else disputed,
    )


def read_session(session: Fields) -> ProviderPayment:
    """Read a Checkout Session whose payment and charge are expanded.

    Raises:
        ProviderAnswerError: If it is not of the form that this version of the API has.
    """
    try:
        return _read_session(session)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        detail = f"a Checkout Session has not the form that it should: {type(error).__name__}"
        raise ProviderAnswerError(detail) from None


def read_event(body: bytes) -> Notice | None:
    """Read an authentic event; None for kinds that are of no concern.

    Raises:
        MalformedNoticeError: If it can't be read.
    """
    try:
        event = msgspec.json.decode(body)
        event_id, kind, found = event["id"], event["type"], event["data"]["object"]
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, RecursionError):
        raise MalformedNoticeError("the body is no event of Stripe's; nothing was stored") from None
    if not (_is_id(event_id) and _is_id(kind) and isinstance(found, dict)):
        raise MalformedNoticeError("the event has no id, type or object; nothing was stored")
    if kind not in KINDS:
        return None
    named = [found.get("id"), *(_id_of(found.get(name)) for name in _NAMES)]
    references = tuple(dict.fromkeys(str(one) for one in named if _is_id(one)))
    return Notice(event_id, kind, references, _hint(found))


def _read_session(session: Fields) -> ProviderPayment:
    intent = session.get("payment_intent")
    details: Fields = intent if isinstance(intent, Mapping) else {}
    charge = details.get("latest_charge")
    charged: Fields = charge if isinstance(charge, Mapping) else {}
    state = _state(session, details, charged)
    amount = session["amount_total"]
    if state.has_come_in:
        amount = details.get("amount_received", amount)
    refunded = charged.get("amount_refunded", 0)
    for units in (amount, refunded):
        if type(units) is not int or units < 0:
            raise ValueError(units)
    payment_id = _id_of(intent)
    if state.has_come_in and payment_id is None:
        raise ValueError(state)
    others = (payment_id, _id_of(charge))
    return ProviderPayment(
        state=state,
        amount=amount,
        currency=str(session["currency"]).upper(),
        top_up_id=_named(session, details),
        is_live=bool(session["livemode"]),
        reference=str(session["id"]),
        payment_id=payment_id,
        references=tuple(one for one in others if one is not None),
        redirect_url=session.get("url"),
        failure=str((details.get("last_payment_error") or {}).get("code") or ""),
        refunded=refunded,
        is_disputed=bool(charged.get("disputed")),
        card=kept_card(details),
    )


def _state(session: Fields, intent: Fields, charge: Fields) -> PaymentState:
    """Say what a session and its payment mean; the charge knows what was taken back."""
    paid, status = session["payment_status"], session["status"]
    if paid == "paid":
        return after_payment(charge)
    if paid != "unpaid":
        raise ValueError(paid)
    if status == "complete":
        is_failed = intent.get("status") in _FAILED_INTENTS
        return PaymentState.FAILED if is_failed else PaymentState.PENDING
    return {"open": PaymentState.OPEN, "expired": PaymentState.EXPIRED}[status]


def _named(session: Fields, intent: Fields) -> str | None:
    """Return the top-up that all three places name where we wrote it; None when they differ."""
    places = [session.get("client_reference_id"), _topup_of(session)]
    if intent:
        places.append(_topup_of(intent))
    return places[0] if len(set(places)) == 1 else None


def _hint(found: Fields) -> str | None:
    """Return the top-up that an event's object names, if it names any."""
    for hint in (found.get("client_reference_id"), _topup_of(found)):
        if _is_id(hint):
            return str(hint)
    return None


def _topup_of(found: Fields) -> Any:  # noqa: ANN401 - whatever stands there
    metadata = found.get("metadata")
    return metadata.get("topup_id") if isinstance(metadata, Mapping) else None


def _id_of(found: object) -> str | None:
    """Return the id of what may be given as its id or as itself."""
    if isinstance(found, Mapping):
        found = found.get("id")
    return found if isinstance(found, str) else None


def _is_id(found: object) -> bool:
    return isinstance(found, str) and 1 <= len(found) <= _ID_CHARACTERS_MAX and found.isprintable()
