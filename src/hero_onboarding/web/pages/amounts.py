"""Amounts as people type them."""

import re
from typing import Final

_TYPED: Final = re.compile(r"([0-9]{1,6})(?:[.,]([0-9]{1,2}))?")


def cents_of(typed: str) -> int | None:
    """Read an amount, in hundredths; decimals after a point or a comma. None for anything else."""
    found = _TYPED.fullmatch(typed.strip())
    if found is None or not found[0].isascii():
        return None
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def typed_of(cents: int) -> str:
    """Write an amount in hundredths as people type it, without decimals where there are none."""
    whole, rest = divmod(cents, 100)
    return f"{whole}.{rest:02d}" if rest else str(whole)
