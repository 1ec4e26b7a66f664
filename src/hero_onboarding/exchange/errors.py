"""Failures of rates."""

from hero_onboarding.kernel.errors import InvalidInputError, UnavailableError
from hero_onboarding.kernel.overriding import override


class WrongRateError(InvalidInputError):
    """A rate, its margin or its currency can't be."""

    code = "exchange.wrong_rate"


class NoRateError(UnavailableError):
    """No rate of a currency is published that is young enough to go by."""

    code = "exchange.no_rate"

    @override
    def __str__(self) -> str:
        """Say which currency it is and what an operator does."""
        currency = self.args[0]
        return (
            f"there is no present rate for {currency}; have the provider's count with"
            " hero_onboarding payments rates follow, or set one with"
            " hero_onboarding payments rates set"
        )
