"""Refunds at once never give back more than was paid or is there; a crash loses none."""

from collections.abc import Callable, Sequence

import pytest

from hero_onboarding.jobs import end_all_leases
from hero_onboarding.payments import (
    NotRefundableError,
    Refund,
    RefundRequest,
    RefundState,
    RefundTooLargeError,
    TopUp,
)
from hero_onboarding.payments.ports import ProviderRefund
from hero_onboarding.wallet import BalanceTooLowError
from tests.conftest import Figure
from tests.payments.crash import CrashAt, CrashError
from tests.payments.machine import together
from tests.payments.till import Till

PAID = 25_000_000
AT_ONCE = 8


def refund_later(till: Till, top_up: TopUp, amount: int, key: str) -> Callable[[], Refund]:
    return lambda: till.refund(top_up, amount, key)


def test_two_refunds_at_once_never_give_back_more_than_was_paid(till: Till) -> None:
    till.people.adjust("ada", 10 * PAID, "gift")
    top_up = till.open_paid()

    work = [refund_later(till, top_up, 1_000, f"r{number}") for number in range(AT_ONCE)]
    raised = together(work)

    assert len(raised) == AT_ONCE - 2
    assert {type(error) for error in raised} <= {RefundTooLargeError, NotRefundableError}
    assert sum(one.amount for one in till.provider.refunds.values()) == 2_000
    assert till.people.wallet("ada").net == 10 * PAID + 5_000_000
    till.people.assert_books()


def test_two_refunds_at_once_never_give_back_more_than_is_available(till: Till) -> None:
    top_ups = [till.open_paid(f"k{number}") for number in range(4)]
    till.people.adjust("ada", -3 * PAID, "spent")

    raised = together([refund_later(till, top_up, 2_000, "r1") for top_up in top_ups] * 2)

    assert {type(error) for error in raised} == {BalanceTooLowError}
    assert len(till.provider.refunds) == 1
    assert till.people.wallet("ada").net == 5_000_000
    till.people.assert_books()


def test_one_key_at_once_is_one_refund(till: Till) -> None:
    top_up = till.open_paid()

    assert together([refund_later(till, top_up, 1_000, "r1")] * AT_ONCE) == []

    assert len(till.provider.refunds) == 1
    assert till.people.wallet("ada").net == 15_000_000
    till.people.assert_books()


@pytest.mark.parametrize("end", [RefundState.SUCCEEDED, RefundState.FAILED])
def test_answers_at_once_move_the_money_once(till: Till, end: RefundState) -> None:
    till.provider.refunds_are = RefundState.PENDING
    top_up = till.open_paid()
    ours = till.refund(top_up)
    theirs = till.provider.give_back(str(top_up.payment_id), 500)
    for reference in (str(ours.reference), theirs):
        till.provider.end_refund(reference, end)

    number = till.read(top_up.id).wanted
    raised = together([lambda: till.cashier.ask(top_up.id, number)] * AT_ONCE)

    assert raised == []
    wallet, is_back = till.people.wallet("ada"), end is RefundState.FAILED
    assert (wallet.net, wallet.debt) == ((PAID, 0) if is_back else (15_000_000, 5_000_000))
    assert len(till.refunds(top_up)) == 2
    till.people.assert_books()


ENDS = (RefundState.SUCCEEDED, RefundState.FAILED)


def give_back(till: Till, top_up: TopUp) -> None:
    """A refund that is pending, succeeds and fails after all, from wherever it stands."""
    refund, _ = till.cashier.refund(RefundRequest(top_up.id, 1_000, "r1"))
    reference = str(refund.reference)
    for state in ENDS:
        if till.provider.refunds[reference].state is not RefundState.FAILED:
            till.provider.end_refund(reference, state)
        till.notify(str(top_up.payment_id), event=f"evt_{top_up.id}_{state}")
        till.run()


@pytest.mark.slow
def test_a_crash_at_any_step_gives_back_once_and_loses_nothing(
    fragile: Till, crash: CrashAt, figure: Figure, engine: str
) -> None:
    fragile.provider.refunds_are = RefundState.PENDING
    fragile.people.open("whole")
    first = fragile.open_paid(sid="whole")
    crash.points = 0
    give_back(fragile, first)
    points = crash.points
    assert fragile.kinds(first) == [
        "credited",
        "refund_asked",
        "given_back",
        "came_back",
        "refund_failed",
    ]

    for point in range(1, points + 1):
        sid = f"u{point}"
        fragile.people.open(sid)
        top_up = fragile.open_paid(sid=sid)
        crash.points, crash.at = 0, point
        with pytest.raises(CrashError):
            give_back(fragile, top_up)
        crash.at = None
        with fragile.database.transaction() as tx:
            end_all_leases(tx)

        fragile.clock.advance(minutes=1)
        fragile.run()
        made = [one for one in fragile.provider.refunds.values() if is_of(fragile, one, top_up)]
        rows = fragile.refunds(top_up)
        found = [row.reference for row in rows]
        assert found == [one.reference for one in made], f"by itself, point {point}"
        assert not any(row.state.is_waiting for row in rows) or is_pending(made)
        is_out = any(row.state is not RefundState.FAILED for row in rows)
        assert fragile.people.wallet(sid).net == (15_000_000 if is_out else PAID)

        give_back(fragile, top_up)
        assert fragile.people.wallet(sid).net == PAID, f"repeated, point {point}"
        assert [row.state for row in fragile.refunds(top_up)] == [RefundState.FAILED]
    fragile.people.assert_books()
    assert fragile.incidents() == []
    figure(f"{engine}: a refund's process ended at each of {points} points")
    assert points > 60


def is_pending(made: Sequence[ProviderRefund]) -> bool:
    return all(one.state is RefundState.PENDING for one in made)


def is_of(till: Till, refund: ProviderRefund, top_up: TopUp) -> bool:
    return till.provider.refunded_payments[refund.reference] == top_up.payment_id
