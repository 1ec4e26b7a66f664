"""Parameters of a call as typed values, and Stripe's words for what is wrong with them."""

import re
from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta

from hero_onboarding.sandbox.stripe.failures import StripeAnswerError, invalid
from hero_onboarding.sandbox.stripe.forms import Form

LIMIT_MAX: Final = 100
METADATA_KEYS_MAX: Final = 50
METADATA_KEY_MAX: Final = 40
METADATA_VALUE_MAX: Final = 500

Metadata = dict[str, str] | str
Text = Annotated[str, Meta(max_length=5000)]

_UNKNOWN: Final = re.compile(r"Object contains unknown field `([^`]*)`(?: - at `\$\.?(.*)`)?")
_MISSING: Final = re.compile(r"Object missing required field `([^`]*)`(?: - at `\$\.?(.*)`)?")
_WRONG: Final = re.compile(r"(.*?) - at `\$\.?(.*)`", re.DOTALL)


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters that belong together; an unknown one is refused."""


class Parameters(Group, frozen=True):
    """What every call takes."""

    expand: tuple[str, ...] = ()


class Span(Group, frozen=True):
    """Bounds of an instant, in Unix seconds."""

    gt: int | None = None
    gte: int | None = None
    lt: int | None = None
    lte: int | None = None

    def holds(self, moment: int) -> bool:
        """Say whether an instant lies within."""
        return (
            (self.gt is None or moment > self.gt)
            and (self.gte is None or moment >= self.gte)
            and (self.lt is None or moment < self.lt)
            and (self.lte is None or moment <= self.lte)
        )


class ListParameters(Parameters, frozen=True):
    """What every list takes."""

    limit: Annotated[int, Meta(ge=1, le=LIMIT_MAX)] = 10
    starting_after: str | None = None
    ending_before: str | None = None
    created: Span | int | None = None


Shape = TypeVar("Shape", bound=Parameters)


def read_parameters(form: Form, shape: type[Shape]) -> Shape:
    """Read a form into a shape.

    Raises:
        StripeAnswerError: 400 for a parameter that is unknown, missing or of another kind.
    """
    try:
        return msgspec.convert(form, shape, strict=False)
    except msgspec.ValidationError as problem:
        raise _explain(str(problem)) from problem


def merge_metadata(held: dict[str, str], wanted: Metadata | None) -> dict[str, str]:
    """Change metadata: an empty value removes its key, an empty text removes all.

    Raises:
        StripeAnswerError: If there are too many, or one is too long.
    """
    if wanted is None:
        return dict(held)
    if isinstance(wanted, str):
        if wanted:
            raise invalid("Invalid hash", param="metadata")
        return {}
    for key, value in wanted.items():
        if len(key) > METADATA_KEY_MAX or len(value) > METADATA_VALUE_MAX:
            message = (
                f"Metadata keys can be up to {METADATA_KEY_MAX} characters"
                f" and values up to {METADATA_VALUE_MAX}."
            )
            raise invalid(message, param=f"metadata[{key[:METADATA_KEY_MAX]}]")
    merged = {key: value for key, value in {**held, **wanted}.items() if value}
    if len(merged) > METADATA_KEYS_MAX:
        raise invalid(f"You can have up to {METADATA_KEYS_MAX} metadata keys.", param="metadata")
    return merged


def _explain(problem: str) -> StripeAnswerError:
    if match := _UNKNOWN.fullmatch(problem):
        name = _bracketed(match[2], match[1])
        return invalid(f"Received unknown parameter: {name}", param=name, code="parameter_unknown")
    if match := _MISSING.fullmatch(problem):
        name = _bracketed(match[2], match[1])
        return invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")
    match = _WRONG.fullmatch(problem)
    name = _bracketed(match[2] if match else None)
    message = match[1] if match else problem
    code = "parameter_invalid_integer" if message.startswith("Expected `int") else None
    return invalid(f"Invalid value for {name}: {message}", param=name, code=code)


def _bracketed(path: str | None, *more: str) -> str:
    """Turn ``line_items[0].price`` into ``line_items[0][price]``."""
    parts = [*re.findall(r"[^.\[\]]+", path or ""), *more]
    return "".join(part if index == 0 else f"[{part}]" for index, part in enumerate(parts))
