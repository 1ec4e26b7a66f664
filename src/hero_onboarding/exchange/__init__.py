"""What other currencies are worth in dollars: published rates, and the worth of an amount."""

from hero_onboarding.exchange.domain import (
    DOLLAR,
    MARGIN_BASIS_POINTS_MAX,
    Rate,
    applied_rate,
    micros_of,
    read_rate,
    write_rate,
)
from hero_onboarding.exchange.errors import NoRateError, WrongRateError
from hero_onboarding.exchange.ports import RateSource
from hero_onboarding.exchange.service import (
    CURRENCIES,
    OPERATOR,
    RateKeeper,
    find_rate,
    publish_rate,
    rate_at,
    read_published,
)

__all__ = [
    "CURRENCIES",
    "DOLLAR",
    "MARGIN_BASIS_POINTS_MAX",
    "OPERATOR",
    "NoRateError",
    "Rate",
    "RateKeeper",
    "RateSource",
    "WrongRateError",
    "applied_rate",
    "find_rate",
    "micros_of",
    "publish_rate",
    "rate_at",
    "read_published",
    "read_rate",
    "write_rate",
]
