"""Failures of signing in to other services."""

from hero_onboarding.kernel.errors import InvalidInputError, NotFoundError, UnavailableError
from hero_onboarding.kernel.overriding import override


class WrongClientError(InvalidInputError):
    """A client can't be registered like this: its name, or where it takes its users back."""

    code = "openid.wrong_client"


class ClientNotFoundError(NotFoundError):
    """No client has this id."""

    code = "openid.client_not_found"

    @override
    def __str__(self) -> str:
        """Say which id it was."""
        return f"there is no client with the id {self.args[0]!r}"


class WrongRequestError(InvalidInputError):
    """A service asked in a way that must not be answered by sending the browser anywhere."""

    code = "openid.wrong_request"


class SaltLostError(UnavailableError):
    """What subjects are made with was sealed under a key that this server does not have."""

    code = "openid.salt_lost"

    @override
    def __str__(self) -> str:
        """Say what brings it back."""
        return (
            "the salt of subjects is sealed under another HERO_ONBOARDING_SECRET_KEY: add that one"
            " behind the newest; without it every service would take its users for new ones"
        )
