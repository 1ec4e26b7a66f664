"""Match a method and a path to an endpoint, and what an endpoint is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from hero_onboarding.sandbox.clickpesa.checksum import REMOVED, Members
from hero_onboarding.sandbox.clickpesa.failures import invalid
from hero_onboarding.sandbox.clickpesa.merchant import Merchant
from hero_onboarding.sandbox.orders import Order

Shape = TypeVar("Shape", bound=Order)


class Body(Order, frozen=True, kw_only=True, rename="camel"):
    """Members of a request, which the wire spells in camel case."""


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked of an endpoint.

    Attributes:
        names: The parts of the path in braces.
        query: The query of the address.
        members: The body, its checksum included.
    """

    names: Mapping[str, str]
    query: Mapping[str, str]
    members: Members

    def read(self, shape: type[Shape]) -> Shape:
        """Read the body into a shape; an unknown member is refused.

        Raises:
            ClickPesaAnswerError: If it does not have it.
        """
        given = {name: value for name, value in self.members.items() if name not in REMOVED}
        return _convert(given, shape, is_strict=True)

    def read_query(self, shape: type[Shape]) -> Shape:
        """Read the query into a shape.

        Raises:
            ClickPesaAnswerError: If it does not have it.
        """
        return _convert(dict(self.query), shape, is_strict=False)


Endpoint = Callable[[Merchant, Call], object]


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the site map; parts in braces are names."""

    method: str
    pattern: str
    endpoint: Endpoint


def _convert(given: Members, shape: type[Shape], *, is_strict: bool) -> Shape:
    try:
        return msgspec.convert(given, shape, strict=is_strict)
    except msgspec.ValidationError as problem:
        raise invalid(str(problem)) from problem
