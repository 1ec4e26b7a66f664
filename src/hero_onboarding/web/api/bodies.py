"""Read JSON bodies with errors that say what is wrong."""

import msgspec

from hero_onboarding.kernel.errors import InvalidInputError


class MalformedBodyError(InvalidInputError):
    """A body is no JSON, or not of the form that this route takes."""

    code = "request.malformed"


def read_object(body: bytes) -> dict[str, object]:
    """Read a JSON object.

    Raises:
        MalformedBodyError: If the body is no JSON or no object.
    """
    try:
        fields = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedBodyError(f"the body is no JSON: {error}") from None
    if not isinstance(fields, dict):
        raise MalformedBodyError("the body must be a JSON object")
    return fields
