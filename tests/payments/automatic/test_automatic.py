"""A saved card is charged when a balance is low: once, within what its holder agreed to."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from hero_onboarding.jobs import end_all_leases
from hero_onboarding.kernel.errors import HeroError
from hero_onboarding.payments import (
    AutomaticState,
    AutomaticWish,
    CardNotFoundError,
    CardState,
    DisputeState,
    Topic,
    TopUpState,
    WrongAutomaticTopUpError,
    WrongTopUpError,
    agree,
    needs_holder,
    turn_off,
)
from hero_onboarding.payments.ports import PaymentState
from hero_onboarding.payments.tables import top_ups
from tests.conftest import Figure
from tests.payments.cards.wallet_of_cards import DOLLAR, CardTill
from tests.payments.crash import CrashAt, CrashError
from tests.payments.machine import together
from tests.payments.till import a_request

LIVES = (-48, 48)
"""Hours around now."""


def test_who_falls_below_their_threshold_is_topped_up_once(till: CardTill) -> None:
    till.ready()
    for _ in range(3):
        till.watch()

    [charged] = till.charged()
    assert (charged.state, charged.amount, charged.credited) == (TopUpState.PAID, 2_500, 25_000_000)
    assert (charged.card, charged.customer) == (till.card().reference, "cus_1")
    assert till.people.wallet("ada").net == 30 * DOLLAR
    [(order, reference)] = till.provider.charges.values()
    assert (order.key, charged.reference) == (f"topup-{charged.id}-pi-1", reference)
    assert till.provider.calls.count("charge") == 1
    movement = till.people.statement("ada")[0]
    assert (movement.kind, movement.detail["payment"]) == ("top_up", reference)
    till.spend(10)
    till.watch()
    assert len(till.charged()) == 1
    till.spend(11)
    till.watch()
    assert len(till.charged()) == 2
    till.people.assert_books()


def test_nobody_is_charged_who_did_not_agree_or_took_it_back(till: CardTill) -> None:
    till.save()
    till.spend(20)
    till.watch()
    assert till.charged() == []

    till.agree()
    with till.database.transaction() as tx:
        assert [turn_off(tx, "ada", till.now), turn_off(tx, "ada", till.now)] == [True, False]
        assert not turn_off(tx, "bob", till.now)
    till.watch()
    assert till.automatic().state is AutomaticState.OFF

    till.agree()
    till.remove(till.card())
    till.watch()
    assert till.charged() == []
    setting = till.automatic()
    assert (setting.state, setting.pause_reason) == (AutomaticState.PAUSED, "card_removed")
    assert till.tellings() == []


def test_what_was_taken_back_before_it_was_sent_is_not_charged(till: CardTill) -> None:
    till.ready()
    till.cashier.watch()
    with till.database.transaction() as tx:
        turn_off(tx, "ada", till.now)
    till.run()

    assert till.provider.charges == {}
    till.clock.advance(hours=23)
    till.run()
    assert [one.state for one in till.charged()] == [TopUpState.EXPIRED]


@pytest.mark.parametrize(
    ("sid", "days", "error"),
    [("bob", 0, CardNotFoundError), ("ada", 6 * 365, WrongAutomaticTopUpError)],
)
def test_agreeing_needs_an_own_card_that_can_be_charged(
    till: CardTill, sid: str, days: int, error: type[HeroError]
) -> None:
    till.save()
    wish = AutomaticWish(sid, till.card().id, 10 * DOLLAR, 2_500, 5_000, 10_000)
    till.clock.advance(days=days)
    before = till.rows()

    with pytest.raises(error), till.database.transaction() as tx:
        agree(tx, wish, till.now)

    assert till.rows() == before


def test_scripts_and_pages_can_not_ask_for_a_charge_themselves(till: CardTill) -> None:
    till.ready()
    with pytest.raises(WrongTopUpError, match="method must be one of checkout"):
        till.cashier.open_top_up(a_request(method="saved_card"))
    assert till.charged() == []


def test_triggers_at_once_make_one_charge(till: CardTill) -> None:
    till.ready()
    till.provider.charges_are = PaymentState.PENDING

    assert together([till.cashier.watch] * 6) == []
    assert together([till.run] * 4) == []

    [charged] = till.charged()
    assert charged.state is TopUpState.PENDING
    assert len(till.provider.charges) == 1
    till.clock.advance(hours=30)
    till.watch()
    assert len(till.charged()) == 1
    till.provider.become(str(charged.reference), PaymentState.PAID)
    till.settle(charged)
    assert till.people.wallet("ada").net == 30 * DOLLAR
    till.people.assert_books()


def test_the_table_itself_holds_one_waiting_charge_for_each_user(till: CardTill) -> None:
    till.ready()
    till.provider.charges_are = PaymentState.PENDING
    till.watch()
    with till.database.reading() as tx:
        row = dict(
            tx.execute(select(top_ups).where(top_ups.c.method == "saved_card")).one()._mapping
        )
    second = {**row, "number": None, "id": till.open().id.__class__(int=7), "key": "second"}
    second.pop("number")

    with pytest.raises(IntegrityError), till.database.transaction() as tx:
        tx.execute(top_ups.insert().values(**second))


def test_money_on_its_way_counts_and_money_that_waits_aside_does_not(till: CardTill) -> None:
    till.ready()
    delayed = till.open("delayed")
    till.provider.become(str(delayed.reference), PaymentState.PENDING)
    till.settle(delayed)
    till.watch()
    assert till.charged() == []

    till.pay(delayed, amount=2_600)
    till.settle(delayed)
    till.watch()
    assert len(till.charged()) == 1


def test_promotional_credit_counts_while_it_lives(till: CardTill) -> None:
    till.ready()
    till.people.grant("ada", 5 * DOLLAR, "welcome", hours=LIVES)
    till.watch()
    assert till.charged() == []

    till.clock.advance(days=3)
    till.watch()
    assert len(till.charged()) == 1


def test_caps_count_what_is_open_pending_or_paid_by_day_and_month(till: CardTill) -> None:
    till.ready()
    counts = []
    for days in (0, 1, 1, 31, 0):
        till.clock.advance(days=days)
        for _ in range(3):
            till.watch()
            if till.people.wallet("ada").net > 10 * DOLLAR:
                till.spend(25)
            till.clock.advance(minutes=10)
        counts.append(len(till.charged()))

    assert counts == [2, 4, 4, 6, 6]


def test_debt_freezes_it(till: CardTill) -> None:
    till.ready()
    till.people.dispute("ada", 5 * DOLLAR + 1, "owed")

    till.watch()

    assert till.people.wallet("ada").owed == 1
    assert till.charged() == []
    assert till.automatic().state is AutomaticState.ON


def test_debt_that_the_balance_covers_does_not_freeze_it(till: CardTill) -> None:
    till.ready()
    till.people.dispute("ada", 5 * DOLLAR, "owed")

    till.watch()

    wallet = till.people.wallet("ada")
    assert (wallet.debt, wallet.owed) == (5 * DOLLAR, 0)
    assert [one.state for one in till.charged()] == [TopUpState.PAID]


def test_an_open_dispute_freezes_it_and_a_closed_one_does_not(till: CardTill) -> None:
    till.ready()
    other = till.open_paid("other")
    dispute = till.provider.dispute(str(other.payment_id))
    till.settle(other)
    assert till.people.wallet("ada").available == 5 * DOLLAR
    till.watch()
    assert till.charged() == []

    till.provider.move_dispute(dispute, DisputeState.CLOSED)
    till.settle(other)
    till.spend(25)
    till.watch()
    assert len(till.charged()) == 1


def test_a_card_that_declines_for_now_is_tried_three_times_a_day_apart(till: CardTill) -> None:
    till.ready()
    till.provider.declines = "insufficient_funds"
    counts = []
    for _ in range(24 * 3):
        till.watch()
        counts.append(len(till.charged()))
        till.clock.advance(hours=1)

    assert (counts[0], counts[23], counts[24], counts[48], counts[-1]) == (1, 1, 2, 3, 3)
    setting = till.automatic()
    assert (setting.state, setting.pause_reason) == (AutomaticState.PAUSED, "declined")
    assert till.card().state is CardState.ACTIVE
    [told] = till.tellings()
    assert (told.topic, told.card) == (Topic.PAUSED, "Visa •••• 4242")
    till.provider.declines = ""
    till.agree()
    till.watch()
    assert [one.state for one in till.charged()] == [TopUpState.FAILED] * 3 + [TopUpState.PAID]


def test_money_that_comes_in_ends_the_wait_after_a_decline(till: CardTill) -> None:
    till.ready()
    till.provider.declines = "generic_decline"
    till.watch()
    till.provider.declines = ""
    till.clock.advance(minutes=10)
    till.watch()
    assert len(till.charged()) == 1

    till.open_paid("by hand")
    till.spend(25)
    till.watch()

    assert [one.state for one in till.charged()] == [TopUpState.FAILED, TopUpState.PAID]


def test_a_bank_that_refuses_for_good_pauses_it_and_fails_the_card(till: CardTill) -> None:
    till.ready()
    till.provider.declines = "expired_card"
    till.watch()

    [failed] = till.charged()
    assert (failed.state, failed.failure) == (TopUpState.FAILED, "expired_card")
    assert till.card().state is CardState.FAILED
    setting = till.automatic()
    assert (setting.state, setting.pause_reason) == (AutomaticState.PAUSED, "card")
    assert [one.topic for one in till.tellings()] == [Topic.PAUSED]
    with pytest.raises(WrongAutomaticTopUpError):
        till.agree()


def test_a_charge_that_the_provider_refuses_to_try_pauses_it_too(till: CardTill) -> None:
    till.ready()
    till.provider.cards.clear()
    till.watch()

    [failed] = till.charged()
    assert (failed.state, failed.failure) == (TopUpState.FAILED, "resource_missing")
    assert till.automatic().state is AutomaticState.PAUSED


def test_a_card_whose_month_is_over_pauses_it_without_a_call(till: CardTill) -> None:
    till.ready()
    till.clock.advance(days=6 * 365)
    calls = list(till.provider.calls)
    till.cashier.watch()

    assert till.automatic().pause_reason == "card"
    assert (till.charged(), till.provider.calls) == ([], calls)
    assert [one.topic for one in till.tellings()] == [Topic.PAUSED]


def test_a_bank_that_wants_its_holder_is_asked_once_and_the_holder_told(till: CardTill) -> None:
    till.ready()
    till.provider.declines = "authentication_required"
    for _ in range(5):
        till.watch()
        till.clock.advance(days=1)

    [failed] = till.charged()
    assert (failed.state, failed.failure) == (TopUpState.FAILED, "authentication_required")
    assert till.automatic().state is AutomaticState.ON
    [told] = till.tellings()
    assert (told.topic, told.amount) == (Topic.CONFIRM, 25_000_000)
    with till.database.reading() as tx:
        assert needs_holder(tx, "ada") == 2_500
    till.provider.declines = ""
    till.open_paid("on session")
    with till.database.reading() as tx:
        assert needs_holder(tx, "ada") is None
    till.spend(25)
    till.watch()
    assert len(till.charged()) == 2


def test_three_within_ten_minutes_call_a_person(till: CardTill) -> None:
    till.ready(daily_cap=100_000, monthly_cap=100_000)
    for number in range(3):
        till.watch()
        assert len(till.charged()) == number + 1
        till.spend(25)
        till.clock.advance(minutes=3)
        assert len(till.incidents()) == (number == 2)

    [(kind, evidence)] = till.incidents()
    assert (kind, evidence["user_sid"]) == ("automatic_top_ups", "ada")


def lose_answers(till: CardTill) -> None:
    till.provider.loses_answers = True
    till.watch()
    till.provider.loses_answers = False


def test_a_charge_whose_answers_were_lost_is_made_once(till: CardTill) -> None:
    till.ready()
    lose_answers(till)
    assert [one.reference for one in till.charged()] == [None]
    assert len(till.provider.charges) == 1

    till.clock.advance(hours=2)
    till.cashier.sweep()
    till.run()

    assert [one.state for one in till.charged()] == [TopUpState.PAID]
    assert till.provider.calls.count("charge") == 2
    assert len(till.provider.charges) == 1


@pytest.mark.parametrize("arrived", [True, False])
def test_an_old_charge_without_an_answer_is_searched_for_and_never_sent(
    till: CardTill, arrived: bool
) -> None:
    till.ready()
    if arrived:
        lose_answers(till)
    else:
        till.cashier.watch()
    sent = till.provider.calls.count("charge")
    till.clock.advance(hours=23)
    till.cashier.sweep()
    till.run()

    assert till.provider.calls.count("charge") == sent
    expected = TopUpState.PAID if arrived else TopUpState.EXPIRED
    assert till.charged()[0].state is expected
    till.people.assert_books()


def test_a_provider_that_is_not_set_any_more_is_left_alone(till: CardTill) -> None:
    till.ready()
    till.cashier.providers.clear()  # type: ignore[attr-defined]  # a dict, as the till made it
    till.watch()
    assert till.charged() == []


def test_a_crash_at_any_step_charges_once(
    fragile: CardTill, crash: CrashAt, figure: Figure, engine: str
) -> None:
    point, is_over = 0, False
    while not is_over:
        point += 1
        sid = f"u{point}"
        fragile.people.open(sid)
        fragile.ready(sid)
        crash.points, crash.at = 0, point
        is_over = not crashes(fragile.watch)
        crash.at = None
        with fragile.database.transaction() as tx:
            end_all_leases(tx)
        fragile.clock.advance(hours=1)
        fragile.cashier.sweep()
        fragile.watch()

        assert [one.state for one in fragile.charged(sid)] == [TopUpState.PAID], point
        assert fragile.people.wallet(sid).net == 30 * DOLLAR
    assert len(fragile.provider.charges) == point
    fragile.people.assert_books()
    figure(f"{engine}: an automatic top-up ended at each of {point - 1} points")
    assert point > 10


def crashes(act: Callable[[], object]) -> bool:
    try:
        act()
    except CrashError:
        return True
    return False
