"""Whole numbers of the smallest units of an asset; no fraction is ever made."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final, Self

from typing_extensions import override

from hero_onboarding.kernel.errors import InvalidInputError

MICROS_PER_CENT: Final = 10_000
INT64_MAX: Final = 2**63 - 1


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
            InexactAmountError: If the text is no number or is finer than the asset.
        """
        try:
            scaled = Decimal(text).scaleb(asset.scale)
            units = int(scaled)
        except (InvalidOperation, ValueError, OverflowError):
            raise InexactAmountError(text, asset) from None
        if scaled != units or abs(units) > INT64_MAX:
            raise InexactAmountError(text, asset)
        return cls(units, asset)

    def text(self, *, decimals: int = 2) -> str:
        """Write the amount with its currency, cut toward zero at ``decimals``."""
        step = 10 ** (self.asset.scale - decimals)
        whole, part = divmod(abs(self.units) // step, 10**decimals)
        sign = "-" if self.units < 0 and (whole or part) else ""
        fraction = f".{part:0{decimals}d}" if decimals else ""
        return f"{self.asset.code} {sign}{whole:,}{fraction}"


def micros_from_cents(amount_cents: int) -> int:
    """Turn hundredths of a dollar into micro-dollars, exactly."""
    return amount_cents * MICROS_PER_CENT
