"""OTime: a 32-bit count of seconds since 1970 in UTC, written as a quoted string."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Self

OTIME_FORM: Final = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?: [0-9]{2}:[0-9]{2}:[0-9]{2}"
    r"|[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[Zz]|[+-][0-9]{2}:[0-9]{2}))|0|[1-9][0-9]{0,9}"
)
"""What a written time looks like, as a regular expression for a whole text."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_MAX = 2**32 - 1
_HOURS_MAX, _MINUTES_MAX = 23, 59
# A file holds one hour, so its times repeat: at most 3,600 texts come again and again.
_KEPT_TEXTS = 2**14
_CALENDAR = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})([Tt ])([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})?",
)
_COUNT = re.compile(r"0|[1-9][0-9]{0,9}")


class OTimeError(ValueError):
    """A text is no time of the contract."""


class OTime(int):
    """Seconds since 1970-01-01 00:00:00 UTC, from 0 to 4,294,967,295.

    An ordinary integer in arithmetic and storage; ``text`` is its only written form.
    """

    __slots__ = ()

    def __new__(cls, seconds: int) -> Self:
        """Wrap a count of seconds.

        Raises:
            OTimeError: If it does not fit 32 bits unsigned.
        """
        if not 0 <= seconds <= _SECONDS_MAX:
            raise OTimeError("does not fit 32 bits of seconds since 1970")
        return super().__new__(cls, seconds)

    @classmethod
    def parse(cls, text: str) -> "OTime":
        """Read any of the accepted written forms.

        These are ``2026-03-01 10:15:00`` in UTC, the same with an offset (``Z`` or ``+01:00``)
        and a space, ``T`` or ``t`` between date and time, and a decimal count of seconds. A
        fraction of a second, a leap second and digits beyond ASCII are refused.

        Raises:
            OTimeError: If the text has another form or does not fit 32 bits unsigned.
        """
        return _parsed(text)

    @property
    def text(self) -> str:
        """The form we write: ``YYYY-MM-DD HH:MM:SS``."""
        return _written(self)

    @property
    def hour(self) -> int:
        """The UTC hour it lies in, counted from 1970."""
        return int(self) // 3600


@lru_cache(maxsize=_KEPT_TEXTS)
def _parsed(text: str) -> OTime:
    if _COUNT.fullmatch(text):
        return OTime(int(text))
    match = _CALENDAR.fullmatch(text)
    if match is None or (match[8] is None and match[4] != " "):
        raise OTimeError("is no time such as 2026-03-01 10:15:00")
    return OTime(_clock_seconds(match) - _offset_seconds(match[8]))


@lru_cache(maxsize=_KEPT_TEXTS)
def _written(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S")


def _clock_seconds(match: re.Match[str]) -> int:
    """Count the seconds that calendar and clock show, before any offset."""
    year, month, day, hour, minute, second = map(int, match.group(1, 2, 3, 5, 6, 7))
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise OTimeError("is no time of the calendar") from None
    return (moment - _EPOCH) // timedelta(seconds=1)


def _offset_seconds(offset: str | None) -> int:
    if offset is None or offset in "Zz":
        return 0
    hours, minutes = int(offset[1:3]), int(offset[4:6])
    if hours > _HOURS_MAX or minutes > _MINUTES_MAX:
        raise OTimeError("has an offset that no clock shows")
    seconds = hours * 3600 + minutes * 60
    return seconds if offset[0] == "+" else -seconds
