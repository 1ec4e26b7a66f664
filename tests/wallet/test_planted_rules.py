"""A bug in each rule about money, beside the test that finds it.

``planted_by_name`` is the table; a bug whose test does not fail fails here.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Select, select, text
from sqlalchemy.exc import DBAPIError

from hero_onboarding.aggregation import charging
from hero_onboarding.database import Transaction
from hero_onboarding.kernel.errors import HeroError
from hero_onboarding.ledger import AccountKind, Entry, Fact, Transfer
from hero_onboarding.ledger import domain as ledger_domain
from hero_onboarding.ledger import service as ledger_service
from hero_onboarding.ledger import store as ledger_store
from hero_onboarding.wallet import (
    Adjustment,
    Charge,
    Hold,
    HoldRequest,
    Wallet,
    post_charges,
    service,
    store,
)
from hero_onboarding.wallet import domain as wallet_domain
from hero_onboarding.wallet.tables import holds
from tests.ledger import test_domain as of_domain
from tests.ledger import test_service as of_ledger
from tests.wallet import test_holds as of_holds
from tests.wallet import test_service as of_wallet
from tests.wallet.people import People

Patch = pytest.MonkeyPatch
FOUND = (AssertionError, HeroError, DBAPIError, pytest.fail.Exception)


@dataclass(frozen=True)
class Planted:
    plant: Callable[[Patch], None]
    finder: Callable[..., None]
    arguments: Mapping[str, object]


planted_by_name: dict[str, Planted] = {}


def found_by(
    finder: Callable[..., None], **arguments: object
) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    """Enter a bug into the table with the test that must fail, and what that is given."""

    def enter(plant: Callable[[Patch], None]) -> Callable[[Patch], None]:
        planted_by_name[plant.__name__] = Planted(plant, finder, arguments)
        return plant

    return enter


# What a transfer is.


@found_by(of_domain.test_a_transfer_exists_only_when_each_asset_sums_to_zero)
def nothing_need_sum_to_zero(patch: Patch) -> None:
    patch.setattr(Transfer, "__post_init__", lambda _: None)


@found_by(of_domain.test_assets_do_not_balance_each_other)
def assets_balance_each_other(patch: Patch) -> None:
    def planted(transfer: Transfer) -> None:
        assert sum(entry.amount for entry in transfer.entries) == 0

    patch.setattr(Transfer, "__post_init__", planted)


@found_by(of_domain.test_a_transfer_has_two_sides, entries=(Entry("adjustments", 0),))
def one_side_is_enough(patch: Patch) -> None:
    patch.setattr(Transfer, "__post_init__", lambda _: None)


@found_by(of_domain.test_no_other_account_gets_in, path="user:ada:credit")
def any_path_is_an_account(patch: Patch) -> None:
    patch.setattr(ledger_domain, "account_kind", lambda _: AccountKind.ADJUSTMENTS)


@found_by(of_domain.test_accounts_of_people_hold_dollars_only, path="user:ada:wallet")
def people_hold_any_asset(patch: Patch) -> None:
    patch.setattr(ledger_domain, "STORED_BALANCES", frozenset())


@found_by(of_domain.test_an_amount_is_a_whole_number_of_64_bits, amount=1.0)
def a_float_is_an_amount(patch: Patch) -> None:
    patch.setattr(Entry, "__post_init__", lambda _: None)


@found_by(of_wallet.test_no_float_gets_in, amount=1.0)
def a_float_can_be_asked_for(patch: Patch) -> None:
    patch.setattr(Entry, "__post_init__", lambda _: None)
    patch.setattr(Adjustment, "__post_init__", lambda _: None)
    patch.setattr(HoldRequest, "__post_init__", lambda _: None)


# Once for each operation, owner and key.


@found_by(of_ledger.test_facts_of_two_kinds_do_not_meet)
def an_id_leaves_the_operation_out(patch: Patch) -> None:
    made = ledger_domain.keyed_id
    patch.setattr(ledger_domain, "keyed_id", lambda _, owner, key: made("x", owner, key))


@found_by(of_wallet.test_two_users_may_use_the_same_key)
def an_id_leaves_the_owner_out(patch: Patch) -> None:
    made = ledger_domain.keyed_id
    patch.setattr(ledger_domain, "keyed_id", lambda op, _, key: made(op, "x", key))


@found_by(of_ledger.test_of_many_transfers_only_the_new_ones_are_posted)
def an_id_leaves_the_key_out(patch: Patch) -> None:
    made = ledger_domain.keyed_id
    patch.setattr(ledger_domain, "keyed_id", lambda op, owner, _: made(op, owner, "x"))


@found_by(of_ledger.test_the_same_key_with_other_content_is_refused_and_moves_nothing)
def content_is_not_compared(patch: Patch) -> None:
    patch.setattr(ledger_domain, "_digest", lambda _: b"0" * 16)


@found_by(
    of_domain.test_another_amount_account_or_asset_is_other_content,
    other=(Entry("adjustments", -1, "EUR"), Entry("losses", 1, "EUR")),
)
def the_asset_is_no_content(patch: Patch) -> None:
    digest = ledger_domain._digest

    def planted(value: list[Any]) -> bytes:
        return digest([(account, amount) for account, _, amount in value[0]])

    patch.setattr(ledger_domain, "_digest", planted)


@found_by(of_domain.test_another_detail_is_other_content_and_another_time_is_not)
def the_time_is_content(patch: Patch) -> None:
    patch.setattr(
        Transfer, "digest", property(lambda self: ledger_domain._digest(str(self.occurred_at)))
    )


@found_by(of_ledger.test_a_transfer_is_posted_once)
def a_repeat_is_claimed_again(patch: Patch) -> None:
    claimed = ledger_store.insert_transfers

    def planted(tx: Transaction, some: Sequence[Transfer], at: datetime) -> frozenset[UUID]:
        claimed(tx, some, at)
        return frozenset(transfer.id for transfer in some)

    patch.setattr(ledger_store, "insert_transfers", planted)


@found_by(of_wallet.test_a_repeated_adjustment_is_answered_like_the_first)
def a_repeat_is_refused(patch: Patch) -> None:
    patch.setattr(ledger_store, "insert_fact", lambda *_: b"1" * 16)


@found_by(of_ledger.test_a_fact_is_kept_once_and_never_changed)
def other_content_under_a_fact_is_let_pass(patch: Patch) -> None:
    kept = ledger_store.insert_fact

    def planted(tx: Transaction, fact: Fact, at: datetime) -> bytes | None:
        return None if kept(tx, fact, at) is None else fact.digest

    patch.setattr(ledger_store, "insert_fact", planted)


@found_by(of_holds.test_two_people_may_use_the_same_key)
def holds_of_two_people_share_an_id(patch: Patch) -> None:
    made = ledger_domain.keyed_id
    patch.setattr(wallet_domain, "keyed_id", lambda op, _, key: made(op, "x", key))


# Stored balances and snapshots.


@found_by(of_ledger.test_a_line_on_a_stored_balance_needs_what_it_left_there)
def a_line_need_not_say_what_it_left(patch: Patch) -> None:
    patch.setattr(ledger_service, "has_stored_balance", lambda _: False)


@found_by(of_wallet.test_a_statement_adds_up_and_pages_in_full)
def a_statement_shows_what_was_before(patch: Patch) -> None:
    moved = service._move

    def planted(tx: Transaction, entry: Entry, *, is_choice: bool) -> tuple[int, int]:
        sequence, after = moved(tx, entry, is_choice=is_choice)
        return sequence, after - entry.amount

    patch.setattr(service, "_move", planted)


@found_by(of_ledger.test_a_snapshot_holds_what_a_day_ended_with)
def a_snapshot_holds_the_next_day_too(patch: Patch) -> None:
    summed = ledger_store._account_sum

    def planted(begins_at: datetime | None, _: datetime | None) -> Select[Any]:
        return summed(begins_at, None)

    patch.setattr(ledger_store, "_account_sum", planted)


@found_by(of_ledger.test_snapshots_change_no_balance_however_often_they_are_taken)
def what_a_snapshot_holds_is_counted_again(patch: Patch) -> None:
    summed = ledger_store._account_sum

    def planted(_: datetime | None, ends_at: datetime | None) -> Select[Any]:
        return summed(None, ends_at)

    patch.setattr(ledger_store, "_account_sum", planted)


@found_by(of_ledger.test_a_day_is_closed_an_hour_after_its_end)
def a_day_is_closed_at_its_end(patch: Patch) -> None:
    patch.setattr(ledger_service, "SNAPSHOT_DELAY", timedelta())


# What may be spent, and what is seen.


def spend_with(patch: Patch, change: Callable[[Transaction, str, int], int | None]) -> None:
    """Change what a choice must have available."""
    spend = store.spend

    def planted(
        tx: Transaction, sid: str, *, net: int, debt: int, guard: int | None
    ) -> tuple[int, int, int] | None:
        asked = None if guard is None else change(tx, sid, guard)
        return spend(tx, sid, net=net, debt=debt, guard=asked)

    patch.setattr(store, "spend", planted)


@found_by(of_wallet.test_a_choice_may_take_all_that_is_available_and_no_more)
def nobody_asks_what_is_available(patch: Patch) -> None:
    spend_with(patch, lambda *_: None)


@found_by(of_wallet.test_a_choice_may_take_all_that_is_available_and_no_more)
def one_micro_more_can_be_spent(patch: Patch) -> None:
    spend_with(patch, lambda _tx, _sid, guard: guard - 1)


@found_by(of_wallet.test_a_choice_may_take_all_that_is_available_and_no_more)
def the_last_micro_can_not_be_spent(patch: Patch) -> None:
    spend_with(patch, lambda _tx, _sid, guard: guard + 1)


@found_by(of_wallet.test_what_is_held_or_owed_can_not_be_chosen)
def what_is_held_can_be_spent(patch: Patch) -> None:
    spend_with(patch, lambda tx, sid, guard: guard - store.lock_wallets(tx, [sid])[sid].held)


@found_by(of_wallet.test_what_is_held_or_owed_can_not_be_chosen)
def what_is_owed_can_be_spent(patch: Patch) -> None:
    spend_with(patch, lambda tx, sid, guard: guard - store.lock_wallets(tx, [sid])[sid].debt)


@found_by(of_wallet.test_a_choice_between_wallets_asks_each_wallet_that_pays)
def only_the_owner_is_asked(patch: Patch) -> None:
    spend_with(patch, lambda _tx, sid, guard: guard if sid == "house" else None)


def post_with(patch: Patch, *, is_choice: bool) -> None:
    posted = service.post_transfer

    def planted(tx: Transaction, transfer: Transfer, at: datetime, **_: bool) -> bool:
        return posted(tx, transfer, at, is_choice=is_choice)

    patch.setattr(service, "post_transfer", planted)


@found_by(of_wallet.test_allow_debt_takes_the_net_below_zero_and_never_touches_debt)
def allow_debt_is_ignored(patch: Patch) -> None:
    post_with(patch, is_choice=True)


@found_by(of_wallet.test_a_refused_key_can_be_used_when_there_is_money)
def debt_is_always_allowed(patch: Patch) -> None:
    post_with(patch, is_choice=False)


@found_by(of_wallet.test_debt_is_a_view_beside_the_net_and_nothing_moves_between_them)
def a_dispute_takes_from_the_net(patch: Patch) -> None:
    spend = store.spend

    def planted(
        tx: Transaction, sid: str, *, net: int, debt: int, guard: int | None
    ) -> tuple[int, int, int] | None:
        return spend(tx, sid, net=net - debt, debt=0, guard=guard)

    patch.setattr(store, "spend", planted)


@found_by(of_wallet.test_allow_debt_takes_the_net_below_zero_and_never_touches_debt)
def overdraft_becomes_debt(patch: Patch) -> None:
    spend = store.spend

    def planted(
        tx: Transaction, sid: str, *, net: int, debt: int, guard: int | None
    ) -> tuple[int, int, int] | None:
        over = max(0, -net - store.lock_wallets(tx, [sid])[sid].net)
        return spend(tx, sid, net=net + over, debt=debt + over, guard=guard)

    patch.setattr(store, "spend", planted)


def view_with(patch: Patch, name: str, view: Callable[[Wallet], int]) -> None:
    patch.setattr(Wallet, name, property(view))


of_views = of_wallet.test_the_views_of_a_wallet_are_those_of_the_design


@found_by(of_views)
def the_balance_leaves_the_debt_in(patch: Patch) -> None:
    view_with(patch, "balance", lambda wallet: max(wallet.net, 0))


@found_by(of_views)
def the_balance_leaves_out_what_is_held(patch: Patch) -> None:
    view_with(patch, "balance", lambda wallet: max(wallet.net - wallet.debt - wallet.held, 0))


@found_by(of_views)
def the_overdraft_holds_the_debt(patch: Patch) -> None:
    view_with(patch, "overdraft", lambda wallet: max(wallet.debt - wallet.net, 0))


@found_by(of_views)
def the_debt_is_shown_whole(patch: Patch) -> None:
    view_with(patch, "owed", lambda wallet: wallet.debt)


@found_by(of_views)
def what_is_available_leaves_the_holds_in(patch: Patch) -> None:
    view_with(patch, "available", lambda wallet: wallet.balance)


# Holds.


@found_by(of_holds.test_holds_together_never_exceed_what_is_available)
def a_hold_claims_what_is_not_there(patch: Patch) -> None:
    def planted(tx: Transaction, sid: str, amount: int) -> bool:
        store.unclaim(tx, sid, -amount)
        return True

    patch.setattr(store, "claim", planted)


@found_by(of_holds.test_a_hold_claims_and_moves_nothing)
def a_hold_claims_nothing(patch: Patch) -> None:
    patch.setattr(store, "claim", lambda *_: True)


@found_by(of_holds.test_a_hold_claims_and_moves_nothing)
def a_hold_moves_money(patch: Patch) -> None:
    claim = store.claim

    def planted(tx: Transaction, sid: str, amount: int) -> bool:
        return claim(tx, sid, amount) and bool(store.spend(tx, sid, net=-1, debt=0, guard=None))

    patch.setattr(store, "claim", planted)


@found_by(of_holds.test_a_closed_hold_gives_back_what_it_still_claimed_once)
def a_closed_hold_gives_back_all_it_ever_claimed(patch: Patch) -> None:
    shut = store.shut_hold

    def planted(tx: Transaction, hold_id: UUID, now: datetime) -> int | None:
        amount = tx.execute(select(holds.c.amount).where(holds.c.id == hold_id)).scalar_one()
        return None if shut(tx, hold_id, now) is None else int(amount)

    patch.setattr(store, "shut_hold", planted)


@found_by(of_holds.test_a_closed_hold_gives_back_what_it_still_claimed_once)
def a_closed_hold_gives_nothing_back(patch: Patch) -> None:
    patch.setattr(store, "unclaim", lambda *_: None)


@found_by(of_holds.test_a_closed_hold_gives_back_what_it_still_claimed_once)
def a_hold_can_be_closed_twice(patch: Patch) -> None:
    shut = store.shut_hold
    patch.setattr(store, "shut_hold", lambda tx, hold_id, now: shut(tx, hold_id, now) or 0)


@found_by(of_holds.test_a_hold_shrinks_by_what_was_used_down_to_zero, asked=1, shrunk=1, left=399)
def a_shrunk_hold_still_claims_all(patch: Patch) -> None:
    patch.setattr(store, "set_remaining", lambda *_: None)


@found_by(of_holds.test_a_hold_shrinks_by_what_was_used_down_to_zero, asked=1, shrunk=1, left=399)
def a_shrunk_hold_gives_nothing_back(patch: Patch) -> None:
    patch.setattr(store, "unclaim", lambda *_: None)


@found_by(of_holds.test_a_closed_hold_does_not_shrink)
def a_closed_hold_shrinks(patch: Patch) -> None:
    find = store.find_hold

    def planted(tx: Transaction, hold_id: UUID) -> Hold | None:
        hold = find(tx, hold_id)
        return None if hold is None else replace(hold, is_open=True)

    patch.setattr(store, "find_hold", planted)


@found_by(of_holds.test_only_holds_whose_time_is_over_are_closed)
def a_hold_ends_before_its_time(patch: Patch) -> None:
    listed = store.list_expired
    later = timedelta(minutes=10)
    patch.setattr(store, "list_expired", lambda tx, now, limit: listed(tx, now + later, limit))


@found_by(of_holds.test_a_hold_counts_until_it_is_closed_even_when_its_time_is_over)
def no_hold_ever_ends(patch: Patch) -> None:
    patch.setattr(store, "list_expired", lambda *_: [])


@found_by(of_wallet.test_a_hold_under_a_used_key_with_other_content_is_a_conflict)
def a_hold_with_other_content_is_let_pass(patch: Patch) -> None:
    find = store.find_hold

    def planted(tx: Transaction, hold_id: UUID) -> Hold | None:
        hold = find(tx, hold_id)
        return None if hold is None else replace(hold, amount=11)

    patch.setattr(store, "find_hold", planted)


@found_by(of_holds.test_a_repeated_hold_claims_once_also_when_nothing_is_left)
def a_repeated_hold_is_asked_for_anew(patch: Patch) -> None:
    patch.setattr(store, "find_hold", lambda *_: None)


# Charges.


@found_by(of_wallet.test_a_charge_splits_by_kind_and_rare_kinds_share_an_account)
def all_revenue_is_one(patch: Patch) -> None:
    patch.setattr(wallet_domain, "revenue_account", lambda _: "revenue:other")


@found_by(of_wallet.test_a_charge_splits_by_kind_and_rare_kinds_share_an_account)
def what_was_marked_is_not_charged(patch: Patch) -> None:
    charged = charging._charge
    patch.setattr(charging, "_charge", lambda wallet, rows: charged(wallet, rows[:-1]))


@found_by(of_wallet.test_usage_is_charged_whatever_is_held_or_owed)
def usage_beyond_what_is_available_is_not_charged(patch: Patch) -> None:
    def planted(
        tx: Transaction, locked: Mapping[str, Wallet], some: Sequence[Charge], at: datetime
    ) -> int:
        paid = [one for one in some if one.amount <= locked[one.user_sid].available]
        return post_charges(tx, locked, paid, at)

    patch.setattr(charging, "post_charges", planted)


@found_by(of_wallet.test_usage_is_charged_whatever_is_held_or_owed)
def usage_is_charged_to_the_debt(patch: Patch) -> None:
    patch.setattr(wallet_domain, "wallet_account", wallet_domain.debt_account)


@found_by(of_wallet.test_charging_again_finds_nothing)
def what_was_charged_stays_open(patch: Patch) -> None:
    marked = charging._mark_deltas

    def planted(tx: Transaction, locked: Mapping[str, Wallet]) -> Sequence[Any]:
        rows = marked(tx, locked)
        tx.execute(text("UPDATE usage_deltas SET charge = NULL"))
        return rows

    patch.setattr(charging, "_mark_deltas", planted)


@found_by(of_wallet.test_a_charge_of_nothing_uses_its_number_and_posts_nothing)
def a_charge_of_nothing_is_posted(patch: Patch) -> None:
    patch.setattr(Charge, "amount", property(lambda charge: sum(charge.by_kind.values()) or 1))


@found_by(of_wallet.test_a_charge_of_nothing_uses_its_number_and_posts_nothing)
def a_charge_number_is_given_again(patch: Patch) -> None:
    write = store.write_charged

    def planted(tx: Transaction, some: Sequence[Wallet]) -> None:
        write(tx, [replace(wallet, charges=0) for wallet in some])

    patch.setattr(store, "write_charged", planted)


@found_by(of_holds.test_usage_beyond_what_is_free_leaves_the_hold_as_it_is)
def usage_is_taken_from_what_is_held(patch: Patch) -> None:
    write = store.write_charged

    def planted(tx: Transaction, some: Sequence[Wallet]) -> None:
        write(tx, some)
        for wallet in some:
            store.unclaim(tx, wallet.user_sid, max(0, wallet.held - wallet.net))

    patch.setattr(store, "write_charged", planted)


def run(planted: Planted, people: People) -> None:
    """Run the named test on a database as it expects it."""
    database = people.database
    if planted.finder.__module__ == of_ledger.__name__:
        with database.transaction() as tx:
            for table in ("ledger_entries", "ledger_transfers", "money_facts"):
                tx.execute(text(f"DELETE FROM {table}"))
    wanted = inspect.signature(planted.finder).parameters
    fixtures = {"people": people, "database": database}
    given = {key: value for key, value in fixtures.items() if key in wanted}
    planted.finder(**given, **planted.arguments)


@pytest.mark.parametrize("name", planted_by_name)
def test_the_named_test_finds_the_planted_bug(
    name: str, people: People, monkeypatch: Patch
) -> None:
    planted_by_name[name].plant(monkeypatch)

    with pytest.raises(FOUND):
        run(planted_by_name[name], people)


FINDERS = {planted.finder.__name__: planted for planted in planted_by_name.values()}


@pytest.mark.parametrize("name", FINDERS)
def test_the_named_test_passes_where_no_bug_is_planted(name: str, people: People) -> None:
    run(FINDERS[name], people)
