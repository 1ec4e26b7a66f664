"""Top-ups as people read them: each state has a sentence of its own and one next step."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from typing import Final

from hero_onboarding.kernel.money import micros_from_cents
from hero_onboarding.languages import Locale, Moment, marked
from hero_onboarding.payments import (
    MISMATCH,
    Dispute,
    DisputeState,
    Quote,
    TopUp,
    TopUpState,
    masked,
    way_of,
)
from hero_onboarding.web.pages.failed_view import reason_of
from hero_onboarding.web.pages.refund_view import NOTHING_GIVEN, GivingView
from hero_onboarding.web.pages.ways import source_of_rate

CHIPS: Final = (10, 25, 50, 100)
"""Amounts to choose from, in dollars."""

SHOWN: Final = 10
"""How many of a user's top-ups stand below the form."""


class Problem(IntEnum):
    """What was wrong with a form, by the status that says so."""

    AMOUNT = 422
    PROVIDER = 503


@dataclass(frozen=True, slots=True)
class Chip:
    """An amount to choose."""

    value: str
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class TopUpLine:
    """One top-up in the list."""

    id: str
    at: Moment
    amount: str
    word: str


@dataclass(frozen=True, slots=True)
class FormView:
    """The form, what was wrong with it, and the last top-ups; ``is_off`` where none are taken."""

    is_off: bool = False
    key: str = ""
    chips: Sequence[Chip] = ()
    amount: str = ""
    least: str = ""
    most: str = ""
    wrong: str = ""
    can_save: bool = False
    saves: bool = False
    has_shillings: bool = False
    lines: Sequence[TopUpLine] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """How a state is told: a word for lists, a heading, a sentence, and what to do next.

    ``next_step`` is ``pay``, ``wait``, ``again`` or ``dashboard``.
    """

    word: str
    heading: str
    sentence: str
    next_step: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class TopUpView:
    """What became of a top-up; ``refresh_path`` is asked for again while it may change soon."""

    id: str
    amount: str
    heading: str
    sentence: str
    tone: str
    next_step: str
    redirect_url: str | None
    until: Moment
    refresh_path: str | None
    facts: Sequence[tuple[str, str]]
    company: str = "Stripe"
    control_number: str = ""
    giving: GivingView = NOTHING_GIVEN


_AGAIN: Final = "again"
_DASHBOARD: Final = "dashboard"
_WAIT: Final = "wait"

WORDS: Final = {
    TopUpState.OPEN: Words(
        marked("not paid yet"),
        marked("Not paid yet"),
        marked("Nobody has paid this yet. You can leave and come back: nothing is taken twice."),
        "pay",
    ),
    TopUpState.PENDING: Words(
        marked("on its way"),
        marked("The payment is on its way"),
        marked("Some ways to pay take days. Your balance grows by itself when the money is there."),
        _DASHBOARD,
    ),
    TopUpState.PAID: Words(
        marked("paid"),
        marked("Paid"),
        marked("It was added to your balance."),
        _DASHBOARD,
        "good",
    ),
    TopUpState.FAILED: Words(
        marked("did not go through"),
        marked("The payment did not go through"),
        marked("Nothing was added to your balance. Try again, or another way to pay."),
        _AGAIN,
        "bad",
    ),
    TopUpState.EXPIRED: Words(
        marked("over"),
        marked("This top-up is over"),
        marked("Nobody paid it in time, and nothing was added to your balance."),
        _AGAIN,
    ),
    TopUpState.REFUNDED: Words(
        marked("paid back"),
        marked("Paid back"),
        marked("The money went back to where it came from."),
        _DASHBOARD,
    ),
    TopUpState.DISPUTED: Words(
        marked("asked back"),
        marked("Asked back by the bank"),
        marked(
            "The bank that paid asks for this money back. It can't be spent now. If the bank"
            " keeps it, you owe it to this site."
        ),
        _DASHBOARD,
        "warn",
    ),
}

_BACK: Final = Words(
    "",
    marked("Waiting for the confirmation"),
    marked("You come back from the payment page. This page goes on by itself."),
    _WAIT,
)
_NOT_OPENED: Final = Words(
    "",
    marked("Asking the payment provider"),
    marked("The payment provider has not answered yet. This page goes on by itself."),
    _WAIT,
)
_LOOKED_AT: Final = Words(
    "",
    marked("Somebody looks at this payment"),
    marked("Money came in that is not what was asked for. The operator of this site was told."),
    _DASHBOARD,
    "warn",
)
_LOST: Final = Words(
    "",
    marked("Kept by the bank"),
    marked(
        "The bank that paid kept this money. It was taken off your balance; if that was not enough,"
        " your dashboard says what you still owe."
    ),
    _DASHBOARD,
    "warn",
)

_THROUGH: Final = {
    ("clickpesa", "push"): marked("Mobile money, through ClickPesa"),
    ("clickpesa", "control_number"): marked("Control number, through ClickPesa"),
    ("clickpesa", "checkout"): marked("ClickPesa's page"),
    ("clickpesa", "link"): marked("Card, through ClickPesa"),
}
_AT_STRIPE: Final = marked("Card or bank, through Stripe")
"""Nobody keeps which of its ways a payer took at Stripe's page; who saves a card took that."""

_ON_THE_PHONE: Final = Words(
    "",
    marked("Look at your phone"),
    marked("It asks you to approve this payment with your PIN. Nothing is taken before you do."),
    _WAIT,
)
_AT_A_BANK: Final = Words(
    "",
    marked("Pay with this number"),
    marked(
        "Type it at your bank, at an agent or in your operator's menu for paying bills, and pay"
        " exactly this amount."
    ),
    _WAIT,
)
_NOWHERE: Final = Words(
    "",
    marked("Start again"),
    marked("The payment page was lost on its way, and nothing was taken. Start again."),
    _AGAIN,
)
_COMPANIES: Final = {"stripe": "Stripe", "clickpesa": "ClickPesa"}


def form_view(
    locale: Locale, top_ups: Sequence[TopUp], typed: tuple[str, str, str], problem: Problem | None
) -> FormView:
    """Write the form; ``typed`` are the key, the chip and the amount that it is filled with."""
    key, chosen, amount = typed
    way = way_of("stripe", "checkout", "USD")
    least, most = (_dollars(locale, limit) for limit in (way.least, way.most))
    chips = [
        Chip(str(dollars), _dollars(locale, dollars * 100), str(dollars) == chosen)
        for dollars in CHIPS
    ]
    return FormView(
        key=key,
        chips=chips,
        amount=amount,
        least=least,
        most=most,
        wrong="" if problem is None else problem.name.lower(),
        lines=[_line(locale, top_up) for top_up in top_ups],
    )


def top_up_view(
    locale: Locale,
    top_up: TopUp,
    now: datetime,
    path: str,
    *,
    quote: Quote | None = None,
    is_back: bool = False,
) -> TopUpView:
    """Write what became of a top-up; ``path`` is where the page is, ``quote`` the rate of it."""
    words = _words(top_up, is_back=is_back)
    may_go_on = top_up.may_go_on(now)
    is_refreshed = words.next_step == _WAIT
    return TopUpView(
        id=str(top_up.id),
        amount=paid_amount(locale, top_up),
        heading=locale.gettext(words.heading),
        sentence=f"{reason_of(locale, top_up)} {locale.gettext(words.sentence)}".strip(),
        tone=words.tone,
        next_step=words.next_step,
        redirect_url=top_up.redirect_url if may_go_on else None,
        until=locale.moment(top_up.expires_at),
        refresh_path=path if is_refreshed else None,
        facts=_facts(locale, top_up, quote),
        company=_COMPANIES.get(top_up.provider, top_up.provider),
        control_number=_control_number(top_up),
    )


def with_disputes(
    locale: Locale, view: TopUpView, top_up: TopUp, disputes: Sequence[Dispute]
) -> TopUpView:
    """Say that the bank kept the money where no dispute is open any more and one was lost."""
    against_us = [one for one in disputes if one.state.is_against_us]
    is_lost = bool(against_us) and all(
        one.state is DisputeState.LOST and not one.is_frozen for one in against_us
    )
    if top_up.state is not TopUpState.DISPUTED or not is_lost:
        return view
    heading, sentence = locale.gettext(_LOST.heading), locale.gettext(_LOST.sentence)
    return replace(view, heading=heading, sentence=sentence, tone=_LOST.tone)


def paid_amount(locale: Locale, top_up: TopUp) -> str:
    """Write what is paid, in the currency that it is paid in."""
    if top_up.currency == "TZS":
        return locale.shillings(top_up.amount)
    return locale.money(top_up.credit)


def _control_number(top_up: TopUp) -> str:
    """Return what the payer types at a bank, while they can."""
    return top_up.control_number or "" if top_up.state is TopUpState.OPEN else ""


def _words(top_up: TopUp, *, is_back: bool) -> Words:
    if top_up.state is TopUpState.PENDING and top_up.failure == MISMATCH:
        return _LOOKED_AT
    if top_up.state is TopUpState.OPEN and is_back:
        return _BACK
    is_push = top_up.method == "push" and top_up.reference is not None
    if top_up.state.is_waiting and is_push and not top_up.failure:
        return _ON_THE_PHONE
    return _words_of_open(top_up) if top_up.state is TopUpState.OPEN else WORDS[top_up.state]


def _words_of_open(top_up: TopUp) -> Words:
    """Say how one that nobody paid yet is paid."""
    if top_up.reference is None:
        return _NOT_OPENED
    if top_up.control_number is not None:
        return _AT_A_BANK
    return WORDS[TopUpState.OPEN] if top_up.redirect_url is not None else _NOWHERE


def _facts(locale: Locale, top_up: TopUp, quote: Quote | None) -> list[tuple[str, str]]:
    """Write the lines of a receipt, as far as there is one."""
    facts = [
        (locale.gettext("Amount"), paid_amount(locale, top_up)),
        *_exchange(locale, top_up, quote),
        (locale.gettext("For user"), top_up.user_sid),
        (locale.gettext("Asked for"), locale.moment(top_up.asked_at).text),
        (locale.gettext("Way"), _way(locale, top_up)),
        (locale.gettext("Top-up number"), str(top_up.id)),
    ]
    if top_up.phone is not None:
        facts.append((locale.gettext("Phone"), masked(top_up.phone)))
    if top_up.payment_id is not None:
        company = _COMPANIES.get(top_up.provider, top_up.provider)
        facts.append((locale.gettext("%(company)s's number", company=company), top_up.payment_id))
    return facts


def _exchange(locale: Locale, top_up: TopUp, quote: Quote | None) -> list[tuple[str, str]]:
    """Write what shillings are worth and by which rate, or which shillings came in for dollars."""
    if top_up.held_amount is not None and top_up.held_currency == "TZS":
        return [(locale.gettext("Paid in shillings"), locale.shillings(top_up.held_amount))]
    if top_up.currency == "USD":
        return []
    said = locale.gettext("Added to the balance") if top_up.credited else locale.gettext("Worth")
    facts = [(said, locale.money(top_up.credited or top_up.credit))]
    if quote is not None:
        told = f"{source_of_rate(locale, quote.source)}, {locale.moment(quote.rated_at).text}"
        facts.append((locale.gettext("One dollar is"), locale.rate(quote.applied)))
        facts.append((locale.gettext("Rate of"), told))
    return facts


def _way(locale: Locale, top_up: TopUp) -> str:
    if top_up.card is not None:
        return locale.gettext("Saved card, through Stripe")
    if top_up.saves_card:
        return locale.gettext("Card, through Stripe")
    return locale.gettext(_THROUGH.get((top_up.provider, top_up.method), _AT_STRIPE))


def _line(locale: Locale, top_up: TopUp) -> TopUpLine:
    word = locale.gettext(WORDS[top_up.state].word)
    at = locale.moment(top_up.asked_at)
    return TopUpLine(str(top_up.id), at, paid_amount(locale, top_up), word)


def _dollars(locale: Locale, cents: int) -> str:
    return locale.money(micros_from_cents(cents))
