"""What the dashboard says of a balance: how much, how long it lasts, what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from hero_onboarding.http.wording import money_text, span_text
from hero_onboarding.kernel.money import MICROS_PER_CENT
from hero_onboarding.wallet import Wallet

SHORT_BELOW: Final = timedelta(days=3)
_DAY_SECONDS: Final = 24 * 3600
_SECONDS_MAX: Final = 10 * 366 * _DAY_SECONDS
_NOTHING_USED: Final = "You used nothing in the last 24 hours"
_ASK: Final = "To add money, ask the operator of this site."


@dataclass(frozen=True, slots=True)
class BalanceView:
    """The balance and how long it lasts; ``state`` is ``good``, ``warn``, ``bad`` or ``plain``."""

    amount: str
    state: str
    headline: str
    sentences: Sequence[str]


def balance_view(wallet: Wallet, used_in_day: int) -> BalanceView:
    """Write a balance, given what was used in the last 24 hours in micro-dollars."""
    return _empty(wallet, used_in_day) if wallet.balance == 0 else _filled(wallet, used_in_day)


def _filled(wallet: Wallet, used_in_day: int) -> BalanceView:
    """Say how long a balance lasts at the rate of the last 24 hours."""
    amount, notes = money_text(wallet.balance), _notes(wallet)
    if used_in_day == 0:
        quiet = f"{_NOTHING_USED}, so nothing runs out."
        return BalanceView(amount, "plain", "Nothing is being used", [quiet, *notes])
    lasts = runway(wallet.balance, used_in_day)
    rate = f"At the rate of the last 24 hours: {money_text(used_in_day)} used."
    if lasts >= SHORT_BELOW:
        return BalanceView(amount, "good", f"Lasts {span_text(lasts)}", [rate, *notes])
    return BalanceView(amount, "warn", f"Lasts only {span_text(lasts)}", [rate, *notes, _ASK])


def runway(balance: int, used_in_day: int) -> timedelta:
    """Return how long a balance lasts at a daily rate, ten years at most."""
    return timedelta(seconds=min(balance * _DAY_SECONDS // used_in_day, _SECONDS_MAX))


def _empty(wallet: Wallet, used_in_day: int) -> BalanceView:
    """Say what an empty balance means and what to do."""
    rate = f"You used {money_text(used_in_day)} in the last 24 hours."
    rest = [rate if used_in_day else f"{_NOTHING_USED}.", *_notes(wallet), _ASK]
    amount = money_text(0)
    if wallet.overdraft:
        missing = money_text(wallet.overdraft)
        meaning = f"You used {missing} more than you had. Money that comes in pays this first."
        return BalanceView(amount, "bad", f"Overdrawn by {missing}", [meaning, *rest])
    if wallet.owed:
        return BalanceView(amount, "bad", "Money was taken back", rest)
    return BalanceView(amount, "plain", "Used up" if wallet.sequence else "No money yet", rest)


def _notes(wallet: Wallet) -> list[str]:
    """Say what else claims the balance."""
    notes = []
    if wallet.held:
        notes.append(_held(wallet))
    if wallet.owed:
        notes.append(f"{money_text(wallet.owed)} was paid in and taken back; you still owe it.")
    return notes


def _held(wallet: Wallet) -> str:
    """Say what of the balance is held, in figures that add up to the one that is shown."""
    free = money_text(wallet.available)
    held_cents = wallet.balance // MICROS_PER_CENT - wallet.available // MICROS_PER_CENT
    if wallet.held > wallet.balance:
        return f"All of it is held, {money_text(wallet.held)} in all; {free} is free to spend."
    if wallet.held < MICROS_PER_CENT:
        return "Less than a cent of it is held; the rest is free to spend."
    return f"{money_text(held_cents * MICROS_PER_CENT)} of it is held; {free} is free to spend."
