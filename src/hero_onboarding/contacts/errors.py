"""Failures about e-mail addresses of users; none of them repeats an address."""

from typing_extensions import override

from hero_onboarding.kernel.errors import ConflictError


class AlreadyVerifiedError(ConflictError):
    """A user claims an address that is theirs already."""

    code = "contacts.already_verified"

    @override
    def __str__(self) -> str:
        """Say so."""
        return "this address is verified already"
