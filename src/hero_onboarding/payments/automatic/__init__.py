"""Automatic top-ups: a saved card is charged when a balance is low, as its holder agreed."""

from hero_onboarding.payments.automatic.domain import (
    CAP_MAX,
    CONSENT,
    THRESHOLDS,
    AutomaticState,
    AutomaticTopUp,
    AutomaticWish,
    PauseReason,
    Verdict,
)
from hero_onboarding.payments.automatic.service import (
    agree,
    find_automatic,
    learn_from_failure,
    let_go_of_card,
    may_charge,
    needs_holder,
    top_up_if_low,
    turn_off,
)
from hero_onboarding.payments.automatic.walk import top_up_the_low

__all__ = [
    "CAP_MAX",
    "CONSENT",
    "THRESHOLDS",
    "AutomaticState",
    "AutomaticTopUp",
    "AutomaticWish",
    "PauseReason",
    "Verdict",
    "agree",
    "find_automatic",
    "learn_from_failure",
    "let_go_of_card",
    "may_charge",
    "needs_holder",
    "top_up_if_low",
    "top_up_the_low",
    "turn_off",
]
