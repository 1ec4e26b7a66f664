"""What the control room is told, as typed values."""

from typing import TypeVar

import msgspec

from hero_onboarding.sandbox.errors import BadOrderError

T = TypeVar("T")


class Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Members that belong together; an unknown one is refused."""


def read_order(body: bytes, shape: type[T]) -> T:
    """Read a body of JSON; an empty one counts as ``{}``.

    Raises:
        BadOrderError: If it is malformed, or does not have the shape.
    """
    try:
        return msgspec.json.decode(body or b"{}", type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
        raise BadOrderError(str(problem)) from problem
