"""Read JSON bodies with errors that say what is wrong."""

import json
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request

from hero_onboarding.kernel.errors import InvalidInputError
from hero_onboarding.kernel.overriding import override

_EMPTY: Final = "the body is empty; this route takes JSON"
_T = TypeVar("_T")


class MalformedBodyError(InvalidInputError):
    """A body is no JSON, or not of the form that this route takes."""

    code = "request.malformed"


class StrictRequest(Request[Any, Any, Any]):
    """Reads a handler's body as it is declared: no text for a number, no name twice.

    Left alone, the framework takes ``"1"`` and ``true`` for integers, and the last of two values.
    """

    @override
    async def json(self) -> Any:
        """Read the body as the type that the handler declares."""
        field = self.route_handler.parsed_data_field
        body = await self.body()
        return read_object(body) if field is None else read_as(body, field.annotation)


async def require_body(request: Request[Any, Any, Any]) -> None:
    """Ask for a body where a handler declares one; the framework names its own argument instead.

    Raises:
        MalformedBodyError: If there is none.
    """
    if request.route_handler.parsed_data_field is not None and not await request.body():
        raise MalformedBodyError(_EMPTY)


async def refuse_body(request: Request[Any, Any, Any]) -> None:
    """Take no body where a route has none to take, or one that says nothing.

    Raises:
        MalformedBodyError: If it says anything.
    """
    body = await request.body()
    if body.strip() and read_object(body):
        raise MalformedBodyError("this route takes no body, or an empty object")


def read_as(body: bytes, kind: type[_T]) -> _T:
    """Read a JSON object of a declared form.

    Raises:
        MalformedBodyError: If it is no JSON, or of another form.
    """
    read_object(body)
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise MalformedBodyError(str(error)) from None


def decode(text: bytes) -> object:
    """Read one JSON text.

    Raises:
        MalformedBodyError: If it is no JSON, names something twice, or is nested deeper than
            anything we take.
    """
    if not text.strip():
        raise MalformedBodyError(_EMPTY)
    try:
        found: object = msgspec.json.decode(text)
        if text.lstrip()[:1] in b"[{":
            json.loads(text, object_pairs_hook=_require_each_once)
    except (msgspec.DecodeError, ValueError) as error:
        raise MalformedBodyError(f"this is no JSON: {error}") from None
    except RecursionError:
        raise MalformedBodyError("this is nested too deeply") from None
    return found


def read_object(body: bytes) -> dict[str, object]:
    """Read a JSON object.

    Raises:
        MalformedBodyError: If the body is no JSON or no object.
    """
    fields = decode(body)
    if not isinstance(fields, dict):
        raise MalformedBodyError("the body must be a JSON object")
    return fields


def _require_each_once(pairs: list[tuple[str, object]]) -> None:
    """Refuse an object that has two values under one name: readers differ in which they take."""
    names = {name for name, _ in pairs}
    if len(names) < len(pairs):
        raise MalformedBodyError("an object names something twice")
