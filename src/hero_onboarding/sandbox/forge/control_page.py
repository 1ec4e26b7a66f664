"""The control room as a page for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import get_args
from urllib.parse import parse_qsl

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined

from hero_onboarding.sandbox.exchange import Answer, Request
from hero_onboarding.sandbox.forge.context import Forge
from hero_onboarding.sandbox.forge.switches import Fault, FaultKind, Settings
from hero_onboarding.sandbox.forge.versions import BEHAVIOURS

_SHOWN_REQUESTS = 50
_METHODS = ("WRITE", "*", "GET", "POST", "PUT", "DELETE")
_HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("Cache-Control", "no-store"),
)
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "server": tuple(BEHAVIOURS),
    "outage": ("none", "closed", "unavailable"),
    "webhooks": ("on", "off"),
    "webhook_signature": ("right", "wrong", "empty"),
}
_OVERRIDES: Mapping[str, Mapping[str, bool | int | str]] = {
    "batch_blobs": {"yes": True, "no": False},
    "multi_file": {"yes": True, "no": False},
    "wrong_sha": {"409": 409, "422": 422},
    "missing_sha": {"accepted": "accepted", "refused": "refused"},
    "races": {"blank": "blank", "told": "told", "queued": "queued"},
}
_AS_SERVER = "as the server"


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a list to choose from."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One setting in the form; without choices it is typed in."""

    name: str
    value: str
    choices: tuple[Choice, ...] = ()

    @property
    def label(self) -> str:
        """The name in words."""
        return self.name.replace("_", " ").capitalize()


def show_page(forge: Forge, _request: Request, problem: str = "") -> Answer:
    """Show the page, and what was wrong with the last form."""
    html = (
        _environment()
        .get_template("control.html")
        .render(
            root_url=forge.root_url,
            problem=problem,
            fields=_fields(forge.switches.settings),
            kinds=get_args(FaultKind),
            methods=_METHODS,
            faults=forge.switches.faults,
            repositories=forge.registry.list_repositories(),
            total=forge.log.total,
            requests=forge.log.list_entries()[: -_SHOWN_REQUESTS - 1 : -1],
        )
    )
    return Answer(422 if problem else 200, html.encode("utf-8", "replace"), _HEADERS)


def submit_settings(forge: Forge, request: Request) -> Answer:
    """Change every setting at once."""
    form = _read_form(request)
    overrides = {
        name: values[form[name]]
        for name, values in _OVERRIDES.items()
        if form.get(name, "") in values
    }
    typed = {name: value for name, value in form.items() if name not in _OVERRIDES}
    try:
        settings = msgspec.convert({**typed, "overrides": overrides}, Settings, strict=False)
        forge.switches.change(msgspec.structs.asdict(settings))
    except msgspec.ValidationError as wrong:
        return show_page(forge, request, str(wrong))
    return _back()


def submit_fault(forge: Forge, request: Request) -> Answer:
    """Let one more thing go wrong."""
    form = {name: value for name, value in _read_form(request).items() if value != ""}
    try:
        forge.switches.add(msgspec.convert(form, Fault, strict=False))
    except msgspec.ValidationError as wrong:
        return show_page(forge, request, str(wrong))
    return _back()


def submit_reset(forge: Forge, _request: Request) -> Answer:
    """Put everything right."""
    forge.switches.reset()
    return _back()


def _fields(settings: Settings) -> list[Field]:
    fields = []
    for name, value in msgspec.structs.asdict(settings).items():
        if name != "overrides":
            choices = tuple(Choice(choice, choice) for choice in _CHOICES.get(name, ()))
            fields.append(Field(name, str(value), choices))
    for name, values in _OVERRIDES.items():
        held = [
            spelled for spelled, value in values.items() if settings.overrides.get(name) == value
        ]
        every = (Choice("", _AS_SERVER), *(Choice(spelled, spelled) for spelled in values))
        fields.append(Field(name, held[0] if held else "", every))
    return fields


def _read_form(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def _back() -> Answer:
    return Answer(303, headers=(("Location", "/sandbox"),))


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("hero_onboarding.sandbox.forge"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
