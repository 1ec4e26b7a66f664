"""Rates as whole numbers with a scale, and what an amount is worth by them. Pure.

A rate is how much of a currency one dollar is, counted in millionths: 2,550 shillings for a dollar
are 2,550,000,000.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hero_onboarding.exchange.errors import WrongRateError

SCALE: Final = 6
DOLLAR: Final = 10**SCALE
"""How many units of a rate are one of its currency for a dollar."""

RATE_MAX: Final = 10**9 * DOLLAR
BASIS_POINTS: Final = 10_000
MARGIN_BASIS_POINTS_MAX: Final = 2_000
_HUNDREDTHS: Final = 100
_MICROS: Final = 1_000_000
_WRITTEN: Final = re.compile(r"([0-9]{1,10})(?:\.([0-9]{1,6}))?")


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate that was published: sourced, dated, and with the margin that we take.

    Attributes:
        number: Counts published rates; a later one of the same currency takes its place.
        source: Who said so: ``operator``, or the name of a provider.
        mid: What a dollar is, without margin.
        margin: What we take on top, in hundredths of a percent.
        published_at: From when on it counts.
    """

    number: int
    currency: str
    source: str
    mid: int
    margin: int
    published_at: datetime

    @property
    def applied(self) -> int:
        """What somebody pays for a dollar, the margin included."""
        return applied_rate(self.mid, self.margin)


def applied_rate(mid: int, margin: int) -> int:
    """Add a margin to a rate, rounded up to a millionth."""
    return -(-mid * (BASIS_POINTS + margin) // BASIS_POINTS)


def micros_of(hundredths: int, applied: int) -> int:
    """Return what hundredths of a currency are worth in micro-dollars, rounded down."""
    assert hundredths >= 0, hundredths
    assert applied > 0, applied
    return hundredths * _MICROS * DOLLAR // (_HUNDREDTHS * applied)


def read_rate(text: str) -> int:
    """Read a rate as people write it, such as ``2550`` or ``2510.5``.

    Raises:
        WrongRateError: If it is no such number, finer than a millionth, or absurd.
    """
    found = _WRITTEN.fullmatch(text) if text.isascii() else None
    rate = 0
    if found is not None:
        rate = int(found[1]) * DOLLAR + int((found[2] or "").ljust(SCALE, "0"))
    require_rate(rate)
    return rate


def write_rate(rate: int) -> str:
    """Write a rate as ``read_rate`` reads it, without zeros at its end."""
    whole, rest = divmod(rate, DOLLAR)
    decimals = f"{rest:0{SCALE}}".rstrip("0")
    return f"{whole}.{decimals}" if decimals else str(whole)


def require_rate(rate: int) -> None:
    """Go on only with a rate that could be.

    Raises:
        WrongRateError: If it is not.
    """
    if not DOLLAR // 100 <= rate <= RATE_MAX:
        raise WrongRateError(
            "a rate is how much of the currency one dollar is: 0.01 to 1000000000, with at most six"
            " decimals"
        )


def require_margin(margin: int) -> None:
    """Go on only with a margin that could be.

    Raises:
        WrongRateError: If it is not.
    """
    if not 0 <= margin <= MARGIN_BASIS_POINTS_MAX:
        detail = f"a margin is 0 to {MARGIN_BASIS_POINTS_MAX} hundredths of a percent"
        raise WrongRateError(detail)
