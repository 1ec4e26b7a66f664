"""A bug in each rule of reconciling, beside the test that finds it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from hero_onboarding.kernel.errors import HeroError
from hero_onboarding.payments import Cashier, line_store
from hero_onboarding.payments.line_postings import line_postings
from hero_onboarding.payments.notices import find_named
from hero_onboarding.payments.reconciling import balances, reconciler, records, reporting
from hero_onboarding.payments.reconciling.findings import Tally
from tests.payments import test_reconciling as of_reconciling
from tests.payments.test_reconciling import Desk, desk

__all__ = ["desk"]

Patch = pytest.MonkeyPatch
FOUND = (AssertionError, HeroError, DBAPIError, pytest.fail.Exception)
PLANTED: dict[str, tuple[Callable[[Patch], None], Callable[[Desk], None]]] = {}


def found_by(finder: Callable[..., None], *arguments: object) -> Callable[..., None]:
    """Enter a bug into the table with the test that must fail, and what that is given."""

    def enter(plant: Callable[[Patch], None]) -> None:
        PLANTED[plant.__name__] = (plant, lambda desk: finder(desk, *arguments))

    return enter


@found_by(of_reconciling.test_what_was_missed_is_repaired, *of_reconciling.REPAIRED[0])
def nobody_is_asked(patch: Patch) -> None:
    patch.setattr(Cashier, "ask_now", lambda *_: None)


@found_by(of_reconciling.test_what_was_missed_is_repaired, *of_reconciling.REPAIRED[1])
def only_known_ids_are_looked_for(patch: Patch) -> None:
    patch.setattr(
        reconciler, "find_named", lambda tx, name, ids, _: find_named(tx, name, ids, None)
    )
    patch.setattr(reconciler, "list_waiting", lambda *_: ())


@found_by(of_reconciling.test_fees_and_payouts_are_posted_once)
def fees_are_forgotten(patch: Patch) -> None:
    patch.setattr(
        line_store,
        "line_postings",
        lambda *some: [one for one in line_postings(*some) if one[0].kind != "fee"],
    )


@found_by(of_reconciling.test_what_can_not_be_explained_is_named_once, *of_reconciling.NAMED[0])
def amounts_are_not_compared(patch: Patch) -> None:
    patch.setattr(records.Record, "is_same", lambda *_: True)


@found_by(of_reconciling.test_what_can_not_be_explained_is_named_once, *of_reconciling.NAMED[2])
def nobody_looks_the_other_way(patch: Patch) -> None:
    patch.setattr(reconciler, "list_credited", lambda *_: ())


@found_by(of_reconciling.test_what_can_not_be_explained_is_named_once, *of_reconciling.NAMED[3])
def unknown_lines_are_fees(patch: Patch) -> None:
    patch.setattr(records.Record, "is_ours_to_post", True)


@found_by(of_reconciling.test_what_can_not_be_explained_is_named_once, *of_reconciling.NAMED[6])
def only_what_came_in_is_looked_at(patch: Patch) -> None:
    patch.setattr(reconciler._Run, "_look_for_odd_ones", lambda *_: None)
    patch.setattr(reconciler._Run, "_ask_for", lambda *_: None)


@found_by(of_reconciling.test_what_can_not_be_explained_is_named_once, *of_reconciling.NAMED[5])
def late_lines_are_forgotten(patch: Patch) -> None:
    patch.setattr(reconciler, "LATE", reconciler.LATE * 2)


@found_by(of_reconciling.test_what_can_not_be_explained_is_named_once, *of_reconciling.NAMED[3])
def nobody_is_told(patch: Patch) -> None:
    patch.setattr(reporting, "open_incident", lambda *_: True)


@found_by(of_reconciling.test_what_differs_for_a_known_reason_is_no_difference)
def what_is_in_transit_differs(patch: Patch) -> None:
    patch.setattr(balances, "sum_in_transit", lambda *_: {})


@found_by(of_reconciling.test_what_differs_for_a_known_reason_is_no_difference)
def what_is_named_differs_again(patch: Patch) -> None:
    patch.setattr(balances, "sum_unposted", lambda *_: {})


@found_by(of_reconciling.test_what_waits_is_asked_about_and_an_open_dispute_however_old)
def old_disputes_are_forgotten(patch: Patch) -> None:
    patch.setattr(reconciler, "list_unsettled", lambda *_: ())


@found_by(of_reconciling.test_fees_and_payouts_are_posted_once)
def every_line_counts(patch: Patch) -> None:
    noted = Tally.note
    numbers = iter(range(10**6))

    def planted(tally: Tally, about: str, reference: str, outcome: Any) -> None:  # noqa: ANN401 - as given
        noted(tally, about, f"{reference}.{next(numbers)}", outcome)

    patch.setattr(Tally, "note", planted)


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_found(desk: Desk, monkeypatch: Patch, name: str) -> None:
    plant, finder = PLANTED[name]
    plant(monkeypatch)

    with pytest.raises(FOUND):
        finder(desk)
