"""A bug planted in each rule about money, and what finds it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as profile
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from hero_onboarding.aggregation import charging
from hero_onboarding.database import Database, Transaction
from hero_onboarding.kernel.errors import HeroError
from hero_onboarding.ledger import Entry, Fact, Operation, Transfer
from hero_onboarding.ledger import domain as ledger_domain
from hero_onboarding.ledger import service as ledger_service
from hero_onboarding.ledger import store as ledger_store
from hero_onboarding.wallet import Charge, Hold, Wallet, service, store
from hero_onboarding.wallet.tables import holds
from tests.conftest import NewUrl
from tests.fakes.clock import FakeClock
from tests.wallet import test_machine
from tests.wallet.machine import WalletMachine
from tests.wallet.people import People

Patch = pytest.MonkeyPatch

spend, claim, unclaim, shut_hold = store.spend, store.claim, store.unclaim, store.shut_hold
list_expired, record_fact = store.list_expired, ledger_service.record_fact
record_entries, post_charges = ledger_service.record_entries, service.post_charges


def nobody_asks_what_is_available(patch: Patch) -> None:
    def planted(
        tx: Transaction, sid: str, *, net: int, debt: int, guard: int | None
    ) -> tuple[int, int, int] | None:
        del guard
        return spend(tx, sid, net=net, debt=debt, guard=None)

    patch.setattr(store, "spend", planted)


def the_guard_is_off_by_one(patch: Patch) -> None:
    def planted(
        tx: Transaction, sid: str, *, net: int, debt: int, guard: int | None
    ) -> tuple[int, int, int] | None:
        return spend(tx, sid, net=net, debt=debt, guard=None if guard is None else guard - 1)

    patch.setattr(store, "spend", planted)


def a_choice_may_use_what_is_held(patch: Patch) -> None:
    def planted(
        tx: Transaction, sid: str, *, net: int, debt: int, guard: int | None
    ) -> tuple[int, int, int] | None:
        held = store.lock_wallets(tx, [sid])[sid].held
        return spend(tx, sid, net=net, debt=debt, guard=None if guard is None else guard - held)

    patch.setattr(store, "spend", planted)


def a_choice_may_use_what_is_owed(patch: Patch) -> None:
    def planted(
        tx: Transaction, sid: str, *, net: int, debt: int, guard: int | None
    ) -> tuple[int, int, int] | None:
        owed = store.lock_wallets(tx, [sid])[sid].debt
        return spend(tx, sid, net=net, debt=debt, guard=None if guard is None else guard - owed)

    patch.setattr(store, "spend", planted)


def allow_debt_is_ignored(patch: Patch) -> None:
    posted = service.post_transfer

    def planted(
        tx: Transaction, transfer: Transfer, posted_at: datetime, *, is_choice: bool
    ) -> bool:
        del is_choice
        return posted(tx, transfer, posted_at, is_choice=True)

    patch.setattr(service, "post_transfer", planted)


def a_hold_claims_what_is_not_there(patch: Patch) -> None:
    def planted(tx: Transaction, sid: str, amount: int) -> bool:
        unclaim(tx, sid, -amount)
        return True

    patch.setattr(store, "claim", planted)


def a_hold_claims_nothing(patch: Patch) -> None:
    patch.setattr(store, "claim", lambda tx, sid, amount: claim(tx, sid, 0) or amount == 0)


def a_closed_hold_gives_back_all_it_ever_claimed(patch: Patch) -> None:
    def planted(tx: Transaction, hold_id: UUID, now: datetime) -> int | None:
        amount = tx.execute(select(holds.c.amount).where(holds.c.id == hold_id)).scalar_one()
        return None if shut_hold(tx, hold_id, now) is None else int(amount)

    patch.setattr(store, "shut_hold", planted)


def a_hold_can_be_closed_twice(patch: Patch) -> None:
    def planted(tx: Transaction, hold_id: UUID, now: datetime) -> int | None:
        remaining = tx.execute(select(holds.c.remaining).where(holds.c.id == hold_id)).scalar_one()
        shut_hold(tx, hold_id, now)
        return int(remaining)

    patch.setattr(store, "shut_hold", planted)


def a_shrunk_hold_still_claims_all(patch: Patch) -> None:
    patch.setattr(store, "set_remaining", lambda *_: None)


def a_hold_ends_before_its_time(patch: Patch) -> None:
    def planted(tx: Transaction, now: datetime, limit: int) -> Sequence[Hold]:
        return list_expired(tx, now.replace(year=now.year + 1), limit)

    patch.setattr(store, "list_expired", planted)


def no_hold_ever_ends(patch: Patch) -> None:
    patch.setattr(store, "list_expired", lambda *_: [])


def a_repeat_counts_as_new(patch: Patch) -> None:
    def planted(tx: Transaction, fact: Fact, at: datetime) -> bool:
        record_fact(tx, fact, at)
        return True

    patch.setattr(service, "record_fact", planted)


def other_content_under_a_key_is_let_pass(patch: Patch) -> None:
    def planted(tx: Transaction, fact: Fact, at: datetime) -> bool:
        return ledger_store.insert_fact(tx, fact, at) is None

    patch.setattr(service, "record_fact", planted)


def keys_are_not_the_users_own(patch: Patch) -> None:
    made = ledger_domain.keyed_id
    patch.setattr(ledger_domain, "keyed_id", lambda op, _, key: made(op, "everybody", key))


def a_dispute_takes_from_the_net(patch: Patch) -> None:
    def planted(
        tx: Transaction, sid: str, *, net: int, debt: int, guard: int | None
    ) -> tuple[int, int, int] | None:
        return spend(tx, sid, net=net - debt, debt=0, guard=guard)

    patch.setattr(store, "spend", planted)


def a_line_of_a_transfer_is_lost(patch: Patch) -> None:
    written = ledger_store.insert_entries
    patch.setattr(ledger_store, "insert_entries", lambda tx, rows: written(tx, rows[:-1]))


def a_transfer_need_not_sum_to_zero(patch: Patch) -> None:
    patch.setattr(Transfer, "__post_init__", lambda _: None)

    def planted(charge: Charge, at: datetime) -> Transfer:
        entries = (
            Entry(f"user:{charge.user_sid}:wallet", -charge.amount),
            Entry("revenue:other", charge.amount + 1),
        )
        return Transfer(Operation.CHARGE, charge.user_sid, str(charge.number), entries, at)

    patch.setattr(Charge, "transfer", planted)


def a_statement_shows_the_balance_before(patch: Patch) -> None:
    def planted(
        tx: Transaction,
        transfers: Sequence[Transfer],
        balances: Mapping[tuple[int, int], tuple[int, int]],
    ) -> None:
        wrong = {
            place: (sequence, after - transfers[place[0]].entries[place[1]].amount)
            for place, (sequence, after) in balances.items()
        }
        record_entries(tx, transfers, wrong)

    patch.setattr(service, "record_entries", planted)


def usage_beyond_the_balance_is_not_charged(patch: Patch) -> None:
    def planted(
        tx: Transaction, locked: Mapping[str, Wallet], charges: Sequence[Charge], at: datetime
    ) -> int:
        paid = [
            replace(one, by_kind={}) if one.amount > locked[one.user_sid].available else one
            for one in charges
        ]
        return post_charges(tx, locked, paid, at)

    patch.setattr(charging, "post_charges", planted)


def what_was_charged_stays_open(patch: Patch) -> None:
    marked = charging._mark_deltas

    def planted(tx: Transaction, locked: Mapping[str, Wallet]) -> Sequence[Any]:
        rows = marked(tx, locked)
        tx.execute(text("UPDATE usage_deltas SET charge = NULL"))
        return rows

    patch.setattr(charging, "_mark_deltas", planted)


def what_was_marked_is_not_charged(patch: Patch) -> None:
    charged = charging._charge

    def planted(wallet: Wallet, rows: Sequence[Any]) -> Charge:
        return charged(wallet, rows[:-1])

    patch.setattr(charging, "_charge", planted)


PLANTED: Sequence[Callable[[Patch], None]] = (
    nobody_asks_what_is_available,
    the_guard_is_off_by_one,
    a_choice_may_use_what_is_held,
    a_choice_may_use_what_is_owed,
    allow_debt_is_ignored,
    a_hold_claims_what_is_not_there,
    a_hold_claims_nothing,
    a_closed_hold_gives_back_all_it_ever_claimed,
    a_hold_can_be_closed_twice,
    a_shrunk_hold_still_claims_all,
    a_hold_ends_before_its_time,
    no_hold_ever_ends,
    a_repeat_counts_as_new,
    other_content_under_a_key_is_let_pass,
    keys_are_not_the_users_own,
    a_dispute_takes_from_the_net,
    a_line_of_a_transfer_is_lost,
    a_transfer_need_not_sum_to_zero,
    a_statement_shows_the_balance_before,
    usage_beyond_the_balance_is_not_charged,
    what_was_charged_stays_open,
    what_was_marked_is_not_charged,
)


@pytest.mark.slow
@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_random_histories_find_it(
    plant: Callable[[Patch], None], database: Database, monkeypatch: Patch
) -> None:
    """An example may fail otherwise when it is run again: the bug has left its traces."""
    machine = type("Machine", (WalletMachine,), {"database": database})

    plant(monkeypatch)

    with pytest.raises((AssertionError, HeroError, Flaky, IntegrityError)):
        run_state_machine_as_test(
            machine,
            settings=profile(
                max_examples=150,
                deadline=None,
                stateful_step_count=30,
                phases=[Phase.generate],
                derandomize=True,
                database=None,
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
            ),
        )


def test_looking_before_taking_is_found_by_spenders_at_once(
    new_database_url: NewUrl, monkeypatch: Patch
) -> None:
    """On PostgreSQL; on SQLite whoever looks is the only writer."""

    def planted(
        tx: Transaction, sid: str, *, net: int, debt: int, guard: int | None
    ) -> tuple[int, int, int] | None:
        wallet = store.find_wallet(tx, sid)
        assert wallet is not None
        if guard is not None and wallet.available < guard:
            return None
        time.sleep(0.001)
        return spend(tx, sid, net=net, debt=debt, guard=None)

    monkeypatch.setattr(store, "spend", planted)

    with pytest.raises(AssertionError):
        test_machine.test_spenders_at_once_never_take_more_than_is_available(
            new_database_url("postgresql")
        )


def test_a_ledger_that_forgets_what_it_claimed_is_found(
    database: Database, monkeypatch: Patch
) -> None:
    """A repeat that is taken for new would post its lines twice; the ledger refuses them."""
    people = People(database, FakeClock())
    people.open("ada", 5)
    monkeypatch.setattr(ledger_service, "claim_transfers", lambda _tx, transfers, _at: transfers)
    monkeypatch.setattr(service, "claim_transfers", lambda _tx, transfers, _at: transfers)
    before = people.rows()

    with pytest.raises(Exception, match=r"(?i)foreign key|violates|constraint"):
        people.dispute("ada", 1, "d1")

    assert people.rows() == before
