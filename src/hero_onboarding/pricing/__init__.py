"""What capacity costs: a small table that an operator sets, and estimates from it."""

from hero_onboarding.pricing.domain import (
    MEMORY_GB_MAX,
    STORAGE_GB_MAX,
    VCPU_MAX,
    Estimate,
    PriceTable,
    Wanted,
    estimate,
)
from hero_onboarding.pricing.errors import WrongPriceError, WrongWishError
from hero_onboarding.pricing.service import find_prices, set_prices

__all__ = [
    "MEMORY_GB_MAX",
    "STORAGE_GB_MAX",
    "VCPU_MAX",
    "Estimate",
    "PriceTable",
    "Wanted",
    "WrongPriceError",
    "WrongWishError",
    "estimate",
    "find_prices",
    "set_prices",
]
