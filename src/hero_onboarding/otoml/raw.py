"""A name for the content of a table that is no well-formed record."""

from datetime import date, datetime, time
from hashlib import blake2b
from typing import Final

_DIGEST_BYTES: Final = 16


def raw_digest(table: object) -> bytes:
    """Digest a parsed TOML value in 16 bytes: the same for the same content in any key order."""
    return blake2b(_described(table).encode(), digest_size=_DIGEST_BYTES).digest()


def _described(value: object) -> str:
    """Write a value so that different values, and values of different types, differ."""
    if isinstance(value, dict):
        items = (f"{name!a}:{_described(value[name])}" for name in sorted(value))
        return "{" + ",".join(items) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_described, value)) + "]"
    if isinstance(value, datetime | date | time):
        return f"{type(value).__name__}({value.isoformat()})"
    # Escapes do not depend on which characters this Python's Unicode tables call printable.
    return ascii(value)
