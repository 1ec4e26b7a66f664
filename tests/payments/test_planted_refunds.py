"""A bug in each rule about refunds, beside the test that finds it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from hero_onboarding.kernel.errors import HeroError
from hero_onboarding.ledger import FactKind, Operation, record_fact
from hero_onboarding.payments import (
    Refund,
    RefundRequest,
    RefundState,
    judging,
    refunding,
    refunds,
    service,
    store,
)
from hero_onboarding.payments.domain import RESEND_LIFE
from hero_onboarding.wallet import post_transfer
from tests.payments import test_refund_races as of_races
from tests.payments import test_refunds as of_refunds
from tests.payments.till import Till

Patch = pytest.MonkeyPatch
FOUND = (AssertionError, HeroError, DBAPIError, pytest.fail.Exception)
PLANTED: dict[str, tuple[Callable[[Patch], None], Callable[..., None], dict[str, Any]]] = {}


def found_by(finder: Callable[..., None], **arguments: object) -> Callable[..., None]:
    """Enter a bug into the table with the test that must fail, and what that is given."""

    def enter(plant: Callable[[Patch], None]) -> None:
        PLANTED[plant.__name__] = (plant, finder, arguments)

    return enter


@found_by(of_refunds.test_no_more_goes_back_than_is_left_of_the_payment)
def what_is_left_is_not_counted(patch: Patch) -> None:
    patch.setattr(refunding, "require_refundable", lambda *_: None)


@found_by(of_refunds.test_no_more_goes_back_than_is_available)
def a_refund_is_no_choice(patch: Patch) -> None:
    posted = post_transfer
    patch.setattr(
        refunding, "post_transfer", lambda tx, one, at, **_: posted(tx, one, at, is_choice=False)
    )


@found_by(of_refunds.test_a_part_goes_back_and_the_top_up_stays_paid)
def a_part_is_all(patch: Patch) -> None:
    patch.setattr(judging, "given_back", lambda _: 2**40)


@found_by(of_refunds.test_when_all_was_given_back_the_top_up_is_refunded_and_no_earlier)
def pending_ones_are_given_back(patch: Patch) -> None:
    def planted(some: Sequence[Refund]) -> int:
        return sum(one.amount for one in some)

    patch.setattr(judging, "given_back", planted)


@found_by(of_refunds.test_a_refund_that_fails_is_back_in_the_wallet, first=RefundState.SUCCEEDED)
def what_failed_is_not_returned(patch: Patch) -> None:
    movements = refunds.movements_of
    patch.setattr(
        refunding,
        "movements_of",
        lambda one, state: () if state is RefundState.FAILED else movements(one, state),
    )


@found_by(of_refunds.test_a_refund_that_fails_is_back_in_the_wallet, first=RefundState.SUCCEEDED)
def what_the_provider_paid_does_not_come_back(patch: Patch) -> None:
    movements = refunds.movements_of
    patch.setattr(
        refunding,
        "movements_of",
        lambda one, state: [m for m in movements(one, state) if m != Operation.REFUND_REVERSED],
    )


@found_by(of_refunds.test_an_answer_that_was_overtaken_takes_nothing_back)
def every_answer_counts(patch: Patch) -> None:
    patch.setattr(refunds.Refund, "is_news", lambda *_: True)


@found_by(of_refunds.test_a_key_with_other_content_is_a_conflict)
def content_is_not_compared(patch: Patch) -> None:
    patch.setattr(RefundRequest, "digest", b"0" * 16)


@found_by(of_refunds.test_after_a_day_an_order_is_searched_for_and_never_sent_again)
def orders_are_sent_again_for_ever(patch: Patch) -> None:
    patch.setattr(refunds.Refund, "may_resend", lambda one, _: one.state is RefundState.ASKED)


@found_by(of_refunds.test_an_order_that_never_arrived_is_back_in_the_wallet_an_hour_later)
def what_is_not_found_is_lost_at_once(patch: Patch) -> None:
    patch.setattr(refunds, "SEARCH_LIFE", RESEND_LIFE)


@found_by(of_refunds.test_a_refund_made_at_the_provider_is_owed_once_and_told)
def what_the_provider_does_is_ours(patch: Patch) -> None:
    patch.setattr(refunds.Refund, "is_ours", True)


@found_by(of_refunds.test_one_that_names_a_refund_of_ours_that_has_its_own_is_none_of_ours)
def a_name_is_enough(patch: Patch) -> None:
    def planted(some: Sequence[Refund], found: Any) -> Refund | None:  # noqa: ANN401 - as given
        return next((one for one in some if str(one.id) == found.refund_id), None)

    patch.setattr(refunding, "match_refund", planted)


@found_by(of_refunds.test_when_all_was_given_back_the_top_up_is_refunded_and_no_earlier)
def the_payments_state_counts(patch: Patch) -> None:
    patch.setattr(service, "apply_refunds", lambda *_: None)


@found_by(of_refunds.test_a_part_goes_back_and_the_top_up_stays_paid)
def a_fact_has_the_wrong_sign(patch: Patch) -> None:
    recorded = record_fact

    def planted(tx: Any, fact: Any, at: Any) -> bool:  # noqa: ANN401 - as given
        if fact.kind is FactKind.REFUND:
            content = {**fact.content, "amount": -fact.content["amount"]}
            fact = replace(fact, content=content)
        return recorded(tx, fact, at)

    patch.setattr(refunding, "record_fact", planted)


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_found(till: Till, monkeypatch: Patch, name: str) -> None:
    plant, finder, arguments = PLANTED[name]
    plant(monkeypatch)

    with pytest.raises(FOUND):
        finder(till, **arguments)


@pytest.mark.parametrize("engine", ["postgresql"])
def test_a_top_up_that_is_not_locked_is_found_where_there_are_several_writers(
    till: Till, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(store, "lock_top_up", store.find_top_up)

    with pytest.raises(FOUND):
        of_races.test_two_refunds_at_once_never_give_back_more_than_was_paid(till)
