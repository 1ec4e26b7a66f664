"""Automatic top-ups as values, and the rules that decide when there is one. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from hero_onboarding.payments.errors import WrongAutomaticTopUpError
from hero_onboarding.payments.ways import way_of

WAY: Final = way_of("stripe", "checkout", "USD")
"""A saved card pays what a card pays at its checkout."""

CONSENT: Final = "2026-11"
"""Which text people agree to; docs/payments.md has it, and a new text has a new version."""

CAP_MAX: Final = 1_000_000
THRESHOLDS: Final = (1_000_000, 1_000_000_000)
"""Caps in US cents; thresholds in micro-dollars, from 1 to 1,000 dollars."""

AFTER_DECLINE: Final = timedelta(hours=1)
"""After a decline nothing is tried for so long, unless money came in since."""

BETWEEN_TRIES: Final = timedelta(days=1)
TRIES_MAX: Final = 3
"""A card that declines for now is tried so often, so far apart."""

BURST: Final = 3
BURST_WITHIN: Final = timedelta(minutes=10)
"""So many automatic top-ups in so short a time are an incident."""

HONOR_TRIES_MAX: Final = 2
_DO_NOT_HONOR: Final = "do_not_honor"
_AUTHENTICATION: Final = "authentication_required"
_FOR_GOOD: Final = frozenset(
    {
        "card_not_supported",
        "expired_card",
        "fraudulent",
        "lost_card",
        "pickup_card",
        "restricted_card",
        "revocation_of_all_authorizations",
        "revocation_of_authorization",
        "stolen_card",
        "stop_payment_order",
    }
)
_FOR_GOOD_BEGIN: Final = ("incorrect_", "invalid_")


class AutomaticState(StrEnum):
    """Whether a user's automatic top-up works; a paused one needs the user to go on."""

    ON = "on"
    PAUSED = "paused"
    OFF = "off"


class PauseReason(StrEnum):
    """Why an automatic top-up was paused."""

    CARD = "card"
    DECLINED = "declined"
    CARD_REMOVED = "card_removed"


class Decline(StrEnum):
    """What a provider's word for a decline means."""

    FOR_NOW = "for_now"
    FOR_GOOD = "for_good"
    AUTHENTICATION = "authentication"


class Verdict(StrEnum):
    """Whether a user is topped up now, and if not, why."""

    TOP_UP = "top_up"
    ENOUGH = "enough"
    FROZEN = "frozen"
    WAITS = "waits"
    DAILY_CAP = "daily_cap"
    MONTHLY_CAP = "monthly_cap"
    NO_CARD = "no_card"


@dataclass(frozen=True, slots=True)
class AutomaticWish:
    """What a user agrees to; ``threshold`` is in micro-dollars, the amounts in US cents."""

    user_sid: str
    card_id: UUID
    threshold: int
    amount: int
    daily_cap: int
    monthly_cap: int

    def require_sound(self) -> None:
        """Check everything that can be checked without asking anybody.

        Raises:
            WrongAutomaticTopUpError: Saying what can't be.
        """
        least, most = THRESHOLDS
        if not least <= self.threshold <= most:
            detail = f"threshold must be from {least} to {most} micro-dollars"
            raise WrongAutomaticTopUpError("threshold", detail)
        least, most = WAY.least, WAY.most
        if not least <= self.amount <= most:
            detail = f"amount must be from {least} to {most} US cents"
            raise WrongAutomaticTopUpError("amount", detail)
        if not self.amount <= self.daily_cap <= self.monthly_cap <= CAP_MAX:
            detail = (
                "daily_cap must be amount or more, monthly_cap daily_cap or more,"
                f" and neither over {CAP_MAX} US cents"
            )
            raise WrongAutomaticTopUpError("caps", detail)


@dataclass(frozen=True, slots=True)
class AutomaticTopUp:
    """What a user agreed to, and whether it works.

    Attributes:
        consent: The version of the text that the user agreed to, at ``consented_at``.
    """

    user_sid: str
    card_id: UUID
    threshold: int
    amount: int
    daily_cap: int
    monthly_cap: int
    consent: str
    consented_at: datetime
    state: AutomaticState
    pause_reason: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Failure:
    """An automatic top-up that failed, with the provider's word for why."""

    word: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of a user when it is decided; amounts as in ``AutomaticTopUp``.

    Attributes:
        available: What the user has, promotional credit included, in micro-dollars.
        coming: What other payments that are on their way will add, in micro-dollars.
        is_frozen: Whether the user owes what their balance does not cover, or there is a dispute.
        has_card: Whether the card can be charged.
        spent_today: Automatic top-ups of this day (UTC) that are open, pending or paid.
        spent_this_month: Those of this month.
        failures: The latest that failed since money last came in, newest first.
    """

    available: int
    coming: int
    is_frozen: bool
    has_card: bool
    spent_today: int
    spent_this_month: int
    failures: Sequence[Failure]


def read_decline(word: str) -> Decline:
    """Say what a provider's word for a decline means; one that is not known is for now."""
    if word == _AUTHENTICATION:
        return Decline.AUTHENTICATION
    if word in _FOR_GOOD or word.startswith(_FOR_GOOD_BEGIN):
        return Decline.FOR_GOOD
    return Decline.FOR_NOW


def judge(setting: AutomaticTopUp, situation: Situation, now: datetime) -> Verdict:
    """Decide whether a user whose automatic top-up is on is topped up now."""
    checks = (
        (situation.available + situation.coming >= setting.threshold, Verdict.ENOUGH),
        (situation.is_frozen, Verdict.FROZEN),
        (not situation.has_card, Verdict.NO_CARD),
        (_waits(setting, situation.failures, now), Verdict.WAITS),
        (situation.spent_today + setting.amount > setting.daily_cap, Verdict.DAILY_CAP),
        (situation.spent_this_month + setting.amount > setting.monthly_cap, Verdict.MONTHLY_CAP),
    )
    return next((verdict for is_so, verdict in checks if is_so), Verdict.TOP_UP)


def pause_after(
    setting: AutomaticTopUp, failures: Sequence[Failure], *, is_refused: bool
) -> PauseReason | None:
    """Say why an automatic top-up pauses after its newest failure; None if it goes on.

    Args:
        setting: What failed.
        failures: The latest since money last came in, newest first.
        is_refused: Whether the provider would not even try.
    """
    tries = [one for one in failures if one.at >= setting.changed_at]
    words = [one.word for one in tries]
    newest = read_decline(words[0]) if words else Decline.FOR_NOW
    is_refused_often = words[:HONOR_TRIES_MAX] == [_DO_NOT_HONOR] * HONOR_TRIES_MAX
    if is_refused or newest is Decline.FOR_GOOD or is_refused_often:
        return PauseReason.CARD
    if newest is Decline.FOR_NOW and len(tries) >= TRIES_MAX:
        return PauseReason.DECLINED
    return None


def day_of(now: datetime) -> datetime:
    """Return when a day began, in UTC."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def month_of(now: datetime) -> datetime:
    """Return when a month began, in UTC."""
    return day_of(now).replace(day=1)


def _waits(setting: AutomaticTopUp, failures: Sequence[Failure], now: datetime) -> bool:
    """Whether a decline keeps from trying now.

    For an hour nothing is tried, whatever the user changes. A card whose holder has to confirm
    is not tried again before money came in or the user agreed anew; others after a day.
    """
    if not failures:
        return False
    newest = failures[0]
    if now < newest.at + AFTER_DECLINE:
        return True
    if newest.at < setting.changed_at:
        return False
    needs_holder = read_decline(newest.word) is Decline.AUTHENTICATION
    return needs_holder or now < newest.at + BETWEEN_TRIES
