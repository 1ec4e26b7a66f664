"""Failures about passkeys."""

from hero_onboarding.kernel.errors import ConflictError, InvalidInputError, UnavailableError
from hero_onboarding.kernel.overriding import override


class WrongLabelError(InvalidInputError):
    """A passkey's name is missing, too long, or can't be printed."""

    code = "passkeys.wrong_label"

    @override
    def __str__(self) -> str:
        """Say what a name has."""
        return "a passkey's name has 1 to 60 printable characters"


class CrowdedPasskeysError(UnavailableError):
    """So many browsers were asked to sign that no more are."""

    code = "passkeys.crowded"

    @override
    def __str__(self) -> str:
        """Say when to come again."""
        return "too many people use a passkey just now; try again in a minute"


class TooManyPasskeysError(ConflictError):
    """A user has as many passkeys as one may."""

    code = "passkeys.too_many"

    @override
    def __str__(self) -> str:
        """Say what to do."""
        return "an account has at most 20 passkeys; remove one first"
