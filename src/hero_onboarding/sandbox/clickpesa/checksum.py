"""ClickPesa's checksum, by code of its own (held to the vectors of the scheme)."""

import hmac
import json
import re
from typing import Any, Final, Literal

Reading = Literal["javascript", "python", "php"]
Members = dict[str, Any]

REMOVED: Final = frozenset({"checksum", "checksumMethod"})
_INDEX: Final = re.compile(r"0|[1-9]\d{0,9}")
_EXPONENT: Final = re.compile(r"e([+-])0*(\d+)")
_WHOLE_MAX: Final = 10**21


def canonical_text(value: object, reading: Reading = "javascript") -> str:
    """Spell a JSON value with the keys of every object sorted and no space between.

    ``python`` escapes what is not ASCII and leaves 5000.0 as it is; ``php`` escapes slashes too.
    """
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda item: _rank(item[0], reading))
        spelled = (
            f"{_text(key, reading)}:{canonical_text(held, reading)}" for key, held in members
        )
        return "{" + ",".join(spelled) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical_text(held, reading) for held in value) + "]"
    if isinstance(value, str):
        return _text(value, reading)
    if isinstance(value, float):
        return _number(value, reading)
    return json.dumps(value)


def canonical_digest(members: Members, key: str, reading: Reading = "javascript") -> str:
    """Give the HMAC-SHA-256 of an object without its two checksum members, in lower-case hex."""
    return _digest(canonical_text(_without(members), reading), key)


def legacy_text(members: Members) -> str:
    """Join the values of an object, sorted by key, as text; nested ones stay JSON."""
    held = _without(members)
    return "".join(
        value if isinstance(value, str) else canonical_text(value)
        for value in (held[name] for name in sorted(held))
    )


def legacy_digest(members: Members, key: str) -> str:
    """Give the HMAC-SHA-256 of the joined values, in lower-case hex."""
    return _digest(legacy_text(members), key)


def is_right(members: Members, key: str, reading: Reading = "javascript") -> bool:
    """Say whether an object's checksum is right; the legacy one is for flat objects only."""
    shown = str(members.get("checksum", "")).encode("utf-8", "surrogatepass")
    if members.get("checksumMethod") != "legacy":
        return hmac.compare_digest(shown, canonical_digest(members, key, reading).encode())
    is_flat = not any(isinstance(value, dict | list) for value in members.values())
    return is_flat and hmac.compare_digest(shown, legacy_digest(members, key).encode())


def _without(members: Members) -> Members:
    return {name: value for name, value in members.items() if name not in REMOVED}


def _digest(text: str, key: str) -> str:
    return hmac.new(key.encode(), text.encode("utf-8", "replace"), "sha256").hexdigest()


def _rank(key: str, reading: Reading) -> tuple[int, int, bytes]:
    """Sort by UTF-16 units; in JavaScript, what looks like an index comes first, by number."""
    if reading == "javascript" and _INDEX.fullmatch(key):
        return (0, int(key), b"")
    return (1, 0, key.encode("utf-16-be", "surrogatepass"))


def _text(value: str, reading: Reading) -> str:
    spelled = json.dumps(value, ensure_ascii=reading != "javascript")
    return spelled.replace("/", "\\/") if reading == "php" else spelled


def _number(value: float, reading: Reading) -> str:
    if reading != "python" and value.is_integer() and abs(value) < _WHOLE_MAX:
        return str(int(value))
    return repr(value) if reading == "python" else _EXPONENT.sub(r"e\1\2", repr(value))
