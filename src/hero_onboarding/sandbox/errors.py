"""Failures of the sandbox itself, as opposed to those that it acts out."""

from hero_onboarding.kernel.errors import InvalidInputError, RefusedError


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
