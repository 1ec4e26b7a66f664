"""Balance transactions: what a charge, a refund, a dispute and a payout do to the balance."""

from collections.abc import Iterable
from typing import Final

from hero_onboarding.sandbox.stripe.account import Visit
from hero_onboarding.sandbox.stripe.failures import invalid
from hero_onboarding.sandbox.stripe.objects import Object

SETTLEMENT: Final = "usd"
AMOUNT_MAX: Final = 99_999_999
PENDING_SECONDS: Final = 2 * 24 * 3600

_AMOUNT_MIN_CENTS: Final = 50
_FEE_PER_MILLE: Final = 29
_FEE_FIXED_CENTS: Final = 30
_CURRENCIES: Final = ("usd", "tzs")


def check_amount(visit: Visit, amount: int, currency: str, param: str) -> None:
    """Refuse an amount that is too small or too large, or a currency that is not settled.

    Raises:
        StripeAnswerError: 400 with the code of what is wrong.
    """
    if currency.lower() not in _CURRENCIES:
        message = f"Invalid currency: {currency}. The sandbox settles {' and '.join(_CURRENCIES)}."
        raise invalid(message, param="currency")
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, param=param, code="parameter_invalid_integer")
    if amount > AMOUNT_MAX:
        message = f"Amount must be no more than {AMOUNT_MAX}."
        raise invalid(message, param=param, code="amount_too_large")
    if to_settlement(visit, amount, currency.lower()) < _AMOUNT_MIN_CENTS:
        message = "Amount must convert to at least 50 cents."
        raise invalid(message, param=param, code="amount_too_small")


def to_settlement(visit: Visit, amount: int, currency: str) -> int:
    """Convert hundredths of a currency to US cents, half away from zero."""
    if currency == SETTLEMENT:
        return amount
    rate = visit.settings.tzs_per_usd
    cents = (abs(amount) * 2 + rate) // (2 * rate)
    return cents if amount >= 0 else -cents


def fee_of(cents: int) -> int:
    """Give the fee of a payment: 2.9 % and 30 cents."""
    return (cents * _FEE_PER_MILLE + 500) // 1000 + _FEE_FIXED_CENTS


def post_charge(visit: Visit, charge: Object, *, is_available: bool) -> None:
    """Book a payment and its fee."""
    cents = to_settlement(visit, charge["amount"], charge["currency"])
    kind = "charge" if charge["payment_method_details"]["type"] == "card" else "payment"
    entry = _post(visit, charge, cents, kind, fee=fee_of(cents), category="charge")
    if is_available:
        visit.change(entry, available_on=visit.now(), status="available")
    visit.change(charge, balance_transaction=entry["id"])


def post_refund(visit: Visit, refund: Object) -> None:
    """Book the money of a refund going out."""
    cents = -to_settlement(visit, refund["amount"], refund["currency"])
    entry = _post(visit, refund, cents, "refund")
    visit.change(refund, balance_transaction=entry["id"])


def post_refund_failure(visit: Visit, refund: Object) -> None:
    """Book the money of a refund coming back."""
    cents = to_settlement(visit, refund["amount"], refund["currency"])
    entry = _post(visit, refund, cents, "refund_failure")
    visit.change(refund, failure_balance_transaction=entry["id"])


def post_dispute(visit: Visit, dispute: Object) -> None:
    """Book the money of a dispute being withdrawn, with its fee."""
    cents = -to_settlement(visit, dispute["amount"], dispute["currency"])
    fee = visit.settings.dispute_fee
    entry = _post(visit, dispute, cents, "adjustment", fee=fee, category="dispute")
    dispute["balance_transactions"].append(entry)
    visit.has_written = True


def post_dispute_reversal(visit: Visit, dispute: Object) -> None:
    """Book the money of a dispute being reinstated; its fee is not."""
    cents = to_settlement(visit, dispute["amount"], dispute["currency"])
    entry = _post(visit, dispute, cents, "adjustment", category="dispute_reversal")
    dispute["balance_transactions"].append(entry)
    visit.has_written = True


def post_payout(visit: Visit, payout: Object) -> Object:
    """Book a payout leaving."""
    entry = _post(visit, payout, -payout["amount"], "payout")
    visit.change(payout, balance_transaction=entry["id"])
    return entry


def post_payout_failure(visit: Visit, payout: Object) -> None:
    """Book a payout coming back."""
    entry = _post(visit, payout, payout["amount"], "payout_failure", category="payout_reversal")
    visit.change(payout, failure_balance_transaction=entry["id"])


def post_fee(visit: Visit, cents: int, description: str) -> Object:
    """Book a fee of Stripe's own, as for a month's use."""
    entry = _post(visit, None, -cents, "stripe_fee", category="fee")
    visit.change(entry, description=description)
    return entry


def settle_due(visit: Visit) -> None:
    """Make available what has been pending for long enough."""
    now = visit.now()
    for entry in visit.shelf.list_newest("balance_transaction"):
        if entry["status"] == "pending" and entry["available_on"] <= now:
            entry["status"] = "available"


def total(entries: Iterable[Object], status: str) -> int:
    """Sum the net of the entries of one status."""
    return sum(entry["net"] for entry in entries if entry["status"] == status)


def _post(
    visit: Visit, source: Object | None, cents: int, kind: str, *, fee: int = 0, category: str = ""
) -> Object:
    # What takes money away takes it at once; what brings some is pending for two days.
    is_pending = cents > 0 and kind in {"charge", "payment"}
    currency = SETTLEMENT if source is None else source["currency"]
    rate = None if currency == SETTLEMENT else round(1 / visit.settings.tzs_per_usd, 6)
    fields: Object = {
        "amount": cents,
        "available_on": visit.now() + (PENDING_SECONDS if is_pending else 0),
        "balance_type": "payments",
        "currency": SETTLEMENT,
        "description": None,
        "exchange_rate": rate,
        "fee": fee,
        "fee_details": _fee_details(fee),
        "net": cents - fee,
        "reporting_category": category or kind,
        "source": source and source["id"],
        "status": "pending" if is_pending else "available",
        "type": kind,
    }
    entry = visit.open("balance_transaction", fields)
    del entry["livemode"]  # Stripe's balance transactions have none
    return entry


def _fee_details(fee: int) -> list[Object]:
    if not fee:
        return []
    detail = {
        "amount": fee,
        "application": None,
        "currency": SETTLEMENT,
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }
    return [detail]
