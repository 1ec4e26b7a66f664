"""Why a payment did not go through, as people read it."""

from typing import Final

from hero_onboarding.languages import Locale, marked
from hero_onboarding.payments import TopUp, TopUpState

_TOO_LITTLE: Final = marked("There was not enough money in the account that pays.")
_DECLINED: Final = marked("It was declined, on the phone or by the bank.")
_NOT_PROVED: Final = marked("The bank wanted a proof of who pays, and got none.")
_CARD: Final = marked("The card's number, date or code is not right, or the card is over.")

REASONS: Final = {
    "insufficient_funds": _TOO_LITTLE,
    "no_answer": marked("Nobody approved it on the phone in time."),
    "declined": _DECLINED,
    "card_declined": _DECLINED,
    "generic_decline": _DECLINED,
    "do_not_honor": _DECLINED,
    "authentication_required": _NOT_PROVED,
    "payment_intent_authentication_failure": _NOT_PROVED,
    "expired_card": _CARD,
    "incorrect_number": _CARD,
    "incorrect_cvc": _CARD,
    "invalid_expiry_month": _CARD,
    "invalid_expiry_year": _CARD,
    "phone_refused": marked("This phone number can't be asked to pay."),
    "amount_refused": marked("The operator does not take this amount."),
    "operator_unavailable": marked("The operator of this phone can't be asked now."),
    "not_available": marked("This way to pay can't be used now."),
}
"""By the provider's word, or ours for it; of all other words nothing more is said."""


def reason_of(locale: Locale, top_up: TopUp) -> str:
    """Say why a top-up failed, where a word that is known tells it; else nothing."""
    if top_up.state is not TopUpState.FAILED or top_up.failure not in REASONS:
        return ""
    return locale.gettext(REASONS[top_up.failure])
