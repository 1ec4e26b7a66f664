"""Random histories of top-ups, a crash at every step, and many at once, on both engines."""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as profile
from hypothesis.stateful import run_state_machine_as_test

from hero_onboarding.database import Database
from hero_onboarding.jobs import end_all_leases
from hero_onboarding.payments.ports import PaymentState
from tests.conftest import Figure
from tests.payments.crash import CrashAt, CrashError
from tests.payments.machine import MoneyInMachine, together
from tests.payments.till import Till, a_request

PAID = 25_000_000
AT_ONCE = 8


@pytest.mark.slow
def test_every_history_credits_exactly_what_was_paid(
    fragile_database: Database, crash: CrashAt, figure: Figure, engine: str
) -> None:
    crash.is_coarse = True
    ends: Counter[tuple[str, int]] = Counter()
    parts = {"database": fragile_database, "crash": crash, "ends": ends}

    run_state_machine_as_test(
        type("Machine", (MoneyInMachine,), parts),
        settings=profile(
            max_examples=max(profile().max_examples // 3, 1),
            deadline=None,
            stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
        ),
    )

    kinds = ", ".join(sorted({kind for kind, _ in ends}))
    figure(f"{engine}: processes ended {ends.total()} times, at {len(ends)} points of {kinds}")


def live(till: Till, sid: str) -> None:
    """The whole life of a top-up, from wherever it stands; repeating is safe."""
    top_up, _ = till.cashier.open_top_up(a_request(sid=sid))
    assert top_up.reference is not None
    pay_once(till, top_up.reference)
    till.notify(top_up.reference, event=f"evt_{sid}")
    till.run()


def pay_once(till: Till, reference: str) -> None:
    if till.provider.payments[reference].state is PaymentState.OPEN:
        till.provider.pay(reference)


def owned(till: Till, sid: str) -> list[str]:
    return [ref for ref, order in till.provider.orders.items() if order.user_sid == sid]


@pytest.mark.slow
def test_a_crash_at_any_step_credits_once_and_nothing_is_lost(
    fragile: Till, crash: CrashAt, figure: Figure, engine: str
) -> None:
    fragile.people.open("whole")
    crash.points = 0
    live(fragile, "whole")
    points = crash.points
    assert fragile.people.wallet("whole").net == PAID

    for point in range(1, points + 1):
        sid = f"u{point}"
        fragile.people.open(sid)
        crash.points, crash.at = 0, point
        with pytest.raises(CrashError):
            live(fragile, sid)
        crash.at = None
        with fragile.database.transaction() as tx:
            end_all_leases(tx)

        fragile.clock.advance(minutes=1)
        fragile.run()
        references = owned(fragile, sid)
        paid = [r for r in references if fragile.provider.payments[r].state is PaymentState.PAID]
        assert fragile.people.wallet(sid).net == PAID * len(paid), f"by itself, point {point}"

        live(fragile, sid)
        assert fragile.people.wallet(sid).net == PAID, f"repeated, point {point}"
        assert len(owned(fragile, sid)) == 1, f"one checkout, point {point}"
    fragile.people.assert_books()
    assert fragile.incidents() == []
    figure(f"{engine}: a top-up's process ended at each of {points} points")
    assert points > 30


def test_one_key_at_once_is_one_top_up_and_one_checkout(till: Till) -> None:
    found: list[bool] = []

    def ask() -> None:
        found.append(till.cashier.open_top_up(a_request())[1])

    assert together([ask] * AT_ONCE) == []

    assert len(till.provider.orders) == 1
    assert len(till.rows()["top_ups"]) == 1
    assert sum(found) == 1


def test_notices_and_workers_at_once_credit_once(till: Till) -> None:
    top_ups = [till.open(f"k{number}") for number in range(3)]
    references = [str(top_up.reference) for top_up in top_ups]
    for reference in references:
        till.provider.pay(reference)

    def notify(event: int) -> Callable[[], object]:
        return lambda: till.notify(references[event % 3], event=f"evt_{event % 6}")

    work: list[Callable[[], object]] = [notify(event) for event in range(12)]
    work += [till.run] * 4
    raised = together(work)
    till.run()
    raised += together([till.run] * 4)

    assert raised == []
    assert till.people.wallet("ada").net == 3 * PAID
    for top_up in top_ups:
        assert till.kinds(top_up) == ["credited"]
    till.people.assert_books()


def test_two_workers_with_the_same_question_credit_once(till: Till) -> None:
    top_up = till.open()
    till.provider.pay(str(top_up.reference))

    raised = together([lambda: till.cashier.ask(top_up.id, 1)] * AT_ONCE)

    assert raised == []
    assert till.people.wallet("ada").net == PAID
    assert till.kinds(top_up) == ["credited"]
    assert till.incidents() == []
    till.people.assert_books()
