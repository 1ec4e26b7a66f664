"""The languages of people: message catalogues, and how money, time and counts are written."""

from hero_onboarding.languages.catalogues import LANGUAGES, Language, load_locales, marked
from hero_onboarding.languages.locale import ENGLISH, MINUS, NO_BREAK, Locale, Moment
from hero_onboarding.languages.negotiation import choose_language

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "MINUS",
    "NO_BREAK",
    "Language",
    "Locale",
    "Moment",
    "choose_language",
    "load_locales",
    "marked",
]
