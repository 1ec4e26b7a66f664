"""Read a request's JSON into a value, or answer 422."""

from typing import TypeVar

import msgspec

from hero_onboarding.sandbox.exchange import Request
from hero_onboarding.sandbox.forge.failures import invalid

T = TypeVar("T")


def read_json(request: Request, shape: type[T]) -> T:
    """Read the body as one JSON value of a shape."""
    if "json" not in request.headers.get("content-type", "").lower():
        raise invalid("[]: Empty or unsupported Content-Type")
    try:
        return msgspec.json.decode(request.body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise invalid(f"[]: {problem}") from problem
