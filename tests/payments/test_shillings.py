"""Shillings become dollars at the rate that was shown, and go back as shillings."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from hero_onboarding.exchange import NoRateError, Rate, publish_rate, read_rate
from hero_onboarding.ledger.tables import ledger_entries
from hero_onboarding.payments import (
    QUOTE_LIFE,
    Cashier,
    Delivery,
    NotRefundableError,
    ProviderUnavailableError,
    Refund,
    RefundState,
    TopUp,
    TopUpState,
    find_quote,
)
from hero_onboarding.payments.refunds import worth_of
from hero_onboarding.wallet import BalanceTooLowError
from tests.fakes.mobile import FakeMobile
from tests.fakes.provider import a_delivery
from tests.payments.test_refunds import assert_refused
from tests.payments.till import Till, a_request, reference_of

PAID = 2_000_000
"""20,000 shillings, in hundredths."""

WORTH = 7_843_137
"""What they are worth at 2,550, in micro-dollars."""


@pytest.fixture
def shillings(till: Till) -> Till:
    """A dollar is 2,550 shillings: 2,500 and two percent."""
    publish(till, "2500")
    return till


@pytest.fixture
def mobile(shillings: Till) -> tuple[Till, FakeMobile]:
    fake = FakeMobile()
    cashier = Cashier(
        shillings.database, shillings.clock, {"clickpesa": fake}, "https://site.invalid"
    )
    return replace(shillings, cashier=cashier, provider=fake.behind), fake


def publish(till: Till, text: str) -> None:
    with till.database.transaction() as tx:
        publish_rate(tx, Rate(0, "TZS", "operator", read_rate(text), 200, till.now))


def open_one(till: Till, key: str = "k1", amount: int = PAID, **changes: str) -> TopUp:
    asked = a_request(key, amount=amount, currency="TZS", **changes)
    return till.cashier.open_top_up(asked)[0]


def open_mobile(till: Till, method: str = "checkout", amount: int = PAID) -> TopUp:
    return open_one(till, amount=amount, provider="clickpesa", method=method)


def a_notice(till: Till, event: str, reference: str) -> Delivery:
    return a_delivery(event, [reference], till.now)


def balances(till: Till) -> dict[tuple[str, str], int]:
    """What each account that is not a user's holds, by asset."""
    sums: dict[tuple[str, str], int] = {}
    with till.database.reading() as tx:
        c = ledger_entries.c
        for row in tx.execute(select(c.account, c.asset, c.amount)):
            if not row.account.startswith("user:"):
                place = (row.account, row.asset)
                sums[place] = sums.get(place, 0) + row.amount
    return {place: total for place, total in sums.items() if total}


def test_a_payment_in_shillings_is_credited_at_the_rate_that_was_shown(shillings: Till) -> None:
    top_up = open_one(shillings)
    with shillings.database.reading() as tx:
        quote = find_quote(tx, top_up.id)
    assert quote is not None
    assert (quote.mid, quote.margin, quote.applied) == (read_rate("2500"), 200, read_rate("2550"))
    assert top_up.credit == WORTH

    shillings.pay(top_up)
    paid = shillings.settle(top_up)

    assert (paid.state, paid.credited) == (TopUpState.PAID, WORTH)
    assert shillings.people.wallet("ada").net == WORTH
    assert balances(shillings) == {
        ("provider:stripe:TZS:clearing", "TZS"): -PAID,
        ("fx:TZS", "TZS"): PAID,
        ("fx:TZS", "USD"): -WORTH,
    }
    shillings.people.assert_books()


@pytest.mark.parametrize(
    ("late_by", "dearer", "applied"),
    [
        (timedelta(0), True, "2550"),
        (timedelta(seconds=1), True, "3060"),
        (timedelta(seconds=1), False, "2550"),
    ],
)
def test_the_quote_holds_for_payments_made_while_it_was_valid(
    shillings: Till, late_by: timedelta, dearer: bool, applied: str
) -> None:
    top_up = open_one(shillings)
    paid_at = shillings.now + QUOTE_LIFE + late_by
    shillings.clock.advance(minutes=5)
    if dearer:
        publish(shillings, "3000")
    shillings.clock.advance(days=2)
    publish(shillings, "9999")

    shillings.pay(top_up, paid_at=paid_at)
    shillings.settle(top_up)

    net = shillings.people.wallet("ada").net
    assert net == PAID * 10**10 // read_rate(applied)
    shillings.people.assert_books()


def test_without_a_rate_nothing_in_shillings_is_opened(till: Till) -> None:
    assert_refused(till, NoRateError, lambda: open_one(till))


def test_a_repeat_keeps_its_quote_whatever_the_rate_is_now(shillings: Till) -> None:
    first = open_one(shillings)
    shillings.clock.advance(seconds=1)
    publish(shillings, "9999")

    assert open_one(shillings) == first


def test_parts_go_back_in_shillings_and_all_of_them_take_all_that_was_credited(
    shillings: Till,
) -> None:
    top_up = open_one(shillings)
    shillings.pay(top_up)
    shillings.settle(top_up)

    for number, part in enumerate((700, 1_999_299, 1)):
        shillings.refund(top_up, part, f"r{number}")

    assert shillings.people.wallet("ada").net == 0
    assert balances(shillings) == {}
    assert shillings.read(top_up.id).state is TopUpState.REFUNDED
    assert_refused(
        shillings,
        NotRefundableError,
        lambda: shillings.refund(top_up, 1, "more"),
    )
    shillings.people.assert_books()


def test_a_refund_in_shillings_that_fails_is_back_to_the_last_micro_dollar(
    shillings: Till,
) -> None:
    top_up = open_one(shillings)
    shillings.pay(top_up)
    shillings.settle(top_up)
    shillings.refund(top_up, 333, "r1")
    shillings.provider.end_refund(str(shillings.refunds(top_up)[0].reference), RefundState.FAILED)
    shillings.notify(reference_of(top_up))
    shillings.run()

    assert shillings.people.wallet("ada").net == WORTH
    shillings.people.assert_books()


def test_no_more_shillings_go_back_than_the_wallet_can_pay_for(shillings: Till) -> None:
    top_up = open_one(shillings)
    shillings.pay(top_up)
    shillings.settle(top_up)
    shillings.people.adjust("ada", -1, "spent")

    assert_refused(shillings, BalanceTooLowError, lambda: shillings.refund(top_up, PAID, "all"))


def test_what_is_given_back_at_the_provider_is_owed_in_dollars(shillings: Till) -> None:
    top_up = open_one(shillings)
    payment_id = shillings.pay(top_up)
    shillings.settle(top_up)
    shillings.provider.give_back(payment_id, PAID)
    shillings.notify(payment_id)
    shillings.run()

    wallet = shillings.people.wallet("ada")
    assert (wallet.net, wallet.debt, wallet.available) == (WORTH, WORTH, 0)
    assert balances(shillings) == {}
    shillings.people.assert_books()


def a_paid(credited: int, amount: int) -> TopUp:
    now = datetime(2026, 9, 1, tzinfo=UTC)
    return TopUp(
        1, UUID(int=1), "ada", "k", "stripe", "checkout", amount, "TZS", credited, credited, False,
        TopUpState.PAID, "", "cs", None, "pi", 1, 1, now, now, now, None,
    )  # fmt: skip


@given(
    amount=st.integers(1_500_000, 250_000_000),
    applied=st.integers(1_000 * 10**6, 9_000 * 10**6),
    parts=st.lists(st.tuples(st.integers(1, 10**7), st.booleans()), max_size=8),
)
def test_any_parts_in_any_order_never_return_more_than_was_taken(
    amount: int, applied: int, parts: Sequence[tuple[int, bool]]
) -> None:
    top_up = a_paid(amount * 10**10 // applied, amount)
    refunds: list[Refund] = []
    for part, fails in parts:
        left = amount - sum(one.amount for one in refunds if one.state is not RefundState.FAILED)
        if part > left:
            continue
        worth = worth_of(top_up, refunds, part)
        state = RefundState.FAILED if fails else RefundState.SUCCEEDED
        refunds.append(
            Refund(1, UUID(int=2), top_up.id, "k", "stripe", part, "TZS", worth, state, "", None,
                   top_up.asked_at, top_up.asked_at)
        )  # fmt: skip
    going = [one for one in refunds if one.state is RefundState.SUCCEEDED]
    refunded, returned = sum(one.worth for one in going), sum(one.amount for one in going)
    assert refunded <= top_up.credited
    assert returned - amount * refunded // top_up.credited <= 1
    rest = amount - returned
    if rest:
        assert refunded + worth_of(top_up, refunds, rest) == top_up.credited


def test_a_link_that_is_paid_twice_is_two_payments(mobile: tuple[Till, FakeMobile]) -> None:
    till, fake = mobile
    top_up = open_mobile(till)
    till.pay(top_up)
    fake.pay_again(reference_of(top_up), "second", till.now, PAID)
    for event in ("e1", "e2"):
        till.cashier.receive("clickpesa", a_notice(till, event, reference_of(top_up)))
        till.run()

    assert till.people.wallet("ada").net == 2 * WORTH
    assert till.read(top_up.id).credited == WORTH
    assert len(till.rows()["top_ups"]) == 2
    till.people.assert_books()


def test_a_payment_that_goes_back_is_owed_and_the_other_is_not(
    mobile: tuple[Till, FakeMobile],
) -> None:
    till, fake = mobile
    top_up = open_mobile(till)
    till.pay(top_up)
    fake.pay_again(reference_of(top_up), "second", till.now, PAID)
    till.cashier.receive("clickpesa", a_notice(till, "e1", reference_of(top_up)))
    till.run()
    fake.send_back(reference_of(top_up), "second")

    till.clock.advance(days=1)
    till.run()

    wallet = till.people.wallet("ada")
    assert (wallet.net, wallet.debt) == (2 * WORTH, WORTH)
    assert till.read(top_up.id).state is TopUpState.PAID
    assert [kind for kind, _ in till.incidents()] == ["payment_taken_back"]
    till.people.assert_books()


def test_a_reversal_that_no_notice_tells_is_found_by_asking(
    mobile: tuple[Till, FakeMobile],
) -> None:
    till, fake = mobile
    top_up = open_mobile(till)
    till.pay(top_up)
    till.cashier.receive("clickpesa", a_notice(till, "e1", reference_of(top_up)))
    till.run()
    till.clock.advance(days=5)
    till.run()
    fake.send_back(reference_of(top_up))
    till.clock.advance(days=1)
    till.run()

    wallet = till.people.wallet("ada")
    assert (wallet.net, wallet.debt, wallet.available) == (WORTH, WORTH, 0)
    assert till.read(top_up.id).state is TopUpState.REFUNDED
    till.people.assert_books()


def test_a_watch_ends(mobile: tuple[Till, FakeMobile]) -> None:
    till, fake = mobile
    top_up = open_mobile(till)
    till.pay(top_up)
    till.cashier.receive("clickpesa", a_notice(till, "e1", reference_of(top_up)))
    for _ in range(9):
        till.run()
        till.clock.advance(days=1)

    assert till.read(top_up.id).question_due_at is None
    assert fake.behind.calls.count("fetch") <= 9


def test_a_checkout_found_late_is_credited_for_each_of_its_payments(
    mobile: tuple[Till, FakeMobile],
) -> None:
    till, fake = mobile
    fake.behind.loses_answers = True
    with pytest.raises(ProviderUnavailableError):
        open_mobile(till)
    fake.behind.loses_answers = False
    [reference] = fake.behind.orders
    till.provider.pay(reference)
    fake.pay_again(reference, "second", till.now, PAID // 2)
    till.clock.advance(hours=23)
    till.run()

    assert till.people.wallet("ada").net == WORTH + WORTH // 2
    assert till.incidents() == []
    till.people.assert_books()
