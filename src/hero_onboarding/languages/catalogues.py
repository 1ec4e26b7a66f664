"""Message catalogues: one ``.po`` file a language beside this module; English needs none."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from hero_onboarding.languages.locale import ENGLISH, Locale


@dataclass(frozen=True, slots=True)
class Language:
    """A language that people can choose, as it calls itself."""

    code: str
    name: str


LANGUAGES: Final = (
    Language("en", "English"),
    Language("sw", "Kiswahili"),
    Language("fr", "Français"),
)
"""All languages of the site, in the order in which they are offered."""


def marked(message: str) -> str:
    """Mark a message for the catalogues whose language is not known yet."""
    return message


@cache
def load_locales() -> Mapping[str, Locale]:
    """Read every catalogue; return how to write each language, by its code."""
    return {
        one.code: ENGLISH if one.code == ENGLISH.language else _load(one.code) for one in LANGUAGES
    }


def _load(code: str) -> Locale:
    """Read one catalogue and compile it in memory."""
    compiled = BytesIO()
    with (files("hero_onboarding.languages") / f"{code}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=code))
    compiled.seek(0)
    return Locale(code, code, Translations(compiled))
