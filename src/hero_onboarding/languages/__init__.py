"""The languages of people: message catalogues, and how money, time and counts are written."""

from hero_onboarding.languages.catalogues import LANGUAGES, Language, load_locales, marked
from hero_onboarding.languages.locale import ENGLISH, MINUS, NO_BREAK, Locale, Moment
from hero_onboarding.languages.negotiation import choose_language
from hero_onboarding.languages.places import (
    UNIVERSAL,
    countries,
    list_countries,
    zone_of,
    zones,
    zones_by_region,
)

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "MINUS",
    "NO_BREAK",
    "UNIVERSAL",
    "Language",
    "Locale",
    "Moment",
    "choose_language",
    "countries",
    "list_countries",
    "load_locales",
    "marked",
    "zone_of",
    "zones",
    "zones_by_region",
]
