"""Failures about users."""

from hero_onboarding.kernel.errors import ConflictError, InvalidInputError


class SidTakenError(ConflictError):
    """A user with this sid exists and is called otherwise."""

    code = "identity.sid_taken"


class WrongSidError(InvalidInputError):
    """A sid has another form, or is reserved."""

    code = "identity.wrong_sid"


class WrongNameError(InvalidInputError):
    """A name is too long or can't be printed."""

    code = "identity.wrong_name"
