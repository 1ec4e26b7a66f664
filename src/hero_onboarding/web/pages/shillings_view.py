"""Topping up in shillings, as people read it: ways, the rate, and what a payment will be worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hero_onboarding.exchange import Rate
from hero_onboarding.languages import Locale, Moment, marked
from hero_onboarding.payments import PhoneWay, TopUpRequest, way_of
from hero_onboarding.web.pages.top_up_view import Chip
from hero_onboarding.web.pages.ways import source_of_rate

CHIPS: Final = (10_000, 25_000, 50_000, 100_000)
"""Amounts to choose from, in shillings."""

WAYS: Final = {
    "push": marked("Mobile money: your phone asks you"),
    "control_number": marked("A control number, for a bank, an agent or any operator's menu"),
    "checkout": marked("ClickPesa's page"),
}
"""By method of ClickPesa's, what people choose from."""

_ACTIONS: Final = {
    "push": marked("Ask my phone"),
    "control_number": marked("Get the control number"),
    "checkout": marked("Go on to ClickPesa"),
}
_OPERATORS: Final = {"M-PESA": "M-Pesa", "TIGO-PESA": "Mixx by Yas", "AIRTEL-MONEY": "Airtel Money"}


@dataclass(frozen=True, slots=True)
class ShillingsView:
    """The form; ``wrong`` is empty, ``amount``, ``phone``, ``way`` or ``provider``."""

    is_off: bool = False
    key: str = ""
    chips: Sequence[Chip] = ()
    amount: str = ""
    ways: Sequence[Chip] = ()
    phone: str = ""
    rate: str = ""
    source: str = ""
    rated_at: Moment | None = None
    margin: str = ""
    least: str = ""
    most: str = ""
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmView:
    """What will be paid and what it is worth, before anything is asked of anybody."""

    key: str
    amount: str
    way: str
    phone: str
    pays: str
    worth: str
    rate: str
    fee: str
    operator: str
    action: str
    applied: str = ""
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a form was filled with, as text."""

    key: str
    chip: str = ""
    amount: str = ""
    way: str = "push"
    phone: str = ""


def shillings_view(locale: Locale, rate: Rate, chosen: Chosen, wrong: str) -> ShillingsView:
    """Write the form as it was filled in."""
    way = way_of("clickpesa", chosen.way if chosen.way in WAYS else "push", "TZS")
    whole, hundredths = divmod(rate.margin, 100)
    return ShillingsView(
        key=chosen.key,
        chips=[
            Chip(str(one), locale.shillings(one * 100), str(one) == chosen.chip) for one in CHIPS
        ],
        amount=chosen.amount,
        ways=[Chip(one, locale.gettext(word), one == chosen.way) for one, word in WAYS.items()],
        phone=chosen.phone,
        rate=locale.rate(rate.applied),
        source=source_of_rate(locale, rate.source),
        rated_at=locale.moment(rate.published_at),
        margin=f"{whole}" if not hundredths else f"{whole}.{hundredths:02}".rstrip("0"),
        least=locale.shillings(way.least),
        most=locale.shillings(way.most),
        wrong=wrong,
    )


def confirm_view(
    locale: Locale, rate: Rate, asked: TopUpRequest, worth: int, phone_ways: Sequence[PhoneWay]
) -> ConfirmView:
    """Write what a payment will be, with the fee of the phone's operator where it is known."""
    operator = phone_ways[0] if phone_ways else None
    fee = None if operator is None else operator.fee
    return ConfirmView(
        key=asked.key,
        amount=str(asked.amount // 100),
        way=asked.method,
        phone=asked.phone or "",
        pays=locale.shillings(asked.amount),
        worth=locale.money(worth),
        rate=locale.rate(rate.applied),
        fee="" if fee is None else locale.shillings(fee),
        operator="" if operator is None else _OPERATORS.get(operator.name, operator.name),
        action=locale.gettext(_ACTIONS[asked.method]),
    )
