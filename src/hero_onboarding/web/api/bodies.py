"""Read JSON bodies with errors that say what is wrong."""

import msgspec

from hero_onboarding.kernel.errors import InvalidInputError


class MalformedBodyError(InvalidInputError):
    """A body is no JSON, or not of the form that this route takes."""

    code = "request.malformed"


def decode(text: bytes) -> object:
    """Read one JSON text.

    Raises:
        MalformedBodyError: If it is no JSON, or is nested deeper than anything we take.
    """
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedBodyError(f"this is no JSON: {error}") from None
    except RecursionError:
        raise MalformedBodyError("this is nested too deeply") from None


def read_object(body: bytes) -> dict[str, object]:
    """Read a JSON object.

    Raises:
        MalformedBodyError: If the body is no JSON or no object.
    """
    fields = decode(body)
    if not isinstance(fields, dict):
        raise MalformedBodyError("the body must be a JSON object")
    return fields
