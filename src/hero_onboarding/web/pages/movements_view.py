"""Movements of a wallet as people read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from hero_onboarding.languages import Locale, Moment
from hero_onboarding.wallet import Movement
from hero_onboarding.web.pages.kinds import words_of

_REMEMBERED: Final = 4096


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
    if kind == "adjustment":
        return locale.gettext("Adjustment"), str(detail["reason"])
    if kind == "top_up":
        return locale.gettext("Top-up"), ""
    if kind == "refund":
        return locale.gettext("Given back"), ""
    if kind == "refund_returned":
        return locale.gettext("Not given back after all"), ""
    return kind.replace("_", " ").capitalize(), ""
