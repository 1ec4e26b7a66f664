"""ClickPesa's checksum, in both directions: the canonical form, and the older one to verify. Pure.

The canonical form is JavaScript's ``JSON.stringify`` of the object with all keys sorted; numbers
stay as they were written.
"""

import hmac
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from hero_onboarding.payments.providers.clickpesa.wire import Fields, NumberText

_OUTSIDE: Final = frozenset({"checksum", "checksumMethod"})
_INDEX: Final = re.compile(r"0|[1-9]\d{0,9}")
_INDEX_MAX: Final = 2**32 - 2
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


def signed_body(members: Mapping[str, Any], key: str | None) -> bytes:
    """Spell the body of a request, with its checksum where there is a key.

    What is sent stays where all of the vendor's own samples agree: plain ASCII, amounts as text
    or whole numbers, nothing that HTML would escape.
    """
    text = canonical_text(members)
    assert text.isascii(), "a body goes out in plain ASCII"
    assert not set("<>&").intersection(text), "a body goes out without what HTML escapes"
    if key is None:
        return text.encode()
    return canonical_text({**members, "checksum": digest_of(text, key)}).encode()


def is_authentic(members: Fields, shown: object, key: str) -> bool:
    """Whether a checksum is that of a body that came in, by the method that the body names.

    The older method joins values, so that it says nothing of objects within: it counts for flat
    bodies only.
    """
    if not isinstance(shown, str):
        return False
    if members.get("checksumMethod") == "legacy":
        text = legacy_text(members)
    else:
        text = canonical_text(_inside(members))
    if text is None:
        return False
    expected = digest_of(text, key).encode()
    return hmac.compare_digest(shown.encode("utf-8", "surrogatepass"), expected)


def canonical_text(value: object) -> str:
    """Spell a value: keys of every object sorted, lists in their order, no spaces."""
    match value:
        case Mapping():
            members = sorted(value.items(), key=lambda member: _rank(member[0]))
            spelled = (f"{_quoted(name)}:{canonical_text(held)}" for name, held in members)
            return "{" + ",".join(spelled) + "}"
        case list() | tuple():
            return "[" + ",".join(map(canonical_text, value)) + "]"
        case NumberText():
            return str(value)
        case str():
            return _quoted(value)
        case None | bool() | int():
            return json.dumps(value)
        case _:
            raise AssertionError(f"{type(value).__name__} has no one spelling")


def checked_text(members: Fields) -> str:
    """Spell a body without the two members that the checksum leaves out."""
    return canonical_text(_inside(members))


def legacy_text(members: Fields) -> str | None:
    """Join the values of a flat body in the order of their keys; None for one that is not flat."""
    values = [value for _, value in sorted(_inside(members).items())]
    if not all(isinstance(value, str | bool) for value in values):
        return None
    return "".join(value if isinstance(value, str) else json.dumps(value) for value in values)


def digest_of(text: str, key: str) -> str:
    """Give the HMAC-SHA-256 of a text, in lower-case hex."""
    return hmac.new(key.encode(), text.encode(), "sha256").hexdigest()


def _inside(members: Fields) -> Fields:
    return {name: value for name, value in members.items() if name not in _OUTSIDE}


def _rank(name: str) -> tuple[int, int, bytes]:
    """Order keys as JavaScript does: what looks like an index first, the rest by UTF-16 units."""
    if _INDEX.fullmatch(name) and int(name) <= _INDEX_MAX:
        return 0, int(name), b""
    return 1, 0, name.encode("utf-16-be", "surrogatepass")


def _quoted(text: str) -> str:
    spelled = json.dumps(text, ensure_ascii=False)
    return _SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", spelled)
