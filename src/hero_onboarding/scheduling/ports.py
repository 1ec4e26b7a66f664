"""The seam to whatever runs an action again and again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hero_onboarding.kernel.errors import UnavailableError


class SchedulerError(UnavailableError):
    """A schedule could not be written, verified or started."""

    code = "scheduling.failed"


@dataclass(frozen=True, slots=True)
class Action:
    """Something that runs every ``interval_ms`` milliseconds, counted from 1970.

    ``jobs`` are the kinds of job that one run enqueues, in order.
    """

    name: str
    interval_ms: int
    jobs: tuple[str, ...]

    def slot_of(self, unix_seconds: int) -> int:
        """Return the number of the interval that an instant lies in."""
        return unix_seconds * 1000 // self.interval_ms


class Scheduler(Protocol):
    """Runs actions by time; registering twice is registering once."""

    def register(self, action: Action) -> None:
        """Begin to run an action.

        Raises:
            SchedulerError: If the schedule can't be written or is not valid.
        """
        ...

    def unregister(self, name: str) -> None:
        """Stop running an action; unknown names do nothing."""
        ...

    def list_actions(self) -> Sequence[str]:
        """Return the names of the registered actions."""
        ...
