"""A short cut for files in our own form: one pattern reads and checks a whole record."""

import re
from collections.abc import Sequence
from typing import Final

from hero_onboarding_schema import (
    AMOUNT_CENTS_MAX,
    INT64_MAX,
    INT64_MIN,
    KIND_FORM,
    NODE_FORM,
    SID_FORM,
    OTime,
    OTimeError,
    UsageRecord,
)

_CALENDAR = "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}"
# Keys and labels without anything that is escaped; a decoded text holds no surrogates.
_KEY = r'[^"\\\u0000-\u001f\u007f-\u009f\u2028\u2029]{1,200}'
_LABEL = r'[^"\\\u0000-\u001f\u007f]{1,64}'
_RECORD: Final = re.compile(
    rf"""\[\[records\]\]
node_id = "({NODE_FORM})"
user_sid = "({SID_FORM})"
amount_cents = (0|[1-9][0-9]{{0,9}})
resource_kind = "({KIND_FORM})"
idempotency_key = "({_KEY})"
occurred_at = "({_CALENDAR})"
(?:quantity = (0|-?[1-9][0-9]{{0,18}})
)?(?:unit = "({_LABEL})"
)?(?:begins_at = "({_CALENDAR})"
)?(?:ends_at = "({_CALENDAR})"
)?(?:assignment = "({_LABEL})"
)?(?:corrects = "({_KEY})"
)?(?:\n(?=\[)|\Z)"""
)


def read_plain(text: str) -> Sequence[UsageRecord] | None:
    """Read a file of nothing but well-formed records as we write them.

    Returns None, which says nothing about the file, as soon as something is not as simple as
    that: an escape, an unknown key, another order, a wrong field.
    """
    records: list[UsageRecord] = []
    position, end = 0, len(text)
    while position < end:
        match = _RECORD.match(text, position)
        record = None if match is None else _read(match)
        if match is None or record is None:
            return None
        records.append(record)
        position = match.end()
    return records or None


def _read(match: re.Match[str]) -> UsageRecord | None:
    """Make a record of one match, None if a number or a time is out of its range."""
    node_id, user_sid, amount_text, resource_kind, idempotency_key, occurred_at, *optional = (
        match.groups()
    )
    quantity_text, unit, begins_at, ends_at, assignment, corrects = optional
    amount_cents = int(amount_text)
    quantity = None if quantity_text is None else int(quantity_text)
    if amount_cents > AMOUNT_CENTS_MAX or not INT64_MIN <= (quantity or 0) <= INT64_MAX:
        return None
    try:
        return UsageRecord(
            node_id=node_id,
            user_sid=user_sid,
            amount_cents=amount_cents,
            resource_kind=resource_kind,
            idempotency_key=idempotency_key,
            occurred_at=OTime.parse(occurred_at),
            quantity=quantity,
            unit=unit,
            begins_at=None if begins_at is None else OTime.parse(begins_at),
            ends_at=None if ends_at is None else OTime.parse(ends_at),
            assignment=assignment,
            corrects=corrects,
        )
    except OTimeError:
        return None
