"""Adjustments, transfers, charges and statements: once each, and refusals change nothing."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.kernel.errors import ConflictError, HeroError, InvalidInputError, NotFoundError
from hero_onboarding.ledger import (
    Entry,
    KeyReusedError,
    Operation,
    Transfer,
    UnknownAccountError,
    balance_of,
)
from hero_onboarding.wallet import (
    Adjustment,
    BalanceTooLowError,
    Charge,
    DebtTooLowError,
    HoldKeyReusedError,
    Wallet,
    WalletNotFoundError,
    WrongAmountError,
    WrongReasonError,
    lock_wallets,
    post_charges,
)
from tests.support.world import AT, a_record
from tests.wallet.people import People


def assert_refused(people: People, error: type[HeroError], act: Callable[[], object]) -> HeroError:
    """A refusal is an error and not one changed row."""
    before = people.rows()

    with pytest.raises(error) as caught:
        act()

    assert people.rows() == before
    people.assert_books()
    return caught.value


MICROS = st.integers(-(10**15), 10**15)


@given(net=MICROS, debt=st.integers(0, 10**15), held=st.integers(0, 10**15))
def test_the_views_of_a_wallet_are_those_of_the_design(net: int, debt: int, held: int) -> None:
    wallet = Wallet("ada", net, debt, held, 0, 0)

    assert wallet.balance == (net - debt if net > debt else 0)
    assert wallet.overdraft == (-net if net < 0 else 0)
    assert wallet.owed == (debt if net <= 0 else debt - net if net < debt else 0)
    assert wallet.available == (net - debt - held if net - debt > held else 0)
    # What is asked of a choice and what is shown as available are the same rule.
    for amount in (1, wallet.available, wallet.available + 1):
        if amount > 0:
            assert (net - debt - held >= amount) == (amount <= wallet.available)


def test_an_adjustment_moves_money_between_wallet_and_adjustments(people: People) -> None:
    assert people.adjust("bob", 700, "k1") is True

    assert people.wallet("bob").net == 700
    with people.database.reading() as tx:
        assert balance_of(tx, "adjustments", "USD") == -1_000_700
    people.assert_books()


def test_a_repeated_adjustment_is_answered_like_the_first(people: People) -> None:
    people.adjust("ada", -300, "k1")
    before = people.rows()

    people.clock.advance(days=3)

    assert people.adjust("ada", -300, "k1") is False
    assert people.rows() == before


def test_a_repeat_is_answered_even_when_nothing_is_left_to_spend(people: People) -> None:
    people.adjust("ada", -1_000_000, "k1")

    assert people.adjust("ada", -1_000_000, "k1") is False


@pytest.mark.parametrize(
    ("amount", "reason", "allow_debt"),
    [(-301, "a reason", False), (300, "a reason", False), (-300, "x", False), (-300, "x", True)],
)
def test_a_key_with_other_content_is_a_conflict(
    people: People, amount: int, reason: str, allow_debt: bool
) -> None:
    people.adjust("ada", -300, "k1")

    error = assert_refused(
        people,
        ConflictError,
        lambda: people.adjust("ada", amount, "k1", reason=reason, allow_debt=allow_debt),
    )

    assert isinstance(error, KeyReusedError)


def test_two_users_may_use_the_same_key(people: People) -> None:
    assert people.adjust("ada", 1, "k1")
    assert people.adjust("bob", 2, "k1")


def test_a_choice_may_take_all_that_is_available_and_no_more(people: People) -> None:
    refused = assert_refused(
        people, ConflictError, lambda: people.adjust("ada", -1_000_001, "too-much")
    )
    assert isinstance(refused, BalanceTooLowError)
    assert refused.requested == 1_000_001
    assert "1000000" not in str(refused).replace("1000001", "")

    assert people.adjust("ada", -1_000_000, "all")
    assert_refused(people, BalanceTooLowError, lambda: people.adjust("ada", -1, "one-more"))


def test_a_refused_key_can_be_used_when_there_is_money(people: People) -> None:
    assert_refused(people, BalanceTooLowError, lambda: people.adjust("bob", -10, "k1"))

    people.adjust("bob", 10, "k2")

    assert people.adjust("bob", -10, "k1") is True
    assert people.wallet("bob").net == 0


def test_allow_debt_takes_the_net_below_zero_and_never_touches_debt(people: People) -> None:
    assert people.adjust("bob", -700, "k1", allow_debt=True)

    assert people.wallet("bob") == Wallet("bob", -700, 0, 0, 1, 0)
    assert people.wallet("bob").overdraft == 700


def test_what_is_held_or_owed_can_not_be_chosen(people: People) -> None:
    people.hold("ada", 400_000, "h1")
    people.dispute("ada", 500_000, "d1")

    assert people.wallet("ada").available == 100_000
    assert_refused(people, BalanceTooLowError, lambda: people.adjust("ada", -100_001, "k1"))
    assert people.adjust("ada", -100_000, "k2")
    assert people.wallet("ada").available == 0


def test_usage_is_charged_whatever_is_held_or_owed(people: People) -> None:
    people.hold("ada", 1_000_000, "h1")
    people.dispute("ada", 3_000_000, "d1")
    people.accept([a_record(amount_cents=250)])

    assert people.charge() == 1

    wallet = people.wallet("ada")
    assert (wallet.net, wallet.overdraft, wallet.owed) == (-1_500_000, 1_500_000, 3_000_000)
    assert (wallet.balance, wallet.available) == (0, 0)
    people.assert_books()


def test_debt_is_a_view_beside_the_net_and_nothing_moves_between_them(people: People) -> None:
    people.dispute("ada", 1_400_000, "d1")
    assert (people.wallet("ada").net, people.wallet("ada").owed) == (1_000_000, 400_000)

    people.adjust("ada", 600_000, "k1")

    wallet = people.wallet("ada")
    assert (wallet.net, wallet.debt) == (1_600_000, 1_400_000)
    assert (wallet.balance, wallet.owed) == (200_000, 0)
    people.assert_books()


def test_an_unknown_user_has_no_wallet(people: People) -> None:
    for act in (
        lambda: people.adjust("eve", 1, "k1"),
        lambda: people.dispute("eve", 1, "d1"),
        lambda: people.hold("eve", 1, "h1"),
        lambda: people.wallet("eve"),
        lambda: people.statement("eve"),
    ):
        error = assert_refused(people, WalletNotFoundError, act)
        assert isinstance(error, NotFoundError)


@pytest.mark.parametrize("amount", [0, 10**15 + 1, -(10**15) - 1, 10**30])
def test_no_adjustment_is_nothing_or_beyond_reason(people: People, amount: int) -> None:
    error = assert_refused(people, WrongAmountError, lambda: people.adjust("ada", amount, "k1"))

    assert isinstance(error, InvalidInputError)


@pytest.mark.parametrize("amount", [1.0, 0.5, float("nan"), float("inf"), True, "1", None])
def test_no_float_gets_in(people: People, amount: object) -> None:
    before = people.rows()

    with pytest.raises((AssertionError, TypeError)):
        people.adjust("ada", amount, "k1")  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises((AssertionError, TypeError)):
        people.hold("ada", amount, "h1")  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises((AssertionError, TypeError)):
        people.dispute("ada", amount, "d1")  # type: ignore[arg-type]  # wrong on purpose

    assert people.rows() == before


@pytest.mark.parametrize("text", ["", "x" * 201, "a\nb", "a\x1fb", "\0", "a\u2028b"])
def test_reasons_and_keys_are_short_and_printable(people: People, text: str) -> None:
    for act in (
        lambda: people.adjust("ada", 1, text),
        lambda: people.adjust("ada", 1, "k1", reason=text),
        lambda: people.hold("ada", 1, text),
        lambda: people.hold("ada", 1, "h1", purpose=text),
    ):
        assert_refused(people, WrongReasonError, act)


@pytest.mark.parametrize(
    "account", ["user:ada:credit", "wallet", "revenue:gpu", "user:ada:wallet:x", "cash"]
)
def test_no_unknown_account_gets_in(people: People, account: str) -> None:
    def post() -> bool:
        entries = (Entry("user:ada:wallet", 1), Entry(account, -1))
        return people.post(Transfer(Operation.ADJUSTMENT, "ada", "k1", entries, people.now))

    assert_refused(people, UnknownAccountError, post)


def between(people: People, one: str, other: str, amount: int, key: str = "t1") -> Transfer:
    entries = (Entry(f"user:{one}:wallet", -amount), Entry(f"user:{other}:wallet", amount))
    return Transfer(Operation.ADJUSTMENT, "house", key, entries, people.now)


def test_a_choice_between_wallets_asks_each_wallet_that_pays(people: People) -> None:
    assert_refused(
        people,
        BalanceTooLowError,
        lambda: people.post(between(people, "bob", "ada", 1), is_choice=True),
    )

    assert people.post(between(people, "ada", "bob", 1_000_000), is_choice=True) is True
    assert people.post(between(people, "ada", "bob", 1_000_000), is_choice=True) is False
    assert (people.wallet("ada").net, people.wallet("bob").net) == (0, 1_000_000)


def test_a_wallet_that_pays_twice_in_one_choice_must_have_both(people: People) -> None:
    entries = (
        Entry("user:ada:wallet", -600_000),
        Entry("user:ada:wallet", -600_000),
        Entry("losses", 1_200_000),
    )
    twice = Transfer(Operation.ADJUSTMENT, "ada", "t1", entries, people.now)

    assert_refused(people, BalanceTooLowError, lambda: people.post(twice, is_choice=True))

    fitting = replace(
        twice,
        entries=(
            Entry("user:ada:wallet", -600_000),
            Entry("user:ada:wallet", -400_000),
            Entry("losses", 1_000_000),
        ),
    )
    assert people.post(fitting, is_choice=True)
    assert [(m.amount, m.balance_after) for m in people.statement("ada")] == [
        (-400_000, 0),
        (-600_000, 400_000),
        (1_000_000, 1_000_000),
    ]


def test_a_charge_splits_by_kind_and_rare_kinds_share_an_account(people: People) -> None:
    kinds = {"cpu": 22, "memory": 9, "gpu": 3, "fpga": 4, "network": 0}
    people.accept(
        a_record(kind, resource_kind=kind, amount_cents=cents) for kind, cents in kinds.items()
    )

    assert people.charge() == 1

    with people.database.reading() as tx:
        revenue = {
            name: balance_of(tx, f"revenue:{name}", "USD")
            for name in ("cpu", "memory", "other", "network")
        }
    assert revenue == {"cpu": 220_000, "memory": 90_000, "other": 70_000, "network": 0}
    newest = people.statement("ada")[0]
    assert (newest.kind, newest.amount, newest.balance_after) == ("charge", -380_000, 620_000)
    assert newest.detail == {
        "by_kind": {"cpu": 220_000, "fpga": 40_000, "gpu": 30_000, "memory": 90_000, "network": 0},
        "records": 5,
    }


def test_a_charge_of_nothing_uses_its_number_and_posts_nothing(people: People) -> None:
    people.accept([a_record(amount_cents=0)])

    assert people.charge() == 0

    assert people.wallet("ada") == Wallet("ada", 1_000_000, 0, 0, 1, 1)
    assert len(people.statement("ada")) == 1
    people.accept([a_record("k2", amount_cents=1)])
    assert people.charge() == 1
    assert people.wallet("ada") == Wallet("ada", 990_000, 0, 0, 2, 2)
    people.assert_books()


def test_charging_again_finds_nothing(people: People) -> None:
    people.accept([a_record(amount_cents=5), a_record("k2", user_sid="bob")])
    assert people.charge() == 2
    before = people.rows()

    assert people.charge() == 0

    assert people.rows() == before


def test_a_charge_number_is_given_once_and_in_order(people: People) -> None:
    def charge(number: int) -> None:
        with people.database.transaction() as tx:
            locked = lock_wallets(tx, ["ada"])
            post_charges(tx, locked, [Charge("ada", number, {"cpu": 1}, 1)], people.now)

    for number in (0, 2):
        with pytest.raises(AssertionError):
            charge(number)
    charge(1)
    with pytest.raises(AssertionError):
        charge(1)

    assert people.wallet("ada").net == 999_999


def test_a_statement_adds_up_and_pages_in_full(people: People) -> None:
    for number in range(7):
        people.adjust("ada", number + 1, f"k{number}")
        people.dispute("ada", 5, f"d{number}")
        people.accept([a_record(f"u{number}", amount_cents=1, occurred_at=AT)])
        people.charge()

    for size in (1, 2, 3, 50):
        movements = people.statement("ada", size=size)
        assert len(movements) == 15
        assert movements[0].balance_after == people.wallet("ada").net
        for newer, older in itertools.pairwise(movements):
            assert newer.balance_after == older.balance_after + newer.amount
            assert newer.sequence > older.sequence
        assert movements[-1].balance_after == movements[-1].amount


def test_a_new_movement_moves_no_page(people: People) -> None:
    for number in range(5):
        people.adjust("ada", 1, f"k{number}")
    older = people.statement("ada", size=2)[2:]

    people.adjust("ada", 1, "newest")

    assert people.statement("ada", size=2)[3:] == older


def test_a_hold_under_a_used_key_with_other_content_is_a_conflict(people: People) -> None:
    people.hold("ada", 10, "h1")

    for act in (
        lambda: people.hold("ada", 11, "h1"),
        lambda: people.hold("ada", 10, "h1", minutes=61),
        lambda: people.hold("ada", 10, "h1", purpose="another"),
    ):
        error = assert_refused(people, HoldKeyReusedError, act)
        assert isinstance(error, ConflictError)


def test_an_adjustment_is_frozen() -> None:
    asked = Adjustment("ada", 5, "x", "k1")

    with pytest.raises(AttributeError):
        asked.amount = 6  # type: ignore[misc]  # wrong on purpose


def test_no_more_is_written_off_than_is_owed(people: People) -> None:
    people.dispute("ada", 500, "d1")
    assert_refused(people, DebtTooLowError, lambda: people.write_off("ada", 501))
    assert_refused(people, WrongAmountError, lambda: people.write_off("ada", -1))
    assert_refused(people, WalletNotFoundError, lambda: people.write_off("eve", 1))

    assert [people.write_off("ada", 400) for _ in range(2)] == [True, False]

    assert people.wallet("ada").debt == 100
    assert_refused(people, KeyReusedError, lambda: people.write_off("ada", 399))
    assert_refused(people, DebtTooLowError, lambda: people.write_off("ada", 101, "w2"))
    people.assert_books()
