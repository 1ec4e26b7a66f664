"""Failures of durable work."""

from hero_onboarding.kernel.errors import ConflictError


class LeaseLostError(ConflictError):
    """Another worker took this job over; whatever this one did must not be kept."""

    code = "jobs.lease_lost"
