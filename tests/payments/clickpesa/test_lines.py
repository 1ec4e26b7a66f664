"""Which payment a line of ClickPesa's statement is about: clear, or of nobody."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hero_onboarding.payments.errors import ProviderAnswerError
from hero_onboarding.payments.movement_ports import MovementKind
from hero_onboarding.payments.ports import PaymentState
from hero_onboarding.payments.provider_books import Entry, OrderPayment, StatementLine
from hero_onboarding.payments.providers.clickpesa.lines import (
    SAME_TIME,
    kind_of,
    read_lines,
    read_payment,
)

NOW = datetime(2026, 9, 1, 10, 15, tzinfo=UTC)
LATER = NOW + SAME_TIME + timedelta(seconds=1)
ORDER = "TU1"


def a_payment(
    name: str, status: str = "SETTLED", *, amount: int = 500_000, updated_at: datetime = NOW
) -> OrderPayment:
    states = {"REVERSED": PaymentState.REFUNDED, "FAILED": PaymentState.FAILED}
    state = states.get(status, PaymentState.PAID)
    return OrderPayment(name, ORDER, amount, "TZS", status, state, NOW, updated_at)


def a_line(
    name: str,
    kind: str = "Payment",
    *,
    entry: Entry = Entry.CREDIT,
    at: datetime = NOW,
    amount: int = 500_000,
) -> StatementLine:
    return StatementLine(name, at, entry, kind, amount, "TZS", ORDER)


def about(lines: list[StatementLine], *payments: OrderPayment) -> list[str | None]:
    return [one.payment_id for one in read_lines(lines, payments)]


@pytest.mark.parametrize(
    ("entry", "kind", "wanted"),
    [
        (Entry.CREDIT, "Payment", MovementKind.PAYMENT),
        (Entry.DEBIT, "Payment", MovementKind.REFUND),
        (Entry.DEBIT, "reversed  payment", MovementKind.REFUND),
        (Entry.DEBIT, "Fee - Payment", MovementKind.FEE),
        (Entry.DEBIT, "Fee - Payout", MovementKind.FEE),
        (Entry.DEBIT, "Fee - Withdraw", MovementKind.FEE),
        (Entry.DEBIT, "Withdraw", MovementKind.PAYOUT),
        (Entry.DEBIT, "Payout", MovementKind.PAYOUT),
        (Entry.CREDIT, "Reversed Payout", MovementKind.PAYOUT_FAILED),
        (Entry.CREDIT, "Refunded Withdraw", MovementKind.PAYOUT_FAILED),
        (Entry.CREDIT, "Deposit", MovementKind.OTHER),
        (Entry.CREDIT, "Payout", MovementKind.OTHER),
        (Entry.CREDIT, "Fee - Payment", MovementKind.OTHER),
        (Entry.DEBIT, "Chargeback", MovementKind.OTHER),
    ],
)
def test_a_type_is_known_with_the_way_it_goes(
    entry: Entry, kind: str, wanted: MovementKind
) -> None:
    assert kind_of(a_line("l", kind, entry=entry)) is wanted


def test_the_one_payment_of_an_order_is_meant_whatever_its_amount() -> None:
    failed = a_payment("a", "FAILED")

    assert about([a_line("l", amount=490_000)], failed, a_payment("b")) == ["b"]
    assert about([a_line("l")], failed) == [None]
    assert about([replace(a_line("l"), order_reference="TU2")], a_payment("b")) == [None]


def test_of_several_the_amount_decides_then_the_time_of_the_status() -> None:
    early, late = a_payment("e"), a_payment("l", updated_at=LATER)
    lines = [a_line("2", at=LATER), a_line("1")]

    assert about(lines, early, late) == ["l", "e"]
    assert about(lines[:1], early, a_payment("o", amount=1)) == ["e"]
    assert about(lines[:1], early, a_payment("u", "SUCCESS")) == ["e"]
    assert about(lines[:1], early, replace(late, currency="USD")) == ["e"]
    assert about([a_line("1", amount=2)], early, late) == [None]


def test_lines_that_nothing_tells_apart_share_as_many_payments_or_none() -> None:
    same = [a_payment("b"), a_payment("a")]
    lines = [a_line("2"), a_line("1")]

    assert about(lines, *same) == ["b", "a"]
    assert about(lines[::-1], *same[::-1]) == ["a", "b"]
    assert about(lines[:1], *same) == [None]
    assert about([*lines, a_line("3")], *same) == [None] * 3


def test_no_two_lines_are_about_one_payment_where_times_overlap() -> None:
    half = SAME_TIME * 3 / 4
    first, second = a_payment("a"), a_payment("b", updated_at=NOW + 2 * half)
    between, before = a_line("2", at=NOW + half), a_line("1")

    assert about([before], first, second) == ["a"]
    assert about([between, before], first, second) == [None, None]
    assert about([before, replace(before, id="3")], first, second) == [None, None]


def test_what_goes_back_is_of_the_payment_that_went_back() -> None:
    line = a_line("l", entry=Entry.DEBIT)
    gone = a_payment("g", "REVERSED")

    [found] = read_lines([line], [a_payment("a"), gone])

    assert (found.payment_id, found.source, found.amount) == ("g", "g:reversal", -500_000)
    assert about([line], a_payment("a")) == ["a"]
    [nobody] = read_lines([line], [])
    assert (nobody.payment_id, nobody.source) == (None, None)


def test_a_record_without_a_date_makes_no_sense() -> None:
    with pytest.raises(ProviderAnswerError, match="no date"):
        read_lines([replace(a_line("l"), at=None)], [])
    with pytest.raises(ProviderAnswerError, match="no date"):
        read_payment(replace(a_payment("a"), created_at=None))


def test_a_payment_that_went_back_says_so_in_the_list() -> None:
    assert read_payment(a_payment("a")).reversal is None
    gone = read_payment(a_payment("a", "REVERSED"))
    assert (gone.reversal, gone.references) == ("a:reversal", (ORDER,))
