"""When somebody is topped up, and what a decline leads to: the rules alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from hero_onboarding.payments import (
    AutomaticState,
    AutomaticTopUp,
    AutomaticWish,
    PauseReason,
    WrongAutomaticTopUpError,
)
from hero_onboarding.payments.automatic.domain import (
    Decline,
    Failure,
    Situation,
    Verdict,
    judge,
    pause_after,
    read_decline,
)

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
BEGAN = NOW - timedelta(days=9)
SETTING = AutomaticTopUp(
    user_sid="ada",
    card_id=UUID(int=1),
    threshold=10_000_000,
    amount=2_500,
    daily_cap=5_000,
    monthly_cap=10_000,
    consent="x",
    consented_at=BEGAN,
    state=AutomaticState.ON,
    pause_reason="",
    changed_at=BEGAN,
)
LOW = Situation(
    available=9_999_999,
    coming=0,
    is_frozen=False,
    has_card=True,
    spent_today=0,
    spent_this_month=0,
    failures=(),
)


def failed(*words: str, hours_ago: float = 0) -> Sequence[Failure]:
    """Failures a day apart, the newest first and so many hours ago."""
    begin = NOW - timedelta(hours=hours_ago)
    return [Failure(word, begin - timedelta(days=day)) for day, word in enumerate(words)]


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, Verdict.TOP_UP),
        ({"available": 10_000_000}, Verdict.ENOUGH),
        ({"available": 0, "coming": 10_000_000}, Verdict.ENOUGH),
        ({"available": 0, "coming": 9_999_999}, Verdict.TOP_UP),
        ({"is_frozen": True}, Verdict.FROZEN),
        ({"has_card": False}, Verdict.NO_CARD),
        ({"spent_today": 2_500}, Verdict.TOP_UP),
        ({"spent_today": 2_501}, Verdict.DAILY_CAP),
        ({"spent_this_month": 7_500}, Verdict.TOP_UP),
        ({"spent_this_month": 7_501}, Verdict.MONTHLY_CAP),
        ({"failures": failed("generic_decline", hours_ago=23.9)}, Verdict.WAITS),
        ({"failures": failed("generic_decline", hours_ago=24)}, Verdict.TOP_UP),
        ({"failures": failed("authentication_required", hours_ago=200)}, Verdict.WAITS),
        ({"available": 10_000_000, "failures": failed("x")}, Verdict.ENOUGH),
    ],
)
def test_a_situation_has_one_verdict(change: dict[str, object], verdict: Verdict) -> None:
    assert judge(SETTING, replace(LOW, **change), NOW) is verdict  # type: ignore[arg-type]  # as named


@pytest.mark.parametrize("word", ["generic_decline", "authentication_required"])
def test_who_agrees_anew_waits_an_hour_after_a_decline_and_no_longer(word: str) -> None:
    low = replace(LOW, failures=failed(word, hours_ago=0.5))
    anew = replace(SETTING, changed_at=NOW)

    assert judge(anew, low, NOW) is Verdict.WAITS
    assert judge(anew, low, NOW + timedelta(minutes=30)) is Verdict.TOP_UP


@pytest.mark.parametrize(
    ("words", "is_refused", "reason"),
    [
        (("generic_decline",), False, None),
        (("generic_decline", "insufficient_funds"), False, None),
        (("generic_decline", "insufficient_funds", "x"), False, PauseReason.DECLINED),
        (("lost_card",), False, PauseReason.CARD),
        (("incorrect_cvc",), False, PauseReason.CARD),
        (("do_not_honor",), False, None),
        (("do_not_honor", "do_not_honor"), False, PauseReason.CARD),
        (("do_not_honor", "x", "do_not_honor"), False, PauseReason.DECLINED),
        (("authentication_required",) * 3, False, None),
        (("generic_decline",), True, PauseReason.CARD),
        ((), True, PauseReason.CARD),
    ],
)
def test_declines_pause_when_trying_again_is_no_use(
    words: tuple[str, ...], is_refused: bool, reason: PauseReason | None
) -> None:
    assert pause_after(SETTING, failed(*words), is_refused=is_refused) is reason
    anew = replace(SETTING, changed_at=NOW + timedelta(seconds=1))
    if not is_refused:
        assert pause_after(anew, failed(*words), is_refused=False) is None


def test_a_word_that_is_not_known_is_tried_again() -> None:
    assert read_decline("something_new") is Decline.FOR_NOW
    assert read_decline("") is Decline.FOR_NOW
    assert read_decline("expired_card") is Decline.FOR_GOOD
    assert read_decline("authentication_required") is Decline.AUTHENTICATION


@pytest.mark.parametrize(
    "change",
    [
        {"threshold": 999_999},
        {"threshold": 1_000_000_001},
        {"amount": 499},
        {"amount": 100_001, "daily_cap": 200_000, "monthly_cap": 200_000},
        {"daily_cap": 2_499},
        {"monthly_cap": 4_999},
        {"monthly_cap": 1_000_001},
    ],
)
def test_a_wish_that_can_not_be_is_refused(change: dict[str, int]) -> None:
    fields = {"threshold": 1_000_000, "amount": 2_500, "daily_cap": 5_000, "monthly_cap": 5_000}
    AutomaticWish("ada", UUID(int=1), **fields).require_sound()

    with pytest.raises(WrongAutomaticTopUpError):
        AutomaticWish("ada", UUID(int=1), **(fields | change)).require_sound()
