"""The ways to pay: which providers take what, between which amounts, and for how long. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from hero_onboarding.payments.errors import WrongTopUpError

SHILLING: Final = 100
"""Amounts in shillings are whole: nobody collects their hundredths."""

_DAY: Final = timedelta(hours=23)
"""How long a payer may pay at most at a page: providers keep none for longer than a day."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to pay in one currency.

    Attributes:
        least: The least of one payment, in hundredths.
        most: The most.
        life: How long the payer may take.
        has_phone: Whether the payer is asked on a phone, whose number is needed then.
    """

    least: int
    most: int
    life: timedelta = _DAY
    has_phone: bool = False


_CARD_USD: Final = Way(500, 100_000)

WAYS: Final = {
    ("stripe", "checkout", "USD"): _CARD_USD,
    ("stripe", "checkout", "TZS"): Way(1_500_000, 250_000_000),
    ("clickpesa", "push", "TZS"): Way(50_000, 300_000_000, has_phone=True),
    ("clickpesa", "control_number", "TZS"): Way(50_000, 500_000_000, timedelta(days=3)),
    ("clickpesa", "checkout", "TZS"): Way(50_000, 300_000_000),
    ("clickpesa", "checkout", "USD"): _CARD_USD,
    ("clickpesa", "link", "USD"): _CARD_USD,
}
"""By provider, method and currency; a payment is taken in these ways only."""


def way_of(provider: str, method: str, currency: str) -> Way:
    """Return a way to pay.

    Raises:
        WrongTopUpError: If there is none, naming what there is instead.
    """
    found = WAYS.get((provider, method, currency))
    if found is not None:
        return found
    providers = {one for one, _, _ in WAYS}
    if provider not in providers:
        raise WrongTopUpError(f"provider must be one of {_listed(providers)}")
    methods = {way for one, way, _ in WAYS if one == provider}
    if method not in methods:
        raise WrongTopUpError(f"method must be one of {_listed(methods)} with {provider}")
    currencies = {unit for one, way, unit in WAYS if (one, way) == (provider, method)}
    detail = f"currency must be one of {_listed(currencies)} with {provider} by {method}"
    raise WrongTopUpError(detail)


def require_amount_of(way: Way, amount: int, currency: str) -> None:
    """Go on only with an amount that can be paid this way.

    Raises:
        WrongTopUpError: If it can't.
    """
    if not way.least <= amount <= way.most:
        detail = f"amount must be from {way.least} to {way.most} hundredths of {currency}"
        raise WrongTopUpError(detail)
    if currency == "TZS" and amount % SHILLING:
        raise WrongTopUpError("amount must be whole shillings: divisible by 100 hundredths")


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))
