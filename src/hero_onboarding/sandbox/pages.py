"""Pages of stand-ins for people: templates, forms, and the parts of every control room's page."""

from dataclasses import dataclass
from functools import cache
from typing import Final, get_args, get_type_hints
from urllib.parse import parse_qsl

import msgspec
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from hero_onboarding.sandbox.exchange import Answer, Request

_HERE: Final = "hero_onboarding.sandbox"


@dataclass(frozen=True, slots=True)
class Field:
    """One setting in the form; without choices it is typed in."""

    name: str
    value: str
    choices: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The name in words."""
        return self.name.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Pages:
    """The templates of one stand-in, on top of those that all share.

    Attributes:
        package: Where its folder ``templates`` lies.
    """

    package: str

    def render(
        self, name: str, status: int, action_origins: tuple[str, ...] = (), **values: object
    ) -> Answer:
        """Render a page; its forms may lead to some other origins too."""
        html = _environment(self.package).get_template(name).render(**values)
        policy = (
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none';"
            " form-action 'self' " + " ".join(action_origins)
        )
        headers = (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Security-Policy", policy.strip()),
            ("Cache-Control", "no-store"),
        )
        return Answer(status, html.encode("utf-8", "replace"), headers)


def read_page_form(request: Request) -> dict[str, str]:
    """Read the form of a page."""
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def redirect(url: str) -> Answer:
    """Send a browser on."""
    return Answer(303, headers=(("Location", url), ("Cache-Control", "no-store")))


def fields_of(settings: msgspec.Struct) -> list[Field]:
    """List the settings as fields of a form."""
    hints = get_type_hints(type(settings))
    return [
        Field(name, _spell(value), _choices(hints[name]))
        for name, value in msgspec.structs.asdict(settings).items()
    ]


def _choices(hint: object) -> tuple[str, ...]:
    if hint is bool:
        return ("true", "false")
    return tuple(choice for choice in get_args(hint) if isinstance(choice, str))


def _spell(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@cache
def _environment(package: str) -> Environment:
    return Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader(_HERE)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
