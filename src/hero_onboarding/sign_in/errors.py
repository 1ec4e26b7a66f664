"""Failures of signing in."""

from hero_onboarding.kernel.errors import (
    ConflictError,
    InvalidInputError,
    RefusedError,
    UnavailableError,
)
from hero_onboarding.kernel.overriding import override


class WrongClaimError(InvalidInputError):
    """An address was claimed with a key that has another."""

    code = "sign_in.wrong_claim"

    @override
    def __str__(self) -> str:
        """Say what does not fit."""
        return "this public key has another address than the one that is claimed"


class WrongPurposeError(InvalidInputError):
    """A purpose is none that there is, or not the attempt's."""

    code = "sign_in.wrong_purpose"

    @override
    def __str__(self) -> str:
        """Say which there are, and where."""
        return "the purpose is login; link and rotate are asked for by an attempt"


class NotProvedError(RefusedError):
    """Nothing was proved: the one answer to everything that is unknown, over, used or wrong."""

    code = "sign_in.not_proved"

    @override
    def __str__(self) -> str:
        """Say what to do, and nothing about why."""
        return "this sign-in is not valid or not valid any more; start again"


class CrowdedError(UnavailableError):
    """So many challenges wait for an answer that no more are opened."""

    code = "sign_in.crowded"

    @override
    def __str__(self) -> str:
        """Say when to come again."""
        return "too many people sign in just now; try again in a minute"


class NodeNotFoundError(UnavailableError):
    """The overlay network does not find an address."""

    code = "sign_in.node_not_found"

    @override
    def __str__(self) -> str:
        """Say what did not come."""
        return "the network has not found this address yet; it is tried again"


class SessionLimitedError(RefusedError):
    """A session that somebody else may have started asks for what only a full one may do."""

    code = "sign_in.session_limited"

    @override
    def __str__(self) -> str:
        """Say what would make it a full one."""
        return (
            "this sign-in was approved with a code, so it may look and pay only for its first 24"
            " hours; sign in with the command or a passkey to do more"
        )


class AddressTakenError(ConflictError):
    """An address that is to be linked belongs to somebody, or did."""

    code = "sign_in.address_taken"

    @override
    def __str__(self) -> str:
        """Say what can't be."""
        return "this address belongs to an account already"
