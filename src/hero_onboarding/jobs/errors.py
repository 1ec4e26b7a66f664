"""Failures of durable work."""

from hero_onboarding.kernel.errors import ConflictError
from hero_onboarding.kernel.overriding import override


class LeaseLostError(ConflictError):
    """Another worker took a job over; whatever this one did must not be kept.

    Attributes:
        kind: What kind of job.
        key: Which of them.
    """

    code = "jobs.lease_lost"

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(kind, key)
        self.kind = kind
        self.key = key

    @override
    def __str__(self) -> str:
        """Say which job it was."""
        return f"another worker took the job {self.kind} of {self.key!r} over"
