"""What an account, an entry, a transfer and a fact may be, before any database is asked."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hero_onboarding.kernel.errors import InvalidInputError
from hero_onboarding.kernel.money import INT64_MAX
from hero_onboarding.ledger import (
    AccountKind,
    Entry,
    Fact,
    FactKind,
    Operation,
    Transfer,
    UnknownAccountError,
    account_kind,
    keyed_id,
    revenue_account,
)

NOW = datetime(2026, 3, 1, 11, tzinfo=UTC)
AMOUNTS = st.integers(-(10**12), 10**12)
PATHS = {
    "user:ada:wallet": AccountKind.WALLET,
    "user:a_b-c:debt": AccountKind.DEBT,
    "user:0001:promo:spring": AccountKind.PROMO,
    "provider:clickpesa:TZS:clearing": AccountKind.CLEARING,
    "bank:stripe": AccountKind.BANK,
    "refunds:stripe": AccountKind.REFUNDS,
    "fees:stripe": AccountKind.FEES,
    "suspense:clickpesa": AccountKind.SUSPENSE,
    "fx:TZS": AccountKind.EXCHANGE,
    "tax:TZ": AccountKind.TAX,
    "revenue:cpu": AccountKind.REVENUE,
    "revenue:other": AccountKind.REVENUE,
    "node:node-a:accrued": AccountKind.NODE_ACCRUED,
    "node:node-a:payable": AccountKind.NODE_PAYABLE,
    "promotions": AccountKind.PROMOTIONS,
    "adjustments": AccountKind.ADJUSTMENTS,
    "breakage": AccountKind.BREAKAGE,
    "losses": AccountKind.LOSSES,
}


def a_transfer(*entries: Entry, key: str = "k1") -> Transfer:
    return Transfer(Operation.ADJUSTMENT, "ada", key, entries, NOW)


@pytest.mark.parametrize(("path", "kind"), PATHS.items())
def test_each_account_of_the_list_is_known(path: str, kind: AccountKind) -> None:
    assert account_kind(path) is kind


def test_the_examples_here_cover_the_whole_list() -> None:
    assert set(PATHS.values()) == set(AccountKind)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "user:ada",
        "user::wallet",
        "user:ada:wallet ",
        "user:ada:wallet\n",
        "user:ada:wallet:x",
        "xuser:ada:wallet",
        "user:a:b:wallet",
        "user:ada:Wallet",
        "user:" + "a" * 65 + ":wallet",
        "revenue:gpu",
        "revenue:",
        "revenue:usage",
        "adjustment",
        "Adjustments",
        "adjustments:x",
        "losses\n",
        "wallet",
        "user:ada:credit",
        "user:<sid>:wallet",
        "provider:stripe:clearing",
        "fx:",
        "user:\uff41da:wallet",
    ],
)
def test_no_other_account_gets_in(path: str) -> None:
    with pytest.raises(UnknownAccountError) as caught:
        Entry(path, 1)

    assert isinstance(caught.value, InvalidInputError)


@given(st.text(max_size=40))
def test_any_text_is_an_account_of_the_list_or_refused(path: str) -> None:
    try:
        kind = account_kind(path)
    except UnknownAccountError:
        return
    assert len(path.split(":")) == len(kind.value.split(":"))


@pytest.mark.parametrize(
    "amount", [1.0, 0.5, True, float("nan"), float("inf"), "1", None, INT64_MAX + 1, -(2**63)]
)
def test_an_amount_is_a_whole_number_of_64_bits(amount: object) -> None:
    with pytest.raises((AssertionError, TypeError)):
        Entry("adjustments", amount)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize("path", ["user:ada:wallet", "user:ada:debt", "user:ada:promo:x"])
def test_accounts_of_people_hold_dollars_only(path: str) -> None:
    with pytest.raises(AssertionError):
        Entry(path, 5, "TZS")


@given(st.lists(AMOUNTS, min_size=2, max_size=6))
def test_a_transfer_exists_only_when_each_asset_sums_to_zero(amounts: list[int]) -> None:
    entries = tuple(Entry("adjustments", amount) for amount in amounts)
    if sum(amounts) == 0:
        assert a_transfer(*entries).entries == entries
        return
    with pytest.raises(AssertionError):
        a_transfer(*entries)


def test_assets_do_not_balance_each_other() -> None:
    with pytest.raises(AssertionError):
        a_transfer(Entry("fx:TZS", 5, "TZS"), Entry("adjustments", -5, "USD"))


def test_one_transfer_may_move_two_assets() -> None:
    moved = a_transfer(
        Entry("provider:clickpesa:TZS:clearing", -500_000, "TZS"),
        Entry("fx:TZS", 500_000, "TZS"),
        Entry("fx:TZS", -1_960_784),
        Entry("user:ada:wallet", 1_960_784),
    )

    assert len(moved.entries) == 4


@pytest.mark.parametrize("entries", [(), (Entry("adjustments", 0),)])
def test_a_transfer_has_two_sides(entries: tuple[Entry, ...]) -> None:
    with pytest.raises(AssertionError):
        a_transfer(*entries)


@given(st.permutations([("adjustments", -7), ("revenue:cpu", 3), ("revenue:memory", 4)]))
def test_the_order_of_entries_is_no_content(entries: list[tuple[str, int]]) -> None:
    shuffled = a_transfer(*(Entry(path, amount) for path, amount in entries))
    straight = a_transfer(
        Entry("adjustments", -7), Entry("revenue:cpu", 3), Entry("revenue:memory", 4)
    )

    assert shuffled.digest == straight.digest
    assert shuffled.id == straight.id


@pytest.mark.parametrize(
    "other",
    [
        (Entry("adjustments", -2), Entry("losses", 2)),
        (Entry("adjustments", 1), Entry("losses", -1)),
        (Entry("adjustments", -1), Entry("breakage", 1)),
        (Entry("adjustments", -1, "EUR"), Entry("losses", 1, "EUR")),
        (Entry("adjustments", -1), Entry("losses", 1), Entry("losses", 0)),
    ],
)
def test_another_amount_account_or_asset_is_other_content(other: tuple[Entry, ...]) -> None:
    one = a_transfer(Entry("adjustments", -1), Entry("losses", 1))

    assert a_transfer(*other).digest != one.digest


def test_another_detail_is_other_content_and_another_time_is_not() -> None:
    entries = (Entry("adjustments", -1), Entry("losses", 1))
    one = Transfer(Operation.ADJUSTMENT, "ada", "k1", entries, NOW, {"reason": "x"})
    later = Transfer(Operation.ADJUSTMENT, "ada", "k1", entries, NOW.replace(hour=12), one.detail)
    otherwise = Transfer(Operation.ADJUSTMENT, "ada", "k1", entries, NOW, {"reason": "y"})

    assert later.digest == one.digest
    assert otherwise.digest != one.digest


TEXTS = st.text(st.characters(exclude_characters="\x1f", codec="utf-8"), max_size=8)


@given(one=st.tuples(TEXTS, TEXTS, TEXTS), other=st.tuples(TEXTS, TEXTS, TEXTS))
def test_two_operations_owners_or_keys_never_share_an_id(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    assert (keyed_id(*one) == keyed_id(*other)) == (one == other)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_separator_never_gets_into_an_id(place: int) -> None:
    parts = ["adjustment", "ada", "k1"]
    parts[place] += "\x1fmore"

    with pytest.raises(AssertionError):
        keyed_id(*parts)


def test_a_fact_and_its_transfer_share_their_id() -> None:
    fact = Fact(FactKind.ADJUSTMENT, "ada", "k1", {"amount": 1}, NOW)

    assert fact.id == a_transfer(Entry("adjustments", -1), Entry("losses", 1)).id


@pytest.mark.parametrize(
    ("kind", "account"),
    [
        ("cpu", "revenue:cpu"),
        ("ipv4", "revenue:ipv4"),
        ("gpu", "revenue:other"),
        ("cpu:wallet", "revenue:other"),
        ("", "revenue:other"),
    ],
)
def test_rare_kinds_share_one_revenue_account(kind: str, account: str) -> None:
    assert revenue_account(kind) == account
    assert account_kind(account) is AccountKind.REVENUE
