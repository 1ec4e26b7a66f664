"""Failures of pushing and aggregating."""

from hero_onboarding.kernel.errors import ConflictError, UnavailableError
from hero_onboarding.kernel.overriding import override


class RepositoryTakenOverError(ConflictError):
    """Another worker took a repository over; what this one did is not kept.

    Attributes:
        repository: Which.
    """

    code = "aggregation.taken_over"

    def __init__(self, repository: str) -> None:
        super().__init__(repository)
        self.repository = repository

    @override
    def __str__(self) -> str:
        """Say which one, and that nothing is lost."""
        return f"another worker took {self.repository} over and goes on with it"


class RepositoryBusyError(UnavailableError):
    """Another worker has been reading a repository for too long to wait for it.

    Attributes:
        repository: Which.
    """

    code = "aggregation.busy"

    def __init__(self, repository: str) -> None:
        super().__init__(repository)
        self.repository = repository

    @override
    def __str__(self) -> str:
        """Say which one, and what to do."""
        return f"another worker is still reading {self.repository}; try again later"
