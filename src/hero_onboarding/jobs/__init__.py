"""Work that must not be lost: rows in a lease table, on both engines."""

from hero_onboarding.jobs.domain import ClaimedJob, Job, JobCounts
from hero_onboarding.jobs.errors import LeaseLostError
from hero_onboarding.jobs.service import (
    claim_due,
    complete,
    count_jobs,
    elect_slot,
    end_all_leases,
    enqueue,
    give_back,
    is_unbegun,
    list_unbegun,
    newest_slot,
)

__all__ = [
    "ClaimedJob",
    "Job",
    "JobCounts",
    "LeaseLostError",
    "claim_due",
    "complete",
    "count_jobs",
    "elect_slot",
    "end_all_leases",
    "enqueue",
    "give_back",
    "is_unbegun",
    "list_unbegun",
    "newest_slot",
]
