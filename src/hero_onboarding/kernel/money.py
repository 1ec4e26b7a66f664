"""Whole numbers of the smallest units of an asset; no fraction is ever made."""

import re
from dataclasses import dataclass
from typing import Final, Self

from hero_onboarding.kernel.errors import InvalidInputError
from hero_onboarding.kernel.overriding import override

MICROS_PER_CENT: Final = 10_000
INT64_MAX: Final = 2**63 - 1
_WRITTEN: Final = re.compile(r"([+-]?)([0-9]{1,30})(?:\.([0-9]{1,30}))?")


class InexactAmountError(InvalidInputError):
    """A written amount has more decimals than its asset, or is no number."""

    code = "money.inexact"

    def __init__(self, text: str, asset: "Asset") -> None:
        super().__init__(text, asset)
        self.text = text
        self.asset = asset

    @override
    def __str__(self) -> str:
        """Say which text it was and what would do."""
        return f"{self.text!r} is no amount of {self.asset.code} with {self.asset.scale} decimals"


@dataclass(frozen=True, slots=True)
class Asset:
    """Something that balances are kept of.

    ``scale`` says how finely it is counted: at scale 6, one unit of USD is a millionth of a
    dollar. It can't change once balances exist.
    """

    code: str
    scale: int


USD: Final = Asset("USD", 6)


@dataclass(frozen=True, slots=True)
class Money:
    """A whole number of the smallest units of one asset."""

    units: int
    asset: Asset = USD

    @classmethod
    def parse(cls, text: str, asset: Asset = USD) -> Self:
        """Read a written amount such as ``"12.50"`` without rounding.

        Raises:
            InexactAmountError: If the text is no plain decimal number, is finer than the asset or
                beyond what 64 bits hold.
        """
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise InexactAmountError(text, asset)
        sign, whole, part = found.groups(default="")
        fraction = part.rstrip("0")
        units = int(whole + fraction.ljust(asset.scale, "0"))
        if len(fraction) > asset.scale or units > INT64_MAX:
            raise InexactAmountError(text, asset)
        return cls(-units if sign == "-" else units, asset)

    def text(self, *, decimals: int = 2) -> str:
        """Write the amount with its currency, cut toward zero at ``decimals`` or what it has."""
        shown = min(decimals, self.asset.scale)
        step = 10 ** (self.asset.scale - shown)
        whole, part = divmod(abs(self.units) // step, 10**shown)
        sign = "-" if self.units < 0 and (whole or part) else ""
        fraction = f".{part:0{shown}d}" if shown else ""
        return f"{self.asset.code} {sign}{whole:,}{fraction}"


def micros_from_cents(amount_cents: int) -> int:
    """Turn hundredths of a dollar into micro-dollars, exactly."""
    return amount_cents * MICROS_PER_CENT
