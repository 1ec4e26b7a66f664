"""What can be wrong with a catalogue, beside its style."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from babel.messages.catalog import Catalog, Message
from messages import forms_of

from hero_onboarding.languages import NO_BREAK

SAME_IN: Final[Mapping[str, frozenset[str]]] = {
    "sw": frozenset({"vCPU", "%(millions)sM", "CPU", "IPv4"}),
    "fr": frozenset({"vCPU", "%(count)s h", "%(count)s min", "CPU", "IPv4", "Incidents", "Site"}),
}
"""Messages that a language writes as English does."""

_PLACEHOLDER: Final = re.compile(r"%\((\w+)\)s")
_TAG: Final = re.compile(r"<[^>]*>")
_NARROW: Final = "\N{NARROW NO-BREAK SPACE}"


def english_of(message: Message) -> tuple[str, ...]:
    """The forms of the message itself."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def faults(language: str, catalogue: Catalog, said: Catalog) -> Iterator[str]:
    """Name everything that is missing, left over or wrong in a catalogue."""
    translated = {english_of(one): one for one in catalogue if one.id}
    wanted = {english_of(one) for one in said if one.id}
    yield from (f"missing: {english[0]}" for english in wanted - translated.keys())
    yield from (f"left over: {english[0]}" for english in translated.keys() - wanted)
    for english, message in translated.items():
        yield from (f"{fault}: {english[0]}" for fault in _faults_of(language, message, catalogue))


def _faults_of(language: str, message: Message, catalogue: Catalog) -> Iterator[str]:
    english, forms = english_of(message), forms_of(message)
    if not all(form.strip() for form in forms):
        yield "missing"
        return
    if message.fuzzy:
        yield "not sure"
    if len(forms) != (catalogue.num_plurals if message.pluralizable else 1):
        yield "number of forms"
    for form in forms:
        yield from _faults_of_form(english, form)
    is_same = {_plain(form) for form in forms} & {_plain(one) for one in english}
    if bool(is_same) != (english[0] in SAME_IN[language]):
        yield "same as English, or listed as such and not the same"


def _faults_of_form(english: tuple[str, ...], form: str) -> Iterator[str]:
    for name, pattern in (("placeholders", _PLACEHOLDER), ("tags", _TAG)):
        if any(sorted(pattern.findall(form)) != sorted(pattern.findall(one)) for one in english):
            yield name
    try:
        said = form % defaultdict(str)
    except (TypeError, ValueError):
        yield "percent sign"
        return
    if '"' in _TAG.sub("", said):
        yield "double quote, which would end an attribute"


def _plain(text: str) -> str:
    return text.replace(NO_BREAK, " ").replace(_NARROW, " ").lower()
