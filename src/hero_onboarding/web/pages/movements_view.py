"""Movements of a wallet as people read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from hero_onboarding.languages import Locale, Moment, marked
from hero_onboarding.wallet import Movement
from hero_onboarding.web.pages.kinds import words_of
from hero_onboarding.web.pages.ways import word_of_way

_REMEMBERED: Final = 4096
_WHAT: Final = {
    "adjustment": marked("Adjustment"),
    "grant_used": marked("Promotional credit"),
    "top_up": marked("Top-up"),
    "refund": marked("Given back"),
    "refund_returned": marked("Not given back after all"),
}
_WITH_A_REASON: Final = frozenset({"adjustment", "grant_used"})


@dataclass(frozen=True, slots=True)
class MovementLine:
    """One line of a statement; ``note`` says more than ``what`` where there is more."""

    at: Moment
    what: str
    note: str
    amount: str
    is_in: bool
    balance_after: str


@lru_cache(_REMEMBERED)
def movement_line(locale: Locale, movement: Movement) -> MovementLine:
    """Write one movement; it is remembered, since what has moved never changes."""
    what, note = _words(locale, movement.kind, movement.detail)
    return MovementLine(
        at=locale.moment(movement.at),
        what=what,
        note=note,
        amount=locale.signed_money(movement.amount),
        is_in=movement.amount > 0,
        balance_after=locale.money(movement.balance_after),
    )


def _words(locale: Locale, kind: str, detail: Mapping[str, Any]) -> tuple[str, str]:
    """Say what moved the money, and the details that a person can check."""
    if kind == "charge":
        return locale.gettext("Use"), words_of(locale, detail["by_kind"])
    note = str(detail["reason"]) if kind in _WITH_A_REASON else ""
    if kind == "top_up":
        note = word_of_way(locale, detail["provider"], detail.get("method"))
    what = _WHAT.get(kind)
    shown = kind.replace("_", " ").capitalize() if what is None else locale.gettext(what)
    return shown, note
