"""From the fields of a record, as a parser left them, to a checked UsageRecord."""

import re
from collections.abc import Callable, Mapping
from typing import Final, cast

from hero_onboarding_schema.otime import OTime, OTimeError
from hero_onboarding_schema.usage import (
    AMOUNT_CENTS_MAX,
    EXTRA_CHARACTERS_MAX,
    EXTRA_NAME_FORM,
    EXTRAS_MAX,
    INT64_MAX,
    INT64_MIN,
    KEY_FORM,
    KIND_FORM,
    LABEL_CHARACTERS_MAX,
    NODE_FORM,
    OPTIONAL_FIELDS,
    REQUIRED_FIELDS,
    SID_FORM,
    Extra,
    UsageRecord,
)

_EXTRA_NAME = re.compile(EXTRA_NAME_FORM)
_SURROGATE = re.compile("[\ud800-\udfff]")
# None of the four holds a line feed, so one match over all of them is as good as four.
_TEXTS = re.compile(f"{NODE_FORM}\n{SID_FORM}\n{KIND_FORM}\n{KEY_FORM}")


class WrongFieldError(ValueError):
    """A field of a record is missing, of the wrong type, outside its limits or not allowed.

    Attributes:
        field: Name of the field; ``record`` where an unknown key has no proper name or there are
            too many of them.
        reason: What is wrong with it, as the end of a sentence that starts with its name.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


def read_usage_record(fields: Mapping[str, object]) -> UsageRecord:
    """Check types, forms and limits of one record's fields and normalise its times.

    ``corrects`` is checked and carried; ``refusal_of_charge`` tells who bills that it may not be
    charged yet. Neither the clock nor the reader's own node name is known here.

    Raises:
        WrongFieldError: Naming the first wrong field: the required ones in the order of the
            contract, then the others in their own order.
    """
    claimed = cast("Mapping[str, str]", fields)  # true of what is joined, or joining fails
    try:
        node_id, user_sid = claimed["node_id"], claimed["user_sid"]
        resource_kind, key = claimed["resource_kind"], claimed["idempotency_key"]
        texts = (node_id, user_sid, resource_kind, key)
        are_well_formed = _TEXTS.fullmatch("\n".join(texts)) is not None
        amount_cents = fields["amount_cents"]
        occurred_at = OTime.parse(claimed["occurred_at"])
    except (KeyError, TypeError, OTimeError):
        raise _first_wrong_field(fields) from None
    if not (
        are_well_formed and type(amount_cents) is int and 0 <= amount_cents <= AMOUNT_CENTS_MAX
    ):
        raise _first_wrong_field(fields)
    others = _read_others(fields) if len(fields) > len(REQUIRED_FIELDS) else {}
    return UsageRecord(
        node_id=node_id,
        user_sid=user_sid,
        amount_cents=amount_cents,
        resource_kind=resource_kind,
        idempotency_key=key,
        occurred_at=occurred_at,
        **others,  # type: ignore[arg-type]  # each reader checked its own
    )


def refusal_of_charge(record: UsageRecord) -> WrongFieldError | None:
    """Say why a well-formed record may not be charged, None if it may.

    Until the price book exists a record that corrects another, or whose amount is negative, is
    kept where it is found and is refused where records are taken in or billed.
    """
    if record.corrects is not None:
        return WrongFieldError("corrects", "is not accepted until there is a price book")
    if record.amount_cents < 0:
        return WrongFieldError("amount_cents", "must not be negative until there is a price book")
    return None


def _read_others(fields: Mapping[str, object]) -> dict[str, object]:
    """Read the optional fields, and gather the unknown keys under ``extras``."""
    known: dict[str, object] = {}
    extras: dict[str, Extra] = {}
    for name, value in fields.items():
        if name in _OPTIONAL_READERS:
            known[name] = _OPTIONAL_READERS[name](name, value)
        elif name not in _REQUIRED_READERS:
            extras[_extra_name(name)] = _extra(name, value)
    if len(extras) > EXTRAS_MAX:
        raise WrongFieldError("record", f"has more than {EXTRAS_MAX} unknown keys")
    known["extras"] = extras
    return known


def _first_wrong_field(fields: Mapping[str, object]) -> WrongFieldError:
    """Find out slowly which required field is wrong, once it is known that one is."""
    for name, read in _REQUIRED_READERS.items():
        if name not in fields:
            return WrongFieldError(name, "is missing")
        try:
            read(name, fields[name])
        except WrongFieldError as error:
            return error
    raise AssertionError(fields)


def _text(form: str, described: str) -> Callable[[str, object], str]:
    pattern = re.compile(form)

    def read(name: str, value: object) -> str:
        if not isinstance(value, str):
            raise WrongFieldError(name, "must be a string")
        if pattern.fullmatch(value) is None:
            raise WrongFieldError(name, f"must be {described}")
        return value

    return read


def _amount(name: str, value: object) -> int:
    if type(value) is not int:
        raise WrongFieldError(name, "must be an integer")
    if not 0 <= value <= AMOUNT_CENTS_MAX:
        raise WrongFieldError(name, f"must be from 0 to {AMOUNT_CENTS_MAX}")
    return value


def _int64(name: str, value: object) -> int:
    if type(value) is not int:
        raise WrongFieldError(name, "must be an integer")
    if not INT64_MIN <= value <= INT64_MAX:
        raise WrongFieldError(name, "must fit 64 bits")
    return value


def _label(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise WrongFieldError(name, "must be a string")
    if not 1 <= len(value) <= LABEL_CHARACTERS_MAX or not _is_scalar(value):
        raise WrongFieldError(name, f"must have 1 to {LABEL_CHARACTERS_MAX} characters")
    return value


def _time(name: str, value: object) -> OTime:
    if not isinstance(value, str):
        raise WrongFieldError(name, "must be a string")
    try:
        return OTime.parse(value)
    except OTimeError as error:
        raise WrongFieldError(name, str(error)) from None


def _extra_name(name: str) -> str:
    if _EXTRA_NAME.fullmatch(name) is None:
        raise WrongFieldError("record", f"has an unknown key that is not {EXTRA_NAME_FORM}")
    return name


def _extra(name: str, value: object) -> Extra:
    if isinstance(value, bool):
        return value
    if type(value) is int:
        return _int64(name, value)
    if isinstance(value, str):
        if len(value) > EXTRA_CHARACTERS_MAX or not _is_scalar(value):
            raise WrongFieldError(name, f"must have at most {EXTRA_CHARACTERS_MAX} characters")
        return value
    raise WrongFieldError(name, "must be a string, a 64-bit integer or a boolean")


def _is_scalar(text: str) -> bool:
    """Whether a text holds no lone surrogate, so that it can be written as UTF-8."""
    return text.isascii() or _SURROGATE.search(text) is None


_key = _text(KEY_FORM, "1 to 200 characters without control characters and line separators")

_REQUIRED_READERS: Final[dict[str, Callable[[str, object], object]]] = {
    "node_id": _text(NODE_FORM, NODE_FORM),
    "user_sid": _text(SID_FORM, "1 to 64 of [a-z0-9_-]"),
    "amount_cents": _amount,
    "resource_kind": _text(KIND_FORM, KIND_FORM),
    "idempotency_key": _key,
    "occurred_at": _time,
}
_OPTIONAL_READERS: Final[dict[str, Callable[[str, object], object]]] = {
    "quantity": _int64,
    "unit": _label,
    "begins_at": _time,
    "ends_at": _time,
    "assignment": _label,
    "corrects": _key,
}
assert tuple(_REQUIRED_READERS) == REQUIRED_FIELDS
assert tuple(_OPTIONAL_READERS) == OPTIONAL_FIELDS
