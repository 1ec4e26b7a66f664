"""OTime: a 32-bit count of seconds since 1970 in UTC, written as a quoted string."""

import re
from datetime import UTC, datetime, timedelta
from typing import Self

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_MAX = 2**32 - 1
_TEXT = re.compile(
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
    def parse(cls, text: str) -> Self:
        """Read any of the accepted written forms (contract section 4).

        Raises:
            OTimeError: If the text has another form or does not fit 32 bits unsigned.
        """
        if _COUNT.fullmatch(text):
            return cls(int(text))
        match = _TEXT.fullmatch(text)
        if match is None or (match[8] is None and match[4] != " "):
            raise OTimeError("is no time such as 2026-03-01 10:15:00")
        return cls(_seconds(match))

    @property
    def text(self) -> str:
        """The form we write: ``YYYY-MM-DD HH:MM:SS``."""
        return (_EPOCH + timedelta(seconds=int(self))).strftime("%Y-%m-%d %H:%M:%S")

    @property
    def hour(self) -> int:
        """The UTC hour it lies in, counted from 1970."""
        return int(self) // 3600


def _seconds(match: re.Match[str]) -> int:
    """Count the seconds of a matched calendar time; offsets are subtracted."""
    year, month, day, hour, minute, second = (int(match[i]) for i in (1, 2, 3, 5, 6, 7))
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise OTimeError("is no time of the calendar") from None
    seconds = int((moment - _EPOCH).total_seconds())
    offset = match[8]
    if offset is None or offset in "Zz":
        return seconds
    hours, minutes = int(offset[1:3]), int(offset[4:6])
    if hours > 23 or minutes > 59:  # noqa: PLR2004 - the limits of a clock
        raise OTimeError("has an offset that no clock shows")
    shift = hours * 3600 + minutes * 60
    return seconds - shift if offset[0] == "+" else seconds + shift
