"""Time, handed in rather than taken."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Says what time it is, to everyone the same."""

    def now(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the machine's present instant in UTC."""
        return datetime.now(tz=UTC)  # noqa: TID251 - this is the Clock


def unix_seconds(moment: datetime) -> int:
    """Count whole seconds since 1970 of an aware instant, rounded down."""
    assert moment.tzinfo is not None, moment
    return int(moment.timestamp() // 1)


def from_unix(seconds: int) -> datetime:
    """Turn seconds since 1970 into an aware instant in UTC."""
    return datetime.fromtimestamp(seconds, tz=UTC)
