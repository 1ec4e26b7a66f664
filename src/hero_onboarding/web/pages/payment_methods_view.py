"""Saved cards, automatic top-ups and alerts as people read them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from hero_onboarding.kernel.money import MICROS_PER_CENT, micros_from_cents
from hero_onboarding.languages import Locale, marked
from hero_onboarding.payments import (
    ALERT_THRESHOLDS,
    CAP_MAX,
    THRESHOLDS,
    Alert,
    AutomaticState,
    AutomaticTopUp,
    CardState,
    PauseReason,
    SavedCard,
    way_of,
)
from hero_onboarding.web.pages.amounts import typed_of

PAUSED: Final = {
    PauseReason.CARD: marked(
        "Paused: the bank refuses the card. Choose another one; you save it when you top up."
    ),
    PauseReason.DECLINED: marked(
        "Paused: the bank declined three times. See to the card, then turn this on again."
    ),
    PauseReason.CARD_REMOVED: marked(
        "Paused: its card was removed. Choose another one; you save it when you top up."
    ),
}
_OWES: Final = marked(
    "On, but no card is charged while you owe money that was paid in and taken back. Top up by"
    " hand to pay it."
)
_OFF: Final = marked("Off. Your balance is topped up by you alone.")


@dataclass(frozen=True, slots=True)
class CardLine:
    """One saved card."""

    id: str
    name: str
    good_until: str
    is_good: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class AutomaticForm:
    """What is typed into the form of automatic top-ups, amounts in dollars."""

    card: str = ""
    threshold: str = "10"
    amount: str = "25"
    daily: str = "50"
    monthly: str = "200"
    agreed: str = ""


@dataclass(frozen=True, slots=True)
class AlertForm:
    """What is typed into the form of alerts, in dollars; ``told`` is empty to be told nothing."""

    threshold: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What was read for the page."""

    now: datetime
    is_full: bool
    can_save: bool
    has_address: bool
    cards: Sequence[SavedCard]
    automatic: AutomaticTopUp | None
    alert: Alert
    owes: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """Forms as they were sent, and what was wrong with one of them, a field's name."""

    automatic: AutomaticForm | None = None
    alert: AlertForm | None = None
    wrong: str = ""


NOTHING_SENT: Final = Sent()


@dataclass(frozen=True, slots=True)
class PaymentMethodsView:
    """The page; ``wrong`` names the field that can't be, pairs are the least and the most."""

    is_full: bool
    can_save: bool
    has_address: bool
    cards: Sequence[CardLine]
    state: str
    tone: str
    is_on: bool
    can_turn_off: bool
    form: AutomaticForm
    alert: AlertForm
    wrong: str
    amounts: tuple[str, str]
    thresholds: tuple[str, str]
    alerts: tuple[str, str]
    cap_most: str

    @property
    def can_choose(self) -> bool:
        """Whether there is a card that can be charged."""
        return any(card.is_good for card in self.cards)


def payment_methods_view(
    locale: Locale, known: Known, sent: Sent = NOTHING_SENT
) -> PaymentMethodsView:
    """Write the page, with the forms as they were sent where something was wrong."""
    form, way = sent.automatic or _form(known), way_of("stripe", "checkout", "USD")
    alert = known.alert
    told = AlertForm(_dollars(alert.threshold), "yes" if alert.is_on else "")
    lines = [_line(locale, card, known.now, form.card) for card in known.cards]
    state = AutomaticState.OFF if known.automatic is None else known.automatic.state
    return PaymentMethodsView(
        is_full=known.is_full,
        can_save=known.can_save,
        has_address=known.has_address,
        cards=lines,
        state=_state(locale, known),
        tone=_tone(state, owes=known.owes),
        is_on=state is AutomaticState.ON,
        can_turn_off=state is not AutomaticState.OFF,
        form=_chosen(form, lines),
        alert=sent.alert or told,
        wrong=sent.wrong,
        amounts=(_money(locale, way.least), _money(locale, way.most)),
        thresholds=(locale.money(THRESHOLDS[0]), locale.money(THRESHOLDS[1])),
        alerts=(locale.money(ALERT_THRESHOLDS[0]), locale.money(ALERT_THRESHOLDS[1])),
        cap_most=_money(locale, CAP_MAX),
    )


def _form(known: Known) -> AutomaticForm:
    """Fill the form with what was agreed to, if anything was."""
    setting = known.automatic
    if setting is None:
        return AutomaticForm()
    return AutomaticForm(
        card=str(setting.card_id),
        threshold=_dollars(setting.threshold),
        amount=typed_of(setting.amount),
        daily=typed_of(setting.daily_cap),
        monthly=typed_of(setting.monthly_cap),
    )


def _chosen(form: AutomaticForm, lines: Sequence[CardLine]) -> AutomaticForm:
    """Choose the first card that is good where none is."""
    good = [line.id for line in lines if line.is_good]
    return form if form.card in good or not good else replace(form, card=good[0])


def _state(locale: Locale, known: Known) -> str:
    """Say in a sentence whether the balance is topped up by itself."""
    setting = known.automatic
    if setting is None or setting.state is AutomaticState.OFF:
        return locale.gettext(_OFF)
    if setting.state is AutomaticState.PAUSED:
        return locale.gettext(PAUSED[PauseReason(setting.pause_reason)])
    if known.owes:
        return locale.gettext(_OWES)
    names = [card.shown for card in known.cards if card.id == setting.card_id]
    return locale.gettext(
        "On: when less than %(threshold)s is available, %(amount)s is charged to %(card)s.",
        threshold=locale.money(setting.threshold),
        amount=_money(locale, setting.amount),
        card="".join(names),
    )


def _tone(state: AutomaticState, *, owes: bool) -> str:
    if state is AutomaticState.OFF:
        return "soft"
    return "good" if state is AutomaticState.ON and not owes else "warn"


def _line(locale: Locale, card: SavedCard, now: datetime, chosen: str) -> CardLine:
    month = f"{card.expires_month:02d}/{card.expires_year}"
    if card.state is CardState.FAILED:
        words = locale.gettext("refused by its bank")
    elif card.is_over(now):
        words = locale.gettext("ended in %(month)s", month=month)
    else:
        words = locale.gettext("good until %(month)s", month=month)
    is_good = card.is_usable(now)
    return CardLine(str(card.id), card.shown, words, is_good, str(card.id) == chosen)


def _money(locale: Locale, cents: int) -> str:
    return locale.money(micros_from_cents(cents))


def _dollars(micros: int) -> str:
    return typed_of(micros // MICROS_PER_CENT)
