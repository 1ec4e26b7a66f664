"""Refunds as people read them: each state has a sentence of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hero_onboarding.kernel.money import micros_from_cents
from hero_onboarding.languages import Locale, Moment, marked
from hero_onboarding.payments import Refund, RefundState

SENTENCES: Final = {
    RefundState.ASKED: marked(
        "Taken from your balance. The payment provider has not answered yet."
    ),
    RefundState.PENDING: marked("On its way back to where you paid from. That can take some days."),
    RefundState.SUCCEEDED: marked(
        "Given back to where you paid from. Banks take up to ten days to show it."
    ),
    RefundState.FAILED: marked("It did not go through: the money is in your balance again."),
}
_OWED: Final = marked(
    "Given back by the payment provider. It comes off your balance, and what that does not cover"
    " you owe."
)
_OWED_SOON: Final = marked("The payment provider is giving this back. You will owe it.")
_NOT_OWED: Final = marked("The payment provider wanted to give this back, and could not.")


@dataclass(frozen=True, slots=True)
class RefundLine:
    """One refund in the list."""

    at: Moment
    amount: str
    sentence: str


@dataclass(frozen=True, slots=True)
class GivingView:
    """What was given back, and the form for more; ``most`` is empty where nothing can be."""

    lines: Sequence[RefundLine] = ()
    key: str = ""
    amount: str = ""
    least: str = ""
    most: str = ""
    is_wrong: bool = False


NOTHING_GIVEN: Final = GivingView()


def giving_view(
    locale: Locale,
    refunds: Sequence[Refund],
    most: int,
    typed: tuple[str, str],
    *,
    is_wrong: bool = False,
) -> GivingView:
    """Write them; ``most`` is in hundredths, ``typed`` the key and amount of the form."""
    key, amount = typed
    return GivingView(
        lines=[_line(locale, refund) for refund in refunds],
        key=key,
        amount=amount,
        least=locale.money(micros_from_cents(1)),
        most=locale.money(micros_from_cents(most)) if most > 0 else "",
        is_wrong=is_wrong,
    )


def _line(locale: Locale, refund: Refund) -> RefundLine:
    return RefundLine(
        at=locale.moment(refund.asked_at),
        amount=_amount(locale, refund),
        sentence=locale.gettext(_sentence(refund)),
    )


def _amount(locale: Locale, refund: Refund) -> str:
    """Write what goes back, in the currency that was paid in."""
    if refund.currency == "TZS":
        return locale.shillings(refund.amount)
    return locale.money(micros_from_cents(refund.amount))


def _sentence(refund: Refund) -> str:
    """Say what became of it; one that was made at the provider did not leave the wallet."""
    if refund.is_ours:
        return SENTENCES[refund.state]
    if refund.state is RefundState.SUCCEEDED:
        return _OWED
    return _OWED_SOON if refund.state.is_waiting else _NOT_OWED
