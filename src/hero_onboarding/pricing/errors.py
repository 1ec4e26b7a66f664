"""Failures about prices."""

from hero_onboarding.kernel.errors import InvalidInputError


class WrongPriceError(InvalidInputError):
    """A price is none that could be charged."""

    code = "pricing.wrong_price"


class WrongWishError(InvalidInputError):
    """Somebody asks what something costs that no machine has."""

    code = "pricing.wrong_wish"
