"""What a pass counts, and why a record is not billed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

RECORDS_TOGETHER: Final = 5_000
REFUSALS_KEPT_MAX: Final = 1_000


class Reason(StrEnum):
    """Why a record or file is in quarantine; documented in ``docs/quarantine.md``."""

    UNKNOWN_USER = "unknown_user"
    NO_RIGHT = "no_right"
    OVER_CAP = "over_cap"
    IN_FUTURE = "in_future"
    WRONG_FIELD = "wrong_field"
    WRONG_NODE = "wrong_node"
    WRONG_HOUR = "wrong_hour"
    FILE_REFUSED = "file_refused"
    TOO_MANY_REFUSED = "too_many_refused"

    @property
    def is_retriable(self) -> bool:
        """Whether time or an operator can make the record billable."""
        return self in _RETRIABLE


_RETRIABLE: Final = frozenset(
    {Reason.UNKNOWN_USER, Reason.NO_RIGHT, Reason.OVER_CAP, Reason.IN_FUTURE}
)


@dataclass(slots=True)
class PassCounts:
    """What one pass over all repositories did.

    ``repositories`` were looked at, of which ``unchanged`` had the same head as before and
    ``failures`` could not be read to the end.
    """

    repositories: int = 0
    files_read: int = 0
    records_new: int = 0
    records_quarantined: int = 0
    transfers: int = 0
    unchanged: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """One equation of the books: two sums made in different ways, in micro-dollars or counts."""

    name: str
    ok: bool
    left: int
    right: int
    detail: Mapping[str, object]
