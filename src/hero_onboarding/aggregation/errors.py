"""Failures of pushing and aggregating."""

from hero_onboarding.kernel.errors import ConflictError, UnavailableError


class RepositoryTakenOverError(ConflictError):
    """Another worker took this repository over; what this one did is not kept."""

    code = "aggregation.taken_over"


class RepositoryBusyError(UnavailableError):
    """Another worker has been reading this repository for too long to wait for it."""

    code = "aggregation.busy"
