"""JSON as ClickPesa speaks it: read strictly, its numbers kept as they were written. Pure."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any, Final, NoReturn

from hero_onboarding.payments.errors import ProviderAnswerError

_AMOUNT: Final = re.compile(r"\d{1,15}(\.\d{1,12})?([eE][+-]?\d{1,2})?", re.ASCII)
_AMOUNT_MAX: Final = 10**15
_TEXT_CHARACTERS_MAX: Final = 255

Fields = Mapping[str, Any]


class NumberText(str):
    """A number of JSON, as the text that stood there."""

    __slots__ = ()


def read_json(body: bytes) -> object:
    """Read one JSON value; its numbers become ``NumberText``.

    Raises:
        ValueError: If it is malformed, names a member twice, holds NaN or infinity, goes on after
            its end, or is nested too deeply.
    """
    try:
        return json.loads(
            body.decode(),
            parse_int=NumberText,
            parse_float=NumberText,
            parse_constant=_refuse,
            object_pairs_hook=_members,
        )
    except (ValueError, RecursionError):
        raise ValueError("the body is not the JSON that it should be") from None


def read_object(answer: object) -> Fields:
    """Take an answer that is an object.

    Raises:
        ProviderAnswerError: If it is not.
    """
    if not isinstance(answer, Mapping):
        raise ProviderAnswerError("an answer of ClickPesa's is no object")
    return answer


def read_objects(answer: object) -> list[Fields]:
    """Take an answer that is a list of objects, or the one object of such a list.

    Raises:
        ProviderAnswerError: If it is not.
    """
    found = [answer] if isinstance(answer, Mapping) else answer
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise ProviderAnswerError("an answer of ClickPesa's is no list of objects")
    return found


def text_of(fields: Fields, name: str) -> str:
    """Return a member that is text, or a number as it was written.

    Raises:
        ProviderAnswerError: If it is missing, empty, too long or anything else.
    """
    found = fields.get(name)
    if not is_text(found):
        raise ProviderAnswerError(f"an answer of ClickPesa's has no usable {name}")
    return str(found)


def is_text(found: object) -> bool:
    """Whether something is text of a size that an id or a word has."""
    return isinstance(found, str) and 0 < len(found) <= _TEXT_CHARACTERS_MAX and found.isprintable()


def hundredths_of(fields: Fields, name: str) -> int:
    """Return an amount, text or number, in hundredths; what is smaller than one is dropped.

    Raises:
        ProviderAnswerError: If it is missing, negative or no number.
    """
    amount = decimal_of(fields, name)
    if amount >= _AMOUNT_MAX:
        raise ProviderAnswerError(f"an answer of ClickPesa's has no usable {name}")
    return int((amount * 100).to_integral_value(ROUND_DOWN))


def signed_hundredths_of(fields: Fields, name: str) -> int:
    """Return a balance in hundredths, which may be below zero.

    Raises:
        ProviderAnswerError: If it is missing or no number.
    """
    found = fields.get(name)
    if isinstance(found, str) and found.startswith("-"):
        return -hundredths_of({name: found[1:]}, name)
    return hundredths_of(fields, name)


def decimal_of(fields: Fields, name: str) -> Decimal:
    """Return a number that is given as text or as a number.

    Raises:
        ProviderAnswerError: If it is missing, negative or no number.
    """
    found = fields.get(name)
    if not isinstance(found, str) or _AMOUNT.fullmatch(found) is None:
        raise ProviderAnswerError(f"an answer of ClickPesa's has no usable {name}")
    return Decimal(found)


def instant_of(fields: Fields, name: str) -> datetime | None:
    """Return an instant in UTC; None where none stands that can be read."""
    found = fields.get(name)
    try:
        moment = datetime.fromisoformat(found) if isinstance(found, str) else None
    except ValueError:
        return None
    return None if moment is None or moment.tzinfo is None else moment.astimezone(UTC)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
