"""What may be recorded, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from hero_onboarding.kernel.clock import unix_seconds
from hero_onboarding.otoml import BYTES_MAX
from hero_onboarding.usage.errors import WrongRecordError
from hero_onboarding_schema import UsageRecord, WrongFieldError, refusal_of_charge

AHEAD_SECONDS_MAX: Final = 600


class Outcome(StrEnum):
    """What became of a record that was sent in."""

    CREATED = "created"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    INVALID = "invalid"
    BUCKET_FULL = "bucket_full"


@dataclass(frozen=True, slots=True)
class Intake:
    """What this server takes: any node's records, or only those of ``only_node``."""

    only_node: str | None = None
    bucket_bytes_max: int = BYTES_MAX


class Bucket(NamedTuple):
    """One node's hour; ``hour`` counts UTC hours since 1970."""

    node_id: str
    hour: int


@dataclass(frozen=True, slots=True)
class ChangedBucket:
    """A bucket, its size in bytes, and the value its counter of changes had when it was read."""

    bucket: Bucket
    changes: int
    size: int


@dataclass(frozen=True, slots=True)
class ChargeRight:
    """Says that a node may charge a user, up to a cap for each hour of use.

    None means any node, any user, or no cap; the cap is in micro-dollars.
    """

    node_id: str | None
    user_sid: str | None
    micros_per_hour: int | None
    number: int = 0

    def covers(self, node_id: str, user_sid: str) -> bool:
        """Whether it speaks of this node and this user."""
        return self.node_id in {None, node_id} and self.user_sid in {None, user_sid}


def require_recordable(record: UsageRecord, intake: Intake, now: datetime) -> None:
    """Refuse what this server must not take, whatever its form.

    Raises:
        WrongRecordError: If the record is another node's, lies in the future, corrects another
            or has a negative amount.
    """
    refused = refusal_of_charge(record) or _refusal_here(record, intake, now)
    if refused is not None:
        raise WrongRecordError(refused.field, refused.reason)


def _refusal_here(record: UsageRecord, intake: Intake, now: datetime) -> WrongFieldError | None:
    if intake.only_node is not None and record.node_id != intake.only_node:
        return WrongFieldError("node_id", f"is not this node, which is {intake.only_node}")
    if record.occurred_at > unix_seconds(now) + AHEAD_SECONDS_MAX:
        return WrongFieldError("occurred_at", "is more than 10 minutes ahead of the clock")
    return None


def cap_of(rights: Sequence[ChargeRight], node: str, sid: str) -> int | None:
    """Return how many micro-dollars an hour a node may charge a user; -1 without any right.

    Of several rights that cover the two the most generous counts; None means no cap.
    """
    caps = [right.micros_per_hour for right in rights if right.covers(node, sid)]
    if None in caps:
        return None
    return max((cap for cap in caps if cap is not None), default=-1)
