"""What users are told about their money. Pure."""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

from hero_onboarding.payments.errors import WrongAlertError

DEFAULT_THRESHOLD: Final = 5_000_000
ALERT_THRESHOLDS: Final = (10_000, 10_000_000_000)
"""Micro-dollars: five dollars unless a user says otherwise, from a cent to 10,000 dollars."""


class Topic(StrEnum):
    """What there is to be told."""

    LOW = "low"
    PAUSED = "paused"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class Telling:
    """Something that a user is told once.

    Attributes:
        key: A second telling with the same key is not written.
        amount: In micro-dollars: the limit that was fallen below, or what was to be charged.
        card: The card that it is about, in words that need no translation.
    """

    user_sid: str
    topic: Topic
    key: str
    amount: int
    card: str = ""

    @property
    def payload(self) -> dict[str, Any]:
        """Write it for a job."""
        return asdict(self)

    @classmethod
    def of(cls, payload: dict[str, Any]) -> Self:
        """Read it from a job."""
        return cls(**{**payload, "topic": Topic(payload["topic"])})


@dataclass(frozen=True, slots=True)
class Alert:
    """When a user wants to be told of a low balance; ``threshold`` is in micro-dollars."""

    user_sid: str
    threshold: int = DEFAULT_THRESHOLD
    is_on: bool = True
    is_low: bool = False
    changed_at: datetime | None = None


def require_threshold(threshold: int) -> None:
    """Refuse thresholds that tell nothing.

    Raises:
        WrongAlertError: If it is out of range.
    """
    least, most = ALERT_THRESHOLDS
    if not least <= threshold <= most:
        detail = f"threshold must be from {least} to {most} micro-dollars"
        raise WrongAlertError(detail)
