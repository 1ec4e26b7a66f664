"""Saved cards: kept once for whoever agreed, and forgotten when they say so."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import delete

from hero_onboarding.jobs import end_all_leases
from hero_onboarding.jobs.tables import jobs
from hero_onboarding.payments import (
    ProviderUnavailableError,
    TopUpKeyReusedError,
    TopUpState,
    WrongTopUpError,
)
from hero_onboarding.payments.cards import CardState, claim_customer, remove_card
from hero_onboarding.payments.errors import CardNotFoundError
from hero_onboarding.wallet import WalletNotFoundError
from tests.conftest import Figure
from tests.fakes.provider import FakeProvider
from tests.payments.cards.wallet_of_cards import CardTill
from tests.payments.crash import CrashAt, CrashError
from tests.payments.machine import together
from tests.payments.till import a_request


def test_the_card_of_a_payer_who_agreed_is_kept_with_the_credit(till: CardTill) -> None:
    paid = till.save()

    assert paid.state is TopUpState.PAID
    card = till.card()
    assert (card.brand, card.last4, card.state) == ("visa", "4242", CardState.ACTIVE)
    assert (card.provider, card.customer) == ("stripe", paid.customer)
    [order] = till.provider.orders.values()
    assert (order.customer, order.saves_card) == ("cus_1", True)
    till.save("again")
    assert list(till.provider.customers.values()) == ["cus_1"]
    assert len(till.cards()) == 2
    assert till.cards("bob") == []
    till.people.assert_books()


def test_without_the_payers_word_nobody_is_named_and_nothing_kept(till: CardTill) -> None:
    till.open_paid()

    assert till.cards() == []
    assert till.provider.customers == {}
    assert "customer" not in till.provider.calls


@pytest.mark.parametrize("customer", ["cus_2", ""])
def test_a_card_of_another_customer_is_credited_and_not_kept(till: CardTill, customer: str) -> None:
    top_up = till.open(saves_card=True)
    till.pay(top_up)
    reference = str(top_up.reference)
    paid = till.provider.payments[reference]
    assert paid.card is not None
    foreign = replace(paid.card, customer=customer) if customer else None
    till.provider.payments[reference] = replace(paid, card=foreign)

    assert till.settle(top_up).state is TopUpState.PAID
    assert till.cards() == []


def test_what_does_not_match_keeps_no_card(till: CardTill) -> None:
    top_up = till.open(saves_card=True)
    till.pay(top_up, amount=2_600)

    assert till.settle(top_up).state is TopUpState.PENDING
    assert till.cards() == []


def test_refusals_name_nobody_to_the_provider_and_change_nothing(till: CardTill) -> None:
    till.open("used")
    before, calls = till.rows(), list(till.provider.calls)
    for request, error in (
        (a_request(sid="nobody", saves_card=True), WalletNotFoundError),
        (a_request("used", saves_card=True), TopUpKeyReusedError),
        (a_request(saves_card=True, amount=1), WrongTopUpError),
    ):
        with pytest.raises(error):
            till.cashier.open_top_up(request)
    plain = replace(till.cashier, providers={"stripe": FakeProvider()})
    with pytest.raises(WrongTopUpError, match="saves no cards"):
        plain.open_top_up(a_request(saves_card=True))

    assert till.rows() == before
    assert till.provider.calls == calls


def test_a_customer_whose_answer_was_lost_is_one_customer(till: CardTill) -> None:
    till.provider.loses_answers = True
    with pytest.raises(ProviderUnavailableError):
        till.open(saves_card=True)
    till.provider.loses_answers = False

    assert together([lambda: till.open(saves_card=True)] * 6) == []

    assert list(till.provider.customers.values()) == ["cus_1"]
    assert len(till.provider.orders) == 1
    with till.database.transaction() as tx:
        assert claim_customer(tx, "ada", "stripe", till.now).reference == "cus_1"


def test_a_card_that_is_removed_is_forgotten_by_the_provider_and_stays_removed(
    till: CardTill,
) -> None:
    top_up = till.save()
    card = till.card()
    with pytest.raises(CardNotFoundError), till.database.transaction() as tx:
        remove_card(tx, "bob", card.id, till.now)
    with pytest.raises(CardNotFoundError), till.database.transaction() as tx:
        remove_card(tx, "ada", uuid4(), till.now)
    assert till.card() == card

    assert [till.remove(card), till.remove(card)] == [True, False]
    assert till.cards() == []
    assert card.reference in till.provider.cards
    till.run()
    assert till.provider.cards == {}
    till.settle(top_up)
    assert till.cards() == []
    till.run()
    assert till.provider.calls.count("detach") == 1


def test_a_card_whose_job_was_lost_is_forgotten_after_an_hour(till: CardTill) -> None:
    till.save()
    till.remove(till.card())
    with till.database.transaction() as tx:
        tx.execute(delete(jobs))
    assert till.cashier.cards.sweep() == 0

    till.clock.advance(hours=2)

    assert till.cashier.cards.sweep() == 1
    till.run()
    assert till.provider.cards == {}
    assert till.cashier.cards.sweep() == 0


def test_a_card_is_good_through_the_last_day_of_its_month(till: CardTill) -> None:
    till.save()
    card = replace(till.card(), expires_month=2, expires_year=2028)

    assert card.is_usable(datetime(2028, 2, 29, 23, 59, tzinfo=UTC))
    assert not card.is_usable(datetime(2028, 3, 1, tzinfo=UTC))
    assert not replace(card, state=CardState.FAILED).is_usable(till.now)


def save_card(till: CardTill, sid: str) -> None:
    """One top-up whose card is kept and then removed, from wherever it stands."""
    top_up = till.open("save", sid=sid, saves_card=True)
    if str(top_up.reference) in till.provider.orders and top_up.state is TopUpState.OPEN:
        till.pay(top_up)
    till.settle(top_up)
    for card in till.cards(sid):
        till.remove(card)
    till.run()


def test_a_crash_at_any_step_keeps_one_card_and_forgets_it(
    fragile: CardTill, crash: CrashAt, figure: Figure, engine: str
) -> None:
    fragile.people.open("whole")
    crash.points = 0
    save_card(fragile, "whole")
    points = crash.points

    for point in range(1, points + 1):
        sid = f"u{point}"
        fragile.people.open(sid)
        crash.points, crash.at = 0, point
        with pytest.raises(CrashError):
            save_card(fragile, sid)
        crash.at = None
        with fragile.database.transaction() as tx:
            end_all_leases(tx)
        fragile.clock.advance(minutes=1)
        fragile.run()

        save_card(fragile, sid)
        assert fragile.cards(sid) == []
        assert fragile.people.wallet(sid).net == 25_000_000
    assert fragile.provider.cards == {}
    assert len(fragile.provider.customers) == points + 1
    fragile.people.assert_books()
    figure(f"{engine}: saving a card ended at each of {points} points")
    assert points > 15
