"""What the dashboard says of a balance adds up and never breaks inside an amount."""

import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.languages import ENGLISH, MINUS, NO_BREAK
from hero_onboarding.wallet import Grant, Wallet
from hero_onboarding.web.pages.balance_view import BalanceView, balance_view, credit_of, runway

AMOUNT = re.compile(rf"USD{NO_BREAK}{MINUS}?(?P<dollars>[0-9,]+)\.(?P<cents>[0-9]{{2}})")
PLAIN = Wallet("ada", net=0, debt=0, held=0, sequence=0, charges=0)
CENT = 10_000
DOLLAR = 1_000_000


def cents_in(text: str) -> list[int]:
    """Read every amount of a text, in cents."""
    return [
        int(found["dollars"].replace(",", "")) * 100 + int(found["cents"])
        for found in AMOUNT.finditer(text)
    ]


def held_note(view: BalanceView) -> str:
    (note,) = (sentence for sentence in view.sentences if "held" in sentence)
    return note


@given(st.data())
def test_what_is_held_and_what_is_free_add_up_to_the_balance_shown(data: st.DataObject) -> None:
    net = data.draw(st.integers(CENT, 10**15) | st.integers(CENT, 5 * CENT))
    held = data.draw(st.integers(CENT, net))

    view = balance_view(ENGLISH, replace(PLAIN, net=net, held=held), 0)

    held_cents, free_cents = cents_in(held_note(view))
    assert [held_cents + free_cents] == cents_in(view.amount)
    assert held_cents > 0


def test_a_small_hold_is_called_less_than_a_cent() -> None:
    view = balance_view(ENGLISH, replace(PLAIN, net=505_000, held=4_999), 0)

    assert held_note(view) == "Less than a cent of it is held; the rest is free to spend."


def test_a_hold_beyond_the_balance_leaves_nothing_to_spend() -> None:
    view = balance_view(ENGLISH, replace(PLAIN, net=DOLLAR, held=2 * DOLLAR), 0)

    assert held_note(view).replace(NO_BREAK, " ") == (
        "All of it is held, USD 2.00 in all; USD 0.00 is free to spend."
    )


@given(st.integers(-(10**15), 10**15))
def test_no_amount_can_be_broken(micros: int) -> None:
    for text in (ENGLISH.money(micros), ENGLISH.signed_money(micros)):
        assert " " not in text
        assert text.startswith(f"USD{NO_BREAK}")
    assert cents_in(ENGLISH.money(micros)) == [abs(micros) // 10_000]


def test_an_axis_is_labelled_shortly() -> None:
    shown = [ENGLISH.axis(micros).replace(NO_BREAK, " ") for micros in (0, 50_000, 99 * DOLLAR)]
    large = [
        ENGLISH.axis(dollars * DOLLAR).replace(NO_BREAK, " ") for dollars in (100, 5000, 10**7)
    ]

    assert shown == ["USD 0.00", "USD 0.05", "USD 99.00"]
    assert large == ["USD 100", "USD 5,000", "USD 10M"]


def test_a_balance_lasts_as_long_as_the_last_day_goes_on() -> None:
    assert runway(24 * DOLLAR, 24 * DOLLAR) == timedelta(days=1)
    assert runway(1, 10**15) == timedelta()
    assert runway(10**15, 1) == timedelta(days=3660)

    states = {
        days: balance_view(ENGLISH, replace(PLAIN, net=days * DOLLAR), DOLLAR).headline
        for days in (1, 2, 3, 1000)
    }
    assert states == {
        1: "Lasts only 24 h",
        2: "Lasts only 2 days",
        3: "Lasts 3 days",
        1000: "Lasts more than 2 years",
    }


def test_an_empty_balance_says_why_and_what_to_do() -> None:
    overdrawn = balance_view(ENGLISH, replace(PLAIN, net=-2 * DOLLAR, sequence=3), DOLLAR)
    owing = balance_view(ENGLISH, replace(PLAIN, net=DOLLAR, debt=3 * DOLLAR, sequence=3), 0)
    used_up = balance_view(ENGLISH, replace(PLAIN, sequence=3), 0)
    new = balance_view(ENGLISH, PLAIN, 0)

    headlines = [one.headline for one in (overdrawn, owing, used_up, new)]
    assert [text.replace(NO_BREAK, " ") for text in headlines] == [
        "Overdrawn by USD 2.00",
        "Money was taken back",
        "Used up",
        "No money yet",
    ]
    assert "USD 2.00 was paid in and taken back" in " ".join(owing.sentences).replace(NO_BREAK, " ")
    for view in (overdrawn, owing, used_up, new):
        assert view.sentences[-1] == "To add money, ask the operator of this site."
        assert cents_in(view.amount) == [0]


def test_a_debt_that_the_balance_covers_is_told_as_off_it() -> None:
    view = balance_view(ENGLISH, replace(PLAIN, net=3 * DOLLAR, debt=DOLLAR, sequence=3), 0)

    assert view.amount.replace(NO_BREAK, " ") == "USD 2.00"
    told = " ".join(view.sentences).replace(NO_BREAK, " ")
    assert "USD 1.00 was paid in and taken back; it is taken off this balance." in told


def test_credit_lengthens_what_there_is_and_says_until_when() -> None:
    now = datetime(2026, 3, 1, 11, 30, tzinfo=UTC)
    begin, end = now.replace(minute=0), now.replace(hour=20, minute=0)
    living = Grant(uuid.uuid4(), "ada", "k", "welcome", begin, end, 2 * DOLLAR, now)
    later = replace(living, begins_at=end, expires_at=end + timedelta(days=1))
    spent = replace(living, used=2 * DOLLAR)
    credit = credit_of(ENGLISH, [spent, living, later], now)

    alone = balance_view(ENGLISH, PLAIN, DOLLAR, credit=credit)
    beside = balance_view(ENGLISH, replace(PLAIN, net=DOLLAR), DOLLAR, credit=credit)
    overdrawn = balance_view(ENGLISH, replace(PLAIN, net=-1), DOLLAR, credit=credit)

    said = [
        "USD 2.00 of promotional credit pays for your use until 1 Mar 2026, 20:00 UTC (welcome)."
    ]
    assert [text.replace(NO_BREAK, " ") for text in credit.sentences] == said
    assert [view.headline for view in (alone, beside)] == ["Lasts only 2 days", "Lasts 3 days"]
    assert (cents_in(alone.amount), cents_in(beside.amount)) == ([0], [100])
    assert overdrawn.headline.startswith("Overdrawn")
    assert all(credit.sentences[0] in view.sentences for view in (alone, beside, overdrawn))
