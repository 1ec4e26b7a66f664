"""Failures of asking too often."""

from hero_onboarding.kernel.errors import RefusedError
from hero_onboarding.kernel.overriding import override


class TooManyError(RefusedError):
    """Somebody asked more often than is allowed.

    Attributes:
        retry_after_seconds: When asking again may be answered.
    """

    code = "request.too_many"

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(retry_after_seconds)
        self.retry_after_seconds = retry_after_seconds

    @override
    def __str__(self) -> str:
        """Say when to come again."""
        return f"this was asked for too often; try again in {self.retry_after_seconds} s"
