"""Failures about users."""

from typing_extensions import override

from hero_onboarding.kernel.errors import ConflictError, InvalidInputError


class SidTakenError(ConflictError):
    """A user with this sid exists and is called otherwise."""

    code = "identity.sid_taken"

    @override
    def __str__(self) -> str:
        """Say whose sid it is."""
        return f"the user {self.args[0]!r} exists and has another name"


class WrongSidError(InvalidInputError):
    """A sid has another form, or is reserved."""

    code = "identity.wrong_sid"


class WrongNameError(InvalidInputError):
    """A name is too long or can't be printed."""

    code = "identity.wrong_name"
