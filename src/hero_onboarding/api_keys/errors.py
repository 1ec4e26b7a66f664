"""Failures about API keys."""

from hero_onboarding.kernel.errors import InvalidInputError, NotFoundError, RefusedError
from hero_onboarding.kernel.overriding import override


class WrongKeyRequestError(InvalidInputError):
    """A key can't be made like this: label, scopes, whom it is for, or how long."""

    code = "api_keys.wrong"


class KeyNotFoundError(NotFoundError):
    """No key has this id."""

    code = "api_keys.not_found"

    @override
    def __str__(self) -> str:
        """Say which id it was."""
        return f"there is no key with the id {self.args[0]!r}"


class KeyUserNotFoundError(NotFoundError):
    """A key was to be made for a user who is not there."""

    code = "api_keys.user_not_found"

    @override
    def __str__(self) -> str:
        """Say whose sid it was."""
        return f"there is no user {self.args[0]!r} to make a key for"


class TooManyKeysError(RefusedError):
    """A user has as many keys as there may be."""

    code = "api_keys.too_many"

    @override
    def __str__(self) -> str:
        """Say how many that is."""
        return f"an account has at most {self.args[0]} API keys; revoke one first"
