"""Holds claim what is available until somebody closes them; they move no money."""

from collections.abc import Callable

import pytest

from hero_onboarding.wallet import (
    BalanceTooLowError,
    HoldNotFoundError,
    HoldRequest,
    WrongAmountError,
    close_hold,
    get_hold,
)
from tests.support.world import a_record
from tests.wallet.people import People


def test_a_hold_claims_and_moves_nothing(people: People) -> None:
    hold, new = people.hold("ada", 400_000, "h1")

    wallet = people.wallet("ada")
    assert new
    assert (hold.amount, hold.remaining, hold.is_open) == (400_000, 400_000, True)
    assert (wallet.net, wallet.balance, wallet.held) == (1_000_000, 1_000_000, 400_000)
    assert wallet.available == 600_000
    assert len(people.statement("ada")) == 1
    people.assert_books()


def test_holds_together_never_exceed_what_is_available(people: People) -> None:
    people.hold("ada", 600_000, "h1")
    before = people.rows()

    with pytest.raises(BalanceTooLowError):
        people.hold("ada", 400_001, "h2")

    assert people.rows() == before
    people.hold("ada", 400_000, "h2")
    assert people.wallet("ada").available == 0


def test_a_repeated_hold_claims_once_also_when_nothing_is_left(people: People) -> None:
    first, _ = people.hold("ada", 1_000_000, "h1")
    before = people.rows()

    assert people.hold("ada", 1_000_000, "h1") == (first, False)

    assert people.rows() == before


def test_a_repeat_after_the_hold_was_closed_opens_nothing(people: People) -> None:
    hold, _ = people.hold("ada", 5, "h1")
    people.close(hold)

    again, new = people.hold("ada", 5, "h1")

    assert (again.is_open, new) == (False, False)
    assert people.wallet("ada").held == 0


def test_a_closed_hold_gives_back_what_it_still_claimed_once(people: People) -> None:
    hold, _ = people.hold("ada", 400_000, "h1")
    people.shrink(hold, 100_000)

    assert people.close(hold) is True
    assert people.close(hold) is False

    assert people.wallet("ada").held == 0
    people.assert_books()


@pytest.mark.parametrize(
    ("asked", "shrunk", "left"), [(0, 0, 400), (1, 1, 399), (400, 400, 0), (401, 400, 0)]
)
def test_a_hold_shrinks_by_what_was_used_down_to_zero(
    people: People, asked: int, shrunk: int, left: int
) -> None:
    hold, _ = people.hold("ada", 400, "h1")

    assert people.shrink(hold, asked) == shrunk

    assert people.wallet("ada").held == left
    with people.database.reading() as tx:
        assert get_hold(tx, hold.id).remaining == left
    people.assert_books()


def test_a_closed_hold_does_not_shrink(people: People) -> None:
    hold, _ = people.hold("ada", 400, "h1")
    people.close(hold)

    assert people.shrink(hold, 5) == 0
    assert people.wallet("ada").held == 0


def test_a_hold_never_grows(people: People) -> None:
    hold, _ = people.hold("ada", 400, "h1")
    people.shrink(hold, 100)

    with pytest.raises(AssertionError):
        people.shrink(hold, -1)

    assert people.wallet("ada").held == 300


def test_a_hold_counts_until_it_is_closed_even_when_its_time_is_over(people: People) -> None:
    people.hold("ada", 1_000_000, "h1", minutes=60)
    people.clock.advance(minutes=61)

    with pytest.raises(BalanceTooLowError):
        people.adjust("ada", -1, "k1")

    assert people.expire() == 1
    assert people.adjust("ada", -1, "k1")


def test_only_holds_whose_time_is_over_are_closed(people: People) -> None:
    people.open("eve", 100)
    people.hold("ada", 1, "early", minutes=10)
    people.hold("ada", 2, "late", minutes=30)
    people.hold("eve", 4, "early", minutes=20)
    closed, _ = people.hold("eve", 8, "closed", minutes=10)
    people.close(closed)

    people.clock.advance(minutes=10)
    assert people.expire() == 1
    people.clock.advance(minutes=10)
    assert people.expire() == 1
    assert people.expire() == 0

    assert (people.wallet("ada").held, people.wallet("eve").held) == (2, 0)
    people.assert_books()


def test_usage_beyond_what_is_free_leaves_the_hold_as_it_is(people: People) -> None:
    hold, _ = people.hold("ada", 800_000, "h1")
    people.accept([a_record(amount_cents=50)])
    people.charge()

    wallet = people.wallet("ada")
    assert (wallet.balance, wallet.held, wallet.available) == (500_000, 800_000, 0)
    people.close(hold)
    assert people.wallet("ada").available == 500_000


@pytest.mark.parametrize("amount", [0, -1, 10**15 + 1])
def test_a_hold_is_positive_and_within_reason(people: People, amount: int) -> None:
    with pytest.raises(WrongAmountError):
        people.hold("ada", amount, "h1")

    assert people.wallet("ada").held == 0


def test_a_hold_that_is_not_there_is_said_to_be_missing(people: People) -> None:
    missing = HoldRequest("ada", 1, "x", "never", people.now).id
    acts: list[Callable[[], object]] = []
    with people.database.transaction() as tx:
        acts = [lambda: get_hold(tx, missing), lambda: close_hold(tx, missing, people.now)]
        for act in acts:
            with pytest.raises(HoldNotFoundError):
                act()


def test_two_people_may_use_the_same_key(people: People) -> None:
    people.adjust("bob", 5, "k1")

    one, _ = people.hold("ada", 5, "h1")
    other, _ = people.hold("bob", 5, "h1")

    assert one.id != other.id


def test_a_freeze_asks_nobody_and_ends_by_no_clock(people: People) -> None:
    people.adjust("bob", 5, "k1")

    assert [people.freeze("bob", 8, "f1") for _ in range(2)] == [True, False]

    wallet = people.wallet("bob")
    assert (wallet.held, wallet.available) == (8, 0)
    people.clock.advance(days=10_000)
    assert people.expire() == 0
    people.assert_books()
