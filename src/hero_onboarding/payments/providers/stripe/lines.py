"""Stripe's records into ours; what is not known is named and never guessed. Pure."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from hero_onboarding.kernel.clock import from_unix
from hero_onboarding.payments.errors import ProviderAnswerError
from hero_onboarding.payments.movement_ports import MoneyMovement, MovementKind
from hero_onboarding.payments.ports import PaymentState
from hero_onboarding.payments.reconciling.ports import ListedPayment

_SAID_MAX: Final = 100
_OUTWARD: Final = frozenset({"refund", "dispute"})
_INWARD: Final = frozenset({"charge", "refund_failure", "dispute_reversal"})

Fields = Mapping[str, Any]

_KINDS: Final = {
    "charge": MovementKind.PAYMENT,
    "refund": MovementKind.REFUND,
    "refund_failure": MovementKind.REFUND_FAILED,
    "dispute": MovementKind.DISPUTE,
    "dispute_reversal": MovementKind.DISPUTE_REVERSAL,
    "fee": MovementKind.FEE,
    "payout": MovementKind.PAYOUT,
    "payout_reversal": MovementKind.PAYOUT_FAILED,
}
"""By ``reporting_category``; all others are for a person."""

_STATES: Final = {
    "processing": PaymentState.PENDING,
    "succeeded": PaymentState.PAID,
    "canceled": PaymentState.FAILED,
}
_PAID_FOR: Final = frozenset({"charge", "refund", "dispute"})
_WRONG: Final = (KeyError, TypeError, AttributeError, ValueError)


def read_line(line: Fields) -> MoneyMovement:
    """Read a balance transaction whose source is expanded.

    Raises:
        ProviderAnswerError: If it is not of the form that this version of the API has.
    """
    try:
        return _read_line(line)
    except _WRONG as error:
        detail = f"a line of the balance has not the form that it should: {type(error).__name__}"
        raise ProviderAnswerError(detail) from None


def read_intent(intent: Fields) -> ListedPayment:
    """Read a PaymentIntent whose charge is expanded.

    Raises:
        ProviderAnswerError: If it is not of the form that this version of the API has.
    """
    try:
        return _read_intent(intent)
    except _WRONG as error:
        detail = f"a PaymentIntent has not the form that it should: {type(error).__name__}"
        raise ProviderAnswerError(detail) from None


def read_balance(balance: Fields) -> Mapping[str, int]:
    """Read what the account holds, available or pending, by currency.

    Raises:
        ProviderAnswerError: If it is not of the form that this version of the API has.
    """
    sums: Counter[str] = Counter()
    try:
        for part in ("available", "pending"):
            for one in balance[part]:
                sums[one["currency"].upper()] += _whole(one["amount"])
    except _WRONG as error:
        detail = f"the balance has not the form that it should: {type(error).__name__}"
        raise ProviderAnswerError(detail) from None
    return dict(sums)


def _read_line(line: Fields) -> MoneyMovement:
    source = line["source"]
    cause: Fields = source if isinstance(source, Mapping) else {}
    amount, currency = _whole(line["amount"]), str(line["currency"]).upper()
    shown, shown_currency = None, str(cause.get("currency", currency)).upper()
    if cause.get("object") in _PAID_FOR and shown_currency != currency:
        shown = _whole(cause["amount"]) * _sign(line["reporting_category"], amount)
    return MoneyMovement(
        reference=_named(line["id"]),
        kind=_KINDS.get(line["reporting_category"], MovementKind.OTHER),
        amount=amount,
        fee=_whole(line["fee"]),
        currency=currency,
        at=from_unix(_whole(line["created"])),
        payment_id=_id_of(cause.get("payment_intent")),
        source=_id_of(source),
        shown_amount=shown,
        shown_currency=None if shown is None else shown_currency,
        said=str(line["reporting_category"])[:_SAID_MAX],
    )


def _sign(category: str, amount: int) -> int:
    """Say which way a line goes: one that is less than a cent in dollars has no sign itself."""
    if category in _OUTWARD:
        return -1
    return 1 if category in _INWARD or amount >= 0 else -1


def _read_intent(intent: Fields) -> ListedPayment:
    charge = intent.get("latest_charge")
    status = intent["status"]
    state = _STATES.get(status, PaymentState.OPEN)
    amount = intent["amount_received"] if state is PaymentState.PAID else intent["amount"]
    charge_id = _id_of(charge)
    return ListedPayment(
        payment_id=_named(intent["id"]),
        references=() if charge_id is None else (charge_id,),
        top_up_id=_id_of((intent.get("metadata") or {}).get("topup_id")),
        amount=_whole(amount),
        currency=str(intent["currency"]).upper(),
        state=state,
        at=from_unix(_whole(intent["created"])),
    )


def _id_of(found: object) -> str | None:
    """Return the id of what may be given as its id or as itself."""
    if isinstance(found, Mapping):
        found = found.get("id")
    return found if isinstance(found, str) else None


def _named(found: object) -> str:
    if not isinstance(found, str) or not found:
        raise ValueError(found)
    return found


def _whole(found: object) -> int:
    if type(found) is not int:
        raise ValueError(found)
    return found
