"""Where people live and what time it is there: countries of ISO 3166, zones of the IANA."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from functools import cache
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale as Conventions

from hero_onboarding.languages.locale import Locale

UNIVERSAL: Final = "UTC"


@cache
def zones() -> frozenset[str]:
    """Return the zones that people live in, by name, and UTC."""
    return frozenset({row[2] for row in _table("zone.tab")} | {UNIVERSAL})


@cache
def zone_of(name: str) -> tzinfo:
    """Return a zone by a name of ``zones()``."""
    return ZoneInfo(name)


def zones_by_region() -> Mapping[str, Sequence[str]]:
    """Group zones by the part of the world that their names begin with."""
    found: dict[str, list[str]] = {}
    for name in sorted(zones() - {UNIVERSAL}):
        found.setdefault(name.partition("/")[0], []).append(name)
    return found


@cache
def countries() -> frozenset[str]:
    """Return the codes of all countries: two capital letters."""
    return frozenset(row[0] for row in _table("iso3166.tab"))


def list_countries(locale: Locale) -> Sequence[tuple[str, str]]:
    """List countries by code and name as one language calls and sorts them."""
    return _named(locale.formats)


@cache
def _named(formats: str) -> Sequence[tuple[str, str]]:
    names = Conventions.parse(formats).territories
    found = [(code, str(names.get(code, code))) for code in countries()]
    return sorted(found, key=lambda one: _plain(one[1]))


def _plain(name: str) -> str:
    """Sort letters with marks beside those without."""
    split = unicodedata.normalize("NFD", name)
    return "".join(c for c in split if not unicodedata.combining(c)).casefold()


def _table(name: str) -> list[list[str]]:
    """Read a table that comes with the zones: columns apart by tabs, remarks behind ``#``."""
    text = (resources.files("tzdata") / "zoneinfo" / name).read_text(encoding="utf-8")
    return [row.split("\t") for row in text.splitlines() if row and not row.startswith("#")]
