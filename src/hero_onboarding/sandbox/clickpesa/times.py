"""Instants and days, as the wire spells them."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final, Literal

from hero_onboarding.sandbox.clickpesa.failures import invalid

Zone = Literal["utc", "eat"]
EAT: Final = timezone(timedelta(hours=3), "EAT")
_DAY: Final = re.compile(r"(?:(\d{4})-(\d\d)-(\d\d)|(\d\d)-(\d\d)-(\d{4}))")


def spell_time(moment: datetime) -> str:
    """Spell an instant in ISO 8601 with milliseconds and ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def day_of(moment: datetime, zone: Zone) -> date:
    """Say on which day an instant falls."""
    return moment.astimezone(EAT if zone == "eat" else UTC).date()


def read_day(text: str, name: str) -> date:
    """Read ``YYYY-MM-DD`` or ``DD-MM-YYYY``.

    Raises:
        ClickPesaAnswerError: If it is neither.
    """
    match = _DAY.fullmatch(text)
    parts = (match[1], match[2], match[3]) if match and match[1] else ()
    if match and not parts:
        parts = (match[6], match[5], match[4])
    try:
        year, month, day = (int(part) for part in parts)
        return date(year, month, day)
    except ValueError:
        raise invalid(f"{name} must be YYYY-MM-DD or DD-MM-YYYY") from None
