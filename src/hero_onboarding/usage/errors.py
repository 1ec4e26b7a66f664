"""Failures about usage records."""

from typing import Final

from hero_onboarding.kernel.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    UnavailableError,
)
from hero_onboarding.kernel.overriding import override

_SHOWN_CHARACTERS: Final = 80


class WrongRecordError(InvalidInputError):
    """A record has a wrong field.

    Attributes:
        field: Its name.
        reason: What is wrong with it.
    """

    code = "usage.wrong_record"

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason

    @override
    def __str__(self) -> str:
        """Say which field is wrong and how."""
        return f"{self.field} {self.reason}"


class KeyConflictError(ConflictError):
    """A record with this key came before with other content; the first stays."""

    code = "usage.key_conflict"


class BucketFullError(RefusedError):
    """The record would take its hour's file over the size cap."""

    code = "usage.bucket_full"


class IngestBusyError(UnavailableError):
    """More records wait for the disk than may; send again later."""

    code = "usage.busy"


class TooManyRecordsError(RefusedError):
    """A batch has more records or bytes than one request may carry."""

    code = "usage.batch_too_large"


class RightNotFoundError(NotFoundError):
    """No right to charge has this number."""

    code = "usage.right_not_found"

    @override
    def __str__(self) -> str:
        """Say which number it was."""
        return f"there is no right with the number {self.args[0][:_SHOWN_CHARACTERS]}"


class WrongRightError(InvalidInputError):
    """A right to charge names no node, user or cap that could exist."""

    code = "usage.wrong_right"
