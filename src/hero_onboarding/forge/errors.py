"""Failures of a git forge."""

from hero_onboarding.kernel.errors import (
    ConflictError,
    InvalidInputError,
    RefusedError,
    UnavailableError,
    UpstreamError,
)


class ForgeUnavailableError(UnavailableError):
    """The forge can't be reached, is overloaded, or did not answer in time."""

    code = "forge.unavailable"


class ForgeRefusedError(RefusedError):
    """The forge does not let us: token, permission, size, archive, missing repository.

    Attributes:
        is_too_large: Whether less at once might be taken.
    """

    code = "forge.refused"

    def __init__(self, message: str, *, is_too_large: bool = False) -> None:
        super().__init__(message)
        self.is_too_large = is_too_large


class ForgeAnswerError(UpstreamError):
    """The forge answered what makes no sense, or bytes that are not what their id says."""

    code = "forge.answer"


class ForgeMovedError(ConflictError):
    """Somebody else wrote first: look again, merge, write again."""

    code = "forge.moved"


class ForgeInputError(InvalidInputError):
    """What we were told to ask of the forge is malformed: an address, a branch, a path, a name."""

    code = "forge.input"
