"""What a job is, and how long a failed one waits."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

LEASE_SECONDS: Final = 120
BACKOFF_SECONDS_MIN: Final = 1.0
BACKOFF_SECONDS_MAX: Final = 600.0
ATTEMPTS_MAX: Final = 12


@dataclass(frozen=True, slots=True)
class Job:
    """Work to do once or more from ``due_at`` on.

    A second job of the same kind and key is not enqueued while the first waits or runs.
    ``partition`` groups jobs of which only so many may run at once.
    """

    kind: str
    key: str
    due_at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)
    partition: str = ""


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job that this worker may do until its lease ends; ``epoch`` proves the claim."""

    number: int
    kind: str
    key: str
    payload: Mapping[str, Any]
    attempts: int
    epoch: int


@dataclass(frozen=True, slots=True)
class JobCounts:
    """How many jobs wait, run, are done, and were given up."""

    waiting: int
    running: int
    done: int
    dead: int


def backoff_seconds(attempts: int, chance: random.Random) -> float:
    """Draw how long to wait after so many attempts: full jitter under a doubling ceiling."""
    ceiling = min(BACKOFF_SECONDS_MAX, BACKOFF_SECONDS_MIN * 2 ** min(attempts, 20))
    return chance.uniform(0, ceiling)
