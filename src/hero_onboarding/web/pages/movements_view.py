"""Movements of a wallet as people read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hero_onboarding.http.wording import (
    Moment,
    figure_text,
    moment_of,
    money_text,
    signed_money_text,
)
from hero_onboarding.wallet import Movement
from hero_onboarding.web.pages.kinds import in_order, word_of


@dataclass(frozen=True, slots=True)
class MovementLine:
    """One line of a statement; ``note`` says more than ``what`` where there is more."""

    at: Moment
    what: str
    note: str
    amount: str
    is_in: bool
    balance_after: str


def movement_line(movement: Movement) -> MovementLine:
    """Write one movement."""
    what, note = _words(movement.kind, movement.detail)
    return MovementLine(
        at=moment_of(movement.at),
        what=what,
        note=note,
        amount=signed_money_text(movement.amount),
        is_in=movement.amount > 0,
        balance_after=money_text(movement.balance_after),
    )


def _words(kind: str, detail: Mapping[str, Any]) -> tuple[str, str]:
    """Say what moved the money, and the details that a person can check."""
    if kind == "charge":
        by_kind: Mapping[str, int] = detail["by_kind"]
        parts = [f"{word_of(one)} {figure_text(by_kind[one])}" for one in in_order(by_kind)]
        return "Use", ", ".join(parts)
    if kind == "adjustment":
        return "Adjustment", str(detail["reason"])
    return kind.replace("_", " ").capitalize(), ""
