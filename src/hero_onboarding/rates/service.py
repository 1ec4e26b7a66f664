"""Count what somebody asks for, and refuse what is too much."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from limits import parse
from limits.strategies import FixedWindowRateLimiter

from hero_onboarding.database import Transaction
from hero_onboarding.rates.counters import Counters
from hero_onboarding.rates.errors import TooManyError


@dataclass(frozen=True, slots=True)
class Limit:
    """How often something may be asked for.

    Attributes:
        name: What is counted, such as ``challenge``.
        rate: A rate as the ``limits`` library writes it, such as ``10/minute``.
    """

    name: str
    rate: str


def count(tx: Transaction, hits: Sequence[tuple[Limit, str]], now: datetime) -> TooManyError | None:
    """Count one request against each of its limits, and return what is wrong if it is too much.

    The failure is returned so that what was counted is committed. Callers name limits in one
    order, so that requests at once wait for each other in one order too.
    """
    counters = Counters(tx, now)
    counters.sweep()
    limiter = FixedWindowRateLimiter(counters)
    waits = [_hit(limiter, limit, who, now) for limit, who in hits]
    return TooManyError(max(waits)) if any(waits) else None


def _hit(limiter: FixedWindowRateLimiter, limit: Limit, who: str, now: datetime) -> int:
    """Count one and return how many seconds to wait when it was too much, else 0."""
    rate = parse(limit.rate)
    if limiter.hit(rate, limit.name, who):
        return 0
    ends = limiter.get_window_stats(rate, limit.name, who).reset_time
    return max(ceil(ends - now.timestamp()), 1)
