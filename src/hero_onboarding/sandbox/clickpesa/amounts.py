"""Amounts, as the wire spells them: text here, numbers there."""

import re
from decimal import Decimal
from typing import Final

from hero_onboarding.sandbox.clickpesa.failures import invalid

WRONG_BY: Final = 100
_AMOUNT: Final = re.compile(r"\d{1,12}(\.\d{1,2})?")
_NAMES: Final = frozenset(
    {"amount", "balance", "billAmount", "closingBalance", "collectedAmount", "fee", "rate"}
)


def read_amount(text: str, name: str = "amount") -> Decimal:
    """Read an amount that is sent as text.

    Raises:
        ClickPesaAnswerError: If it is no positive number with at most two decimals.
    """
    if not _AMOUNT.fullmatch(text) or not Decimal(text):
        raise invalid(f"{name} must be a positive number in a string")
    return Decimal(text)


def as_text(amount: Decimal) -> str:
    """Spell an amount as text, whole ones without a decimal point."""
    return str(int(amount)) if amount == int(amount) else f"{amount:f}"


def as_number(amount: Decimal) -> int | float:
    """Give an amount as a number of JSON."""
    return int(amount) if amount == int(amount) else float(amount)


def with_wrong_amounts(value: object, name: str = "") -> object:
    """Copy a value with every amount in it raised."""
    if isinstance(value, dict):
        return {inner: with_wrong_amounts(held, inner) for inner, held in value.items()}
    if isinstance(value, list):
        return [with_wrong_amounts(held, name) for held in value]
    if name not in _NAMES or isinstance(value, bool):
        return value
    if isinstance(value, str) and _AMOUNT.fullmatch(value):
        return as_text(Decimal(value) + WRONG_BY)
    return value + WRONG_BY if isinstance(value, int | float) else value
