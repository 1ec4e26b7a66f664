"""Match a method and a path to an endpoint."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from hero_onboarding.sandbox.exchange import Answer
from hero_onboarding.sandbox.forge.context import Call
from hero_onboarding.sandbox.forge.failures import ForgeAnswerError, not_found

Endpoint = Callable[[Call], Answer]
Verb = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the site map.

    A part of the pattern in braces is a parameter; a star after its name takes the rest of the
    path. ``category`` is the token scope that is needed, empty for none.
    """

    method: str
    pattern: str
    endpoint: Endpoint
    category: str = ""

    @property
    def verb(self) -> Verb:
        """Whether the route reads or writes, which is the other half of the scope."""
        return "read" if self.method in {"GET", "HEAD"} else "write"

    def match(self, segments: tuple[str, ...]) -> dict[str, str] | None:
        """Return the parameters if the path fits."""
        parts = self.pattern.split("/")[1:]
        found: dict[str, str] = {}
        for index, part in enumerate(parts):
            if part.endswith("*}"):
                found[part[1:-2]] = "/".join(segments[index:])
                return found if segments[index:] else None
            if index >= len(segments):
                return None
            if part.startswith("{"):
                found[part[1:-1]] = segments[index]
            elif part != segments[index]:
                return None
        return found if len(parts) == len(segments) else None


@dataclass(frozen=True, slots=True)
class Match:
    """A route and the parameters of the path that it fits."""

    route: Route
    parameters: dict[str, str]


def find_route(routes: Iterable[Route], method: str, segments: tuple[str, ...]) -> Match:
    """Return the first route that fits.

    Raises:
        ForgeAnswerError: 404 if the path is unknown, 405 if only the method is.
    """
    path_is_known = False
    for route in routes:
        parameters = route.match(segments)
        if parameters is None:
            continue
        if route.method == ("GET" if method == "HEAD" else method):
            return Match(route, parameters)
        path_is_known = True
    if path_is_known:
        raise ForgeAnswerError(405, "Method Not Allowed")
    raise not_found()
