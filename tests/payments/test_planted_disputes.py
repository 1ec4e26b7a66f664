"""A bug in each rule about disputes, beside the test that finds it; and an end at every step."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from hero_onboarding.kernel.errors import HeroError
from hero_onboarding.payments import DisputeState, TopUp, disputing, judging, service, store
from hero_onboarding.payments.dispute_postings import dispute_posting
from hero_onboarding.payments.disputes import Dispute
from tests.conftest import Figure
from tests.payments import test_disputes as of_disputes
from tests.payments.crash import CrashAt, CrashError
from tests.payments.till import Till, a_request

Patch = pytest.MonkeyPatch
FOUND = (AssertionError, HeroError, DBAPIError, pytest.fail.Exception)
NEXT = 10**6
PLANTED: dict[str, tuple[Callable[[Patch], None], Callable[[Till], None]]] = {}


def found_by(finder: Callable[[Till], None]) -> Callable[..., None]:
    """Enter a bug into the table with the test that must fail."""

    def enter(plant: Callable[[Patch], None]) -> None:
        PLANTED[plant.__name__] = (plant, finder)

    return enter


@found_by(of_disputes.test_a_dispute_freezes_what_it_is_about_at_once_and_calls_a_person)
def nothing_is_frozen(patch: Patch) -> None:
    patch.setattr(disputing, "freeze", lambda *_: True)


@found_by(of_disputes.test_what_the_bank_takes_is_owed_and_its_fee_is_ours)
def what_was_withdrawn_stays_frozen(patch: Patch) -> None:
    patch.setattr(disputing, "close_hold", lambda *_: True)


@found_by(of_disputes.test_what_the_bank_takes_is_owed_and_its_fee_is_ours)
def lines_are_posted_again(patch: Patch) -> None:
    def planted(tx: Any, event: Any) -> bool:  # noqa: ANN401 - as given
        store.insert_event(tx, event)
        return True

    patch.setattr(disputing, "store", type("Store", (), {**vars(store), "insert_event": planted}))


@found_by(of_disputes.test_what_the_bank_takes_is_owed_and_its_fee_is_ours)
def fees_are_forgotten(patch: Patch) -> None:
    patch.setattr(disputing, "keep_line", lambda *_, **__: True)


@found_by(of_disputes.test_what_comes_back_after_a_write_off_is_no_gift)
def what_comes_back_is_all_the_users(patch: Patch) -> None:
    patch.setattr(
        disputing,
        "dispute_posting",
        lambda top_up, one, moved, _, at: dispute_posting(top_up, one, moved, 2**60, at),
    )


@found_by(of_disputes.test_an_answer_that_was_overtaken_takes_nothing_back)
def every_answer_counts(patch: Patch) -> None:
    patch.setattr(Dispute, "may_become", lambda *_, **__: True)


@found_by(of_disputes.test_what_is_won_is_owed_no_more_and_the_fee_stays)
def what_was_disputed_stays_disputed(patch: Patch) -> None:
    patch.setattr(judging, "_JUDGED", frozenset())


@found_by(of_disputes.test_what_the_bank_takes_is_owed_and_its_fee_is_ours)
def what_is_lost_is_forgiven(patch: Patch) -> None:
    patch.setattr(DisputeState, "is_against_us", property(lambda one: one is DisputeState.OPEN))


@found_by(of_disputes.test_a_payment_that_is_disputed_before_it_is_seen_is_credited_and_owed)
def the_payments_state_counts(patch: Patch) -> None:
    patch.setattr(service, "apply_disputes", lambda *_: None)


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_found(till: Till, monkeypatch: Patch, name: str) -> None:
    plant, finder = PLANTED[name]
    plant(monkeypatch)

    with pytest.raises(FOUND):
        finder(till)


def ask(till: Till, top_up: TopUp) -> None:
    till.cashier.ask(top_up.id, NEXT)


def paid(till: Till, sid: str) -> TopUp:
    """A paid top-up whose payer's bank takes the money and gives it back."""
    till.people.open(sid)
    top_up, _ = till.cashier.open_top_up(a_request(sid=sid))
    payment_id = till.pay(top_up)
    top_up = till.settle(top_up)
    reference = till.provider.dispute(payment_id, -2_500)
    till.provider.move_dispute(reference, DisputeState.WON, 2_500)
    return top_up


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_crash_at_any_step_moves_a_dispute_once(
    fragile: Till, crash: CrashAt, figure: Figure, engine: str
) -> None:
    crash.points = 0
    top_up = paid(fragile, "whole")
    crash.points = 0
    ask(fragile, top_up)
    points = crash.points

    for point in range(1, points + 1):
        top_up = paid(fragile, f"u{point}")
        crash.points, crash.at = 0, point
        with pytest.raises(CrashError):
            ask(fragile, top_up)
        crash.at = None
        ask(fragile, top_up)
        assert fragile.kinds(top_up).count("withdrawn") == 1, point
        assert fragile.kinds(top_up).count("reinstated") == 1, point
        wallet = fragile.people.wallet(top_up.user_sid)
        assert (wallet.net, wallet.debt, wallet.held) == (of_disputes.PAID, 0, 0), point
    fragile.people.assert_books()
    figure(f"{engine}: a dispute's process ended at each of {points} points")
    assert points > 20
