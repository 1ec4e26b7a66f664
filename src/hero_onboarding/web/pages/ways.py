"""The ways to pay, as people call them."""

from typing import Final

from hero_onboarding.exchange import OPERATOR
from hero_onboarding.languages import Locale, marked

_WAYS: Final = {
    ("stripe", "checkout"): marked("Card or bank"),
    ("stripe", "saved_card"): marked("Saved card, charged automatically"),
    ("clickpesa", "push"): marked("Mobile money"),
    ("clickpesa", "control_number"): marked("Control number"),
    ("clickpesa", "checkout"): marked("ClickPesa's page"),
    ("clickpesa", "link"): marked("Card"),
}


def source_of_rate(locale: Locale, source: str) -> str:
    """Name whoever said what a dollar is."""
    return locale.gettext("this site") if source == OPERATOR else "ClickPesa"


def word_of_way(locale: Locale, provider: str, method: str | None) -> str:
    """Name a way; empty for one that has no name, and for top-ups from before ways were kept."""
    word = _WAYS.get((provider, method or ""))
    return "" if word is None else locale.gettext(word)
