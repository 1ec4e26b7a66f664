"""Failures of the sandbox itself, as opposed to those that it acts out."""

from hero_onboarding.kernel.errors import (
    InvalidInputError,
    NotFoundError,
    RefusedError,
    UnavailableError,
)
from hero_onboarding.kernel.overriding import override


class NotLoopbackError(RefusedError):
    """Somebody asked the sandbox to listen where others could reach it.

    Attributes:
        address: What was asked for.
    """

    code = "sandbox.not_loopback"

    def __init__(self, address: str) -> None:
        super().__init__(f"the sandbox listens on loopback only, not on {address!r}")
        self.address = address


class ClockBackwardsError(InvalidInputError):
    """The test clock goes forward only."""

    code = "sandbox.clock_backwards"


class BadOrderError(InvalidInputError):
    """The control room was told something that makes no sense; nothing is changed."""

    code = "sandbox.bad_order"


class NothingThereError(NotFoundError):
    """The control room was told to do something to what is not there."""

    code = "sandbox.nothing_there"


class DroppedError(UnavailableError):
    """The connection is to be cut without an answer."""

    code = "sandbox.dropped"

    @override
    def __str__(self) -> str:
        """Say what happens."""
        return "the sandbox cuts this connection because a fault says so; ask again"
