"""UsageRecord and UsageBatch: what a node says a user used, and what it costs."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from hero_onboarding_schema.otime import OTime, OTimeError

Extra = str | int | bool
"""A value that an unknown key may have."""

REQUIRED_FIELDS: Final = (
    "node_id",
    "user_sid",
    "amount_cents",
    "resource_kind",
    "idempotency_key",
    "occurred_at",
)
OPTIONAL_FIELDS: Final = ("quantity", "unit", "begins_at", "ends_at", "assignment", "corrects")
KNOWN_FIELDS: Final = REQUIRED_FIELDS + OPTIONAL_FIELDS

_AMOUNT_CENTS_MAX = 10**9
_EXTRAS_MAX = 16
_EXTRA_CHARACTERS_MAX = 1_000
_KEY_CHARACTERS_MAX = 200
_LABEL_CHARACTERS_MAX = 64
_INT64_MIN, _INT64_MAX = -(2**63), 2**63 - 1
_NODE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_SID = re.compile(r"[a-z0-9_-]{1,64}")
_KIND = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
_EXTRA_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FORBIDDEN_IN_KEYS = frozenset({"Cc", "Cs", "Zl", "Zp"})


class WrongFieldError(ValueError):
    """A field of a record is missing, of the wrong type or outside its limits.

    Attributes:
        field: Name of the field.
        reason: What is wrong with it, as the end of a sentence that starts with its name.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


class UsageRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One use of one resource by one user on one node (contract section 2).

    ``amount_cents`` is the charge in hundredths of a US dollar. ``quantity`` counts base units,
    named by ``unit``. ``extras`` holds the keys that the contract does not name, as they came;
    they are no part of what makes two records the same.
    """

    node_id: str
    user_sid: str
    amount_cents: int
    resource_kind: str
    idempotency_key: str
    occurred_at: OTime
    quantity: int | None = None
    unit: str | None = None
    begins_at: OTime | None = None
    ends_at: OTime | None = None
    assignment: str | None = None
    corrects: str | None = None
    extras: dict[str, Extra] = {}

    def same_content(self, other: "UsageRecord") -> bool:
        """Whether all named fields are equal; unknown keys do not count."""
        return all(getattr(self, name) == getattr(other, name) for name in KNOWN_FIELDS)


class UsageBatch(msgspec.Struct, frozen=True):
    """The records of one node and one UTC hour."""

    records: tuple[UsageRecord, ...] = ()


def read_usage_record(fields: Mapping[str, object]) -> UsageRecord:
    """Check the fields of one record and normalise its times.

    Only types, forms and limits are checked here. ``corrects`` and negative amounts parse where
    the contract lets them be carried; who bills decides whether they may be charged.

    Raises:
        WrongFieldError: Naming the first field that is wrong.
    """
    missing = next((name for name in REQUIRED_FIELDS if name not in fields), None)
    if missing is not None:
        raise WrongFieldError(missing, "is missing")
    known: dict[str, object] = {}
    extras: dict[str, Extra] = {}
    for name, value in fields.items():
        reader = _READERS.get(name)
        if reader is not None:
            known[name] = reader(name, value)
        else:
            extras[_extra_name(name)] = _extra(name, value)
    if len(extras) > _EXTRAS_MAX:
        raise WrongFieldError("record", f"has more than {_EXTRAS_MAX} unknown keys")
    return UsageRecord(**known, extras=extras)  # type: ignore[arg-type]  # each reader checked its own


def _text(pattern: re.Pattern[str], form: str) -> Callable[[str, object], str]:
    def read(name: str, value: object) -> str:
        if type(value) is not str:
            raise WrongFieldError(name, "must be a string")
        if pattern.fullmatch(value) is None:
            raise WrongFieldError(name, f"must be {form}")
        return value

    return read


def _amount(name: str, value: object) -> int:
    if type(value) is not int:
        raise WrongFieldError(name, "must be an integer")
    if not 0 <= value <= _AMOUNT_CENTS_MAX:
        raise WrongFieldError(name, f"must be from 0 to {_AMOUNT_CENTS_MAX}")
    return value


def _int64(name: str, value: object) -> int:
    if type(value) is not int:
        raise WrongFieldError(name, "must be an integer")
    if not _INT64_MIN <= value <= _INT64_MAX:
        raise WrongFieldError(name, "must fit 64 bits")
    return value


def _key(name: str, value: object) -> str:
    if type(value) is not str:
        raise WrongFieldError(name, "must be a string")
    if not 1 <= len(value) <= _KEY_CHARACTERS_MAX:
        raise WrongFieldError(name, f"must have 1 to {_KEY_CHARACTERS_MAX} characters")
    if not (value.isascii() and value.isprintable()) and any(
        unicodedata.category(character) in _FORBIDDEN_IN_KEYS for character in value
    ):
        raise WrongFieldError(name, "must not hold control characters or line separators")
    return value


def _label(name: str, value: object) -> str:
    if type(value) is not str:
        raise WrongFieldError(name, "must be a string")
    if not 1 <= len(value) <= _LABEL_CHARACTERS_MAX or not _is_scalar(value):
        raise WrongFieldError(name, f"must have 1 to {_LABEL_CHARACTERS_MAX} characters")
    return value


def _time(name: str, value: object) -> OTime:
    if type(value) is not str:
        raise WrongFieldError(name, "must be a string")
    try:
        return OTime.parse(value)
    except OTimeError as error:
        raise WrongFieldError(name, str(error)) from None


def _extra_name(name: str) -> str:
    if type(name) is not str or _EXTRA_NAME.fullmatch(name) is None:
        raise WrongFieldError("record", "has an unknown key that is not of [A-Za-z0-9_-]{1,64}")
    return name


def _extra(name: str, value: object) -> Extra:
    if isinstance(value, bool):
        return value
    if type(value) is int:
        return _int64(name, value)
    if type(value) is str:
        if len(value) > _EXTRA_CHARACTERS_MAX or not _is_scalar(value):
            raise WrongFieldError(name, f"must have at most {_EXTRA_CHARACTERS_MAX} characters")
        return value
    raise WrongFieldError(name, "must be a string, a 64-bit integer or a boolean")


def _is_scalar(text: str) -> bool:
    """Whether a text holds no lone surrogate, so that it can be written as UTF-8."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


_READERS: Final[dict[str, Callable[[str, object], object]]] = {
    "node_id": _text(_NODE, "[a-z0-9][a-z0-9-]{0,62}"),
    "user_sid": _text(_SID, "1 to 64 of [a-z0-9_-]"),
    "amount_cents": _amount,
    "resource_kind": _text(_KIND, "[a-z][a-z0-9_.-]{0,63}"),
    "idempotency_key": _key,
    "occurred_at": _time,
    "quantity": _int64,
    "unit": _label,
    "begins_at": _time,
    "ends_at": _time,
    "assignment": _label,
    "corrects": _key,
}
