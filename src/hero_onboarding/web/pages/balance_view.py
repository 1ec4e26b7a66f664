"""What the dashboard says of a balance: how much, how long it lasts, what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hero_onboarding.kernel.money import MICROS_PER_CENT
from hero_onboarding.languages import Locale
from hero_onboarding.wallet import Grant, Wallet, credit_at

SHORT_BELOW: Final = timedelta(days=3)
_DAY_SECONDS: Final = 24 * 3600
_SECONDS_MAX: Final = 10 * 366 * _DAY_SECONDS


@dataclass(frozen=True, slots=True)
class BalanceView:
    """The balance and how long it lasts; ``state`` is ``good``, ``warn``, ``bad`` or ``plain``."""

    amount: str
    state: str
    headline: str
    sentences: Sequence[str]


@dataclass(frozen=True, slots=True)
class Credit:
    """What promotional credit adds to a balance: micro-dollars, and a sentence for each grant."""

    micros: int = 0
    sentences: Sequence[str] = ()


NO_CREDIT: Final = Credit()


def credit_of(locale: Locale, grants: Sequence[Grant], now: datetime) -> Credit:
    """Write what is left of the grants that pay for use of this moment."""
    living = [grant for grant in grants if grant.left and grant.lives_at(now)]
    sentences = tuple(
        locale.gettext(
            "%(amount)s of promotional credit pays for your use until %(until)s (%(reason)s).",
            amount=locale.money(grant.left),
            until=locale.moment(grant.expires_at).text,
            reason=grant.reason,
        )
        for grant in living
    )
    return Credit(credit_at(living, now), sentences)


def balance_view(
    locale: Locale,
    wallet: Wallet,
    used_in_day: int,
    *,
    credit: Credit = NO_CREDIT,
    can_top_up: bool = False,
) -> BalanceView:
    """Write a balance, given what was used in the last 24 hours in micro-dollars.

    Use takes promotional credit first, so the balance lasts for as long as both together.
    """
    ask = _ask(locale, can_top_up=can_top_up)
    if wallet.balance + credit.micros == 0 or wallet.overdraft or wallet.owed:
        return _empty(locale, wallet, used_in_day, credit, ask)
    return _filled(locale, wallet, used_in_day, credit, ask)


def _filled(
    locale: Locale, wallet: Wallet, used_in_day: int, credit: Credit, ask: str
) -> BalanceView:
    """Say how long a balance lasts at the rate of the last 24 hours."""
    amount, notes = locale.money(wallet.balance), [*credit.sentences, *_notes(locale, wallet)]
    if used_in_day == 0:
        headline = locale.gettext("Nothing is being used")
        quiet = locale.gettext("You used nothing in the last 24 hours, so nothing runs out.")
        return BalanceView(amount, "plain", headline, [quiet, *notes])
    lasts = runway(wallet.balance + credit.micros, used_in_day)
    span, used = locale.span(lasts), locale.money(used_in_day)
    rate = locale.gettext("At the rate of the last 24 hours: %(amount)s used.", amount=used)
    if lasts >= SHORT_BELOW:
        headline = locale.gettext("Lasts %(span)s", span=span)
        return BalanceView(amount, "good", headline, [rate, *notes])
    headline = locale.gettext("Lasts only %(span)s", span=span)
    return BalanceView(amount, "warn", headline, [rate, *notes, ask])


def runway(balance: int, used_in_day: int) -> timedelta:
    """Return how long a balance lasts at a daily rate, ten years at most."""
    return timedelta(seconds=min(balance * _DAY_SECONDS // used_in_day, _SECONDS_MAX))


def _empty(
    locale: Locale, wallet: Wallet, used_in_day: int, credit: Credit, ask: str
) -> BalanceView:
    """Say what an empty balance means and what to do."""
    rest = [_used(locale, used_in_day), *credit.sentences, *_notes(locale, wallet), ask]
    amount = locale.money(0)
    if wallet.overdraft:
        missing = locale.money(wallet.overdraft)
        headline = locale.gettext("Overdrawn by %(amount)s", amount=missing)
        meaning = locale.gettext(
            "You used %(amount)s more than you had. Money that comes in pays this first.",
            amount=missing,
        )
        return BalanceView(amount, "bad", headline, [meaning, *rest])
    if wallet.owed:
        return BalanceView(amount, "bad", locale.gettext("Money was taken back"), rest)
    headline = locale.gettext("Used up") if wallet.sequence else locale.gettext("No money yet")
    return BalanceView(amount, "plain", headline, rest)


def _used(locale: Locale, used_in_day: int) -> str:
    if not used_in_day:
        return locale.gettext("You used nothing in the last 24 hours.")
    used = locale.money(used_in_day)
    return locale.gettext("You used %(amount)s in the last 24 hours.", amount=used)


def _ask(locale: Locale, *, can_top_up: bool) -> str:
    if can_top_up:
        return locale.gettext("Top up to go on.")
    return locale.gettext("To add money, ask the operator of this site.")


def _notes(locale: Locale, wallet: Wallet) -> list[str]:
    """Say what else claims the balance."""
    notes = []
    if wallet.held:
        notes.append(_held(locale, wallet))
    if wallet.owed:
        notes.append(
            locale.gettext(
                "%(amount)s was paid in and taken back; you still owe it.",
                amount=locale.money(wallet.owed),
            )
        )
    elif wallet.debt:
        notes.append(
            locale.gettext(
                "%(amount)s was paid in and taken back; it is taken off this balance.",
                amount=locale.money(wallet.debt),
            )
        )
    return notes


def debt_sentences(locale: Locale, wallet: Wallet) -> Sequence[str]:
    """Say why the balance is less than the newest line of a statement says; empty without debt."""
    if not wallet.debt:
        return ()
    taken = locale.gettext(
        "%(amount)s was paid in and taken back. It is taken off the balance above, and not off"
        " the lines below.",
        amount=locale.money(wallet.debt),
    )
    if not wallet.owed:
        return (taken,)
    return (taken, locale.gettext("You still owe %(amount)s.", amount=locale.money(wallet.owed)))


def _held(locale: Locale, wallet: Wallet) -> str:
    """Say what of the balance is held, in figures that add up to the one that is shown."""
    free = locale.money(wallet.available)
    held_cents = wallet.balance // MICROS_PER_CENT - wallet.available // MICROS_PER_CENT
    if wallet.held > wallet.balance:
        return locale.gettext(
            "All of it is held, %(held)s in all; %(free)s is free to spend.",
            held=locale.money(wallet.held),
            free=free,
        )
    if wallet.held < MICROS_PER_CENT:
        return locale.gettext("Less than a cent of it is held; the rest is free to spend.")
    return locale.gettext(
        "%(held)s of it is held; %(free)s is free to spend.",
        held=locale.money(held_cents * MICROS_PER_CENT),
        free=free,
    )
