"""From records to the bytes of a bucket file, the same bytes for the same records."""

import re
from collections.abc import Iterable
from hashlib import sha1
from typing import Final

from hero_onboarding_schema import OPTIONAL_FIELDS, Extra, OTime, UsageRecord

_EMPTY: Final = b"records = []\n"
_SPECIAL = re.compile(r'["\\\x00-\x1f\x7f]')
_ESCAPES: Final = {
    **{code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F)},
    ord("\b"): "\\b",
    ord("\t"): "\\t",
    ord("\n"): "\\n",
    ord("\f"): "\\f",
    ord("\r"): "\\r",
    ord('"'): '\\"',
    ord("\\"): "\\\\",
}


def encode_batch(records: Iterable[UsageRecord]) -> bytes:
    """Write a bucket file, byte for byte as section 4 of the contract says.

    Records are ordered by time and, within a second, by key in order of code points. The caller
    sees to it that no key comes twice.
    """
    blocks = [(record.occurred_at, record.idempotency_key, _block(record)) for record in records]
    blocks.sort()
    return "\n".join([block for _, _, block in blocks]).encode() or _EMPTY


def encoded_size(record: UsageRecord) -> int:
    """Count the bytes that a record adds to a file, with the empty line that parts it.

    A file of one or more records has the sum of their sizes less 1, for the first has no empty
    line before it.
    """
    key = record.idempotency_key
    if not (record.is_bare and key.isascii()) or _SPECIAL.search(key) is not None:
        return len(_block(record).encode()) + 1
    values = len(record.node_id) + len(record.user_sid) + len(record.resource_kind) + len(key)
    return _BARE_BYTES + values + len(str(record.amount_cents))


def blob_id(data: bytes) -> str:
    """Return the id that git gives to a file of these bytes, in a SHA-1 repository."""
    return sha1(b"blob %d\0%b" % (len(data), data), usedforsecurity=False).hexdigest()


def _block(record: UsageRecord) -> str:
    """Write one table, its last line ended."""
    key = record.idempotency_key
    if _SPECIAL.search(key) is not None:
        key = key.translate(_ESCAPES)
    required = (
        f'[[records]]\nnode_id = "{record.node_id}"\nuser_sid = "{record.user_sid}"\n'
        f'amount_cents = {record.amount_cents}\nresource_kind = "{record.resource_kind}"\n'
        f'idempotency_key = "{key}"\noccurred_at = "{record.occurred_at.text}"\n'
    )
    return required + _other_lines(record)


def _other_lines(record: UsageRecord) -> str:
    if record.is_bare:
        return ""
    lines = []
    if record.quantity is not None:
        lines.append(f"quantity = {record.quantity}\n")
    if record.unit is not None:
        lines.append(f"unit = {_string(record.unit)}\n")
    if record.begins_at is not None:
        lines.append(f'begins_at = "{record.begins_at.text}"\n')
    if record.ends_at is not None:
        lines.append(f'ends_at = "{record.ends_at.text}"\n')
    if record.assignment is not None:
        lines.append(f"assignment = {_string(record.assignment)}\n")
    if record.corrects is not None:
        lines.append(f"corrects = {_string(record.corrects)}\n")
    lines.extend(f"{name} = {_extra(record.extras[name])}\n" for name in sorted(record.extras))
    return "".join(lines)


def _string(text: str) -> str:
    if _SPECIAL.search(text) is None:
        return f'"{text}"'
    return f'"{text.translate(_ESCAPES)}"'


def _extra(value: Extra) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _string(value) if isinstance(value, str) else str(value)


_BARE: Final = UsageRecord(
    node_id="",
    user_sid="",
    amount_cents=0,
    resource_kind="",
    idempotency_key="",
    occurred_at=OTime(0),
)
_BARE_BYTES: Final = len(_block(_BARE)) - len("0") + 1
assert len(OPTIONAL_FIELDS) == 6, OPTIONAL_FIELDS  # noqa: PLR2004 - _other_lines writes six
