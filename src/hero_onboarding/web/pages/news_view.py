"""What needs a user, in sentences with one next step each."""

from collections.abc import Iterator
from dataclasses import dataclass

from hero_onboarding.kernel.money import micros_from_cents
from hero_onboarding.languages import Locale
from hero_onboarding.payments import MoneyNews
from hero_onboarding.web.pages.amounts import typed_of


@dataclass(frozen=True, slots=True)
class NewsLine:
    """One sentence; ``page`` is the name of where to go on, ``query`` what its address ends in."""

    sentence: str
    page: str
    step: str
    query: str = ""


def news_lines(locale: Locale, news: MoneyNews) -> Iterator[NewsLine]:
    """Write them, what is most pressing first."""
    if news.confirm is not None:
        amount = locale.money(micros_from_cents(news.confirm))
        yield NewsLine(
            locale.gettext(
                "Your bank wants you to confirm a payment of %(amount)s yourself.", amount=amount
            ),
            "top_up",
            locale.gettext("Pay it now"),
            f"?amount={typed_of(news.confirm)}",
        )
    if news.paused is not None:
        yield NewsLine(
            locale.gettext("Your automatic top-ups are paused: your card was not charged."),
            "payment_methods",
            locale.gettext("See to your card"),
        )
    if news.low is not None:
        yield NewsLine(
            locale.gettext("You have less than %(amount)s left.", amount=locale.money(news.low)),
            "payment_methods",
            locale.gettext("Change when you are told"),
        )
