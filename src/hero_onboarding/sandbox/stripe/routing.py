"""Match a method and a path to an endpoint, and what an endpoint is given."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from hero_onboarding.sandbox.paths import match_path
from hero_onboarding.sandbox.stripe.account import Visit
from hero_onboarding.sandbox.stripe.failures import invalid
from hero_onboarding.sandbox.stripe.forms import Form
from hero_onboarding.sandbox.stripe.objects import Object
from hero_onboarding.sandbox.stripe.parameters import Parameters, read_parameters

Shape = TypeVar("Shape", bound=Parameters)
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked of an endpoint.

    Attributes:
        path: As it was asked, for lists to repeat.
        names: The parts of the path in braces.
        form: The body of a POST, the query of anything else.
    """

    path: str
    names: Mapping[str, str]
    form: Form

    @property
    def id(self) -> str:
        """The id in the path."""
        return self.names["id"]

    def read(self, shape: type[Shape]) -> Shape:
        """Read the form into a shape."""
        return read_parameters(self.form, shape)


Endpoint = Callable[[Visit, Call], Object]


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the site map; parts in braces are names."""

    method: str
    pattern: str
    endpoint: Endpoint

    def match(self, segments: tuple[str, ...]) -> dict[str, str] | None:
        """Return the named parts if the path fits."""
        return match_path(self.pattern, segments)


def find_route(
    routes: Iterable[Route], method: str, segments: tuple[str, ...]
) -> tuple[Route, dict[str, str]]:
    """Return the first route that fits, and the named parts of the path.

    Raises:
        StripeAnswerError: 404 if there is none.
    """
    for route in routes:
        names = route.match(segments) if route.method == method else None
        if names is not None:
            return route, names
    path = "/" + "/".join(segments)
    message = f"Unrecognized request URL ({method}: {path}), or none that the sandbox imitates."
    raise invalid(message, status=_NOT_FOUND)
