"""Failures about e-mail addresses of users; none of them repeats an address."""

from hero_onboarding.kernel.errors import ConflictError
from hero_onboarding.kernel.overriding import override


class AlreadyVerifiedError(ConflictError):
    """A user claims an address that is theirs already."""

    code = "contacts.already_verified"

    @override
    def __str__(self) -> str:
        """Say so."""
        return "this address is verified already"
