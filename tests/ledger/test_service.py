"""Facts and transfers are kept once, under their key, on both engines."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError

from hero_onboarding.database import Database
from hero_onboarding.kernel.errors import ConflictError
from hero_onboarding.ledger import (
    Entry,
    Fact,
    FactKind,
    KeyReusedError,
    Operation,
    Transfer,
    balance_of,
    claim_transfers,
    list_entries,
    list_facts,
    record_entries,
    record_fact,
    sum_by_asset,
    take_snapshots,
)
from hero_onboarding.ledger.tables import ledger_entries, ledger_snapshots, ledger_transfers

DAY = datetime(2026, 3, 1, tzinfo=UTC)
NOON = DAY.replace(hour=12)


def a_transfer(
    key: str = "k1", amount: int = 5, *, to: str = "losses", asset: str = "USD"
) -> Transfer:
    entries = (Entry(to, amount, asset), Entry("adjustments", -amount, asset))
    return Transfer(Operation.ADJUSTMENT, "house", key, entries, NOON)


def post(database: Database, transfers: Sequence[Transfer], at: datetime = NOON) -> int:
    with database.transaction() as tx:
        new = claim_transfers(tx, transfers, at)
        record_entries(tx, new, {})
        return len(new)


def balances(database: Database) -> dict[str, int]:
    with database.reading() as tx:
        return {name: balance_of(tx, name, "USD") for name in ("losses", "adjustments")}


def counts(database: Database) -> tuple[int, int]:
    with database.reading() as tx:
        return (
            tx.execute(select(func.count()).select_from(ledger_transfers)).scalar_one(),
            tx.execute(select(func.count()).select_from(ledger_entries)).scalar_one(),
        )


def test_a_transfer_is_posted_once(database: Database) -> None:
    assert post(database, [a_transfer()]) == 1
    assert post(database, [a_transfer()]) == 0
    assert post(database, [a_transfer()], NOON + timedelta(days=9)) == 0

    assert balances(database) == {"losses": 5, "adjustments": -5}
    assert counts(database) == (1, 2)


def test_the_same_key_with_other_content_is_refused_and_moves_nothing(database: Database) -> None:
    post(database, [a_transfer()])

    for other in (a_transfer(amount=6), a_transfer(to="breakage"), a_transfer(asset="EUR")):
        with pytest.raises(KeyReusedError) as caught:
            post(database, [a_transfer("k2"), other])
        assert isinstance(caught.value, ConflictError)

    assert balances(database) == {"losses": 5, "adjustments": -5}
    assert counts(database) == (1, 2)


def test_of_many_transfers_only_the_new_ones_are_posted(database: Database) -> None:
    post(database, [a_transfer("k2")])

    assert post(database, [a_transfer("k1"), a_transfer("k2"), a_transfer("k3")]) == 2

    assert balances(database)["losses"] == 15
    with database.reading() as tx:
        assert sum_by_asset(tx) == {"USD": 0}


def test_nothing_to_post_is_nothing_posted(database: Database) -> None:
    assert post(database, []) == 0


def test_a_line_on_a_stored_balance_needs_what_it_left_there(database: Database) -> None:
    entries = (Entry("user:ada:wallet", 5), Entry("adjustments", -5))
    transfer = Transfer(Operation.ADJUSTMENT, "ada", "k1", entries, NOON)

    with pytest.raises(AssertionError):
        post(database, [transfer])

    assert counts(database) == (0, 0)


def test_a_line_elsewhere_has_no_place_in_a_sequence(database: Database) -> None:
    def post_wrongly() -> None:
        with database.transaction() as tx:
            record_entries(tx, claim_transfers(tx, [a_transfer()], NOON), {(0, 0): (1, 5)})

    with pytest.raises(AssertionError):
        post_wrongly()

    assert counts(database) == (0, 0)


def test_lines_need_their_transfer(database: Database) -> None:
    with pytest.raises(DBAPIError), database.transaction() as tx:
        record_entries(tx, [a_transfer()], {})

    assert counts(database) == (0, 0)


def test_two_lines_never_share_a_place_in_an_account(database: Database) -> None:
    def post_twice() -> None:
        entries = (Entry("user:ada:wallet", 5), Entry("user:ada:wallet", -5))
        transfer = Transfer(Operation.ADJUSTMENT, "ada", "k1", entries, NOON)
        with database.transaction() as tx:
            new = claim_transfers(tx, [transfer], NOON)
            record_entries(tx, new, {(0, 0): (1, 5), (0, 1): (1, 0)})

    with pytest.raises(DBAPIError):
        post_twice()

    assert counts(database) == (0, 0)


def a_fact(amount: int = 5, *, kind: FactKind = FactKind.ADJUSTMENT) -> Fact:
    return Fact(kind, "ada", "k1", {"amount": amount, "reason": "x"}, NOON)


def test_a_fact_is_kept_once_and_never_changed(database: Database) -> None:
    for new in (True, False):
        with database.transaction() as tx:
            assert record_fact(tx, a_fact(), NOON) is new

    with pytest.raises(KeyReusedError), database.transaction() as tx:
        record_fact(tx, a_fact(6), NOON)

    with database.reading() as tx:
        kept = [(row.owner, row.content) for row in list_facts(tx, FactKind.ADJUSTMENT)]
    assert kept == [("ada", {"amount": 5, "reason": "x"})]


def test_facts_of_two_kinds_do_not_meet(database: Database) -> None:
    with database.transaction() as tx:
        assert record_fact(tx, a_fact(), NOON)
        assert record_fact(tx, a_fact(6, kind=FactKind.RELEASE), NOON)


def snapshot(database: Database, now: datetime) -> int:
    with database.transaction() as tx:
        return take_snapshots(tx, now)


def test_snapshots_change_no_balance_however_often_they_are_taken(database: Database) -> None:
    for day in range(4):
        post(database, [a_transfer(f"k{day}", 10**day)], NOON + timedelta(days=day))
        before = balances(database)
        snapshot(database, NOON + timedelta(days=day))
        assert balances(database) == before

    for _ in range(2):
        snapshot(database, NOON + timedelta(days=10))
        assert balances(database) == {"losses": 1111, "adjustments": -1111}

    post(database, [a_transfer("late")], NOON + timedelta(days=11))
    assert balances(database)["losses"] == 1116


def test_a_snapshot_holds_what_a_day_ended_with(database: Database) -> None:
    post(database, [a_transfer("k1", 1)], DAY)
    post(database, [a_transfer("k2", 10)], DAY + timedelta(days=1) - timedelta(microseconds=1))
    post(database, [a_transfer("k3", 100)], DAY + timedelta(days=1))

    assert snapshot(database, DAY + timedelta(days=2, hours=1)) == 4

    c = ledger_snapshots.c
    with database.reading() as tx:
        query = select(c.day, c.balance).where(c.account == "losses").order_by(c.day)
        found = [(row.day.day, int(row.balance)) for row in tx.execute(query)]
    assert found == [(1, 11), (2, 111)]


def test_a_day_is_closed_an_hour_after_its_end(database: Database) -> None:
    post(database, [a_transfer()], DAY)
    end = DAY + timedelta(days=1, hours=1)

    assert snapshot(database, end - timedelta(microseconds=1)) == 0
    assert snapshot(database, end) == 2
    assert snapshot(database, end) == 0


def test_an_empty_ledger_has_no_snapshots(database: Database) -> None:
    assert snapshot(database, DAY + timedelta(days=500)) == 0


def test_a_statement_is_read_from_its_index_without_sorting_all_of_it(database: Database) -> None:
    """Whoever has a million movements waits for one page of them, not for all."""
    asked: list[tuple[str, Any]] = []

    def note(*given: Any) -> None:  # noqa: ANN401 - six values of the library
        asked.append((given[2], given[3]))

    with database.reading() as tx:
        if tx.is_postgresql:
            tx.execute(text("SET LOCAL enable_sort = off"))
        event.listen(tx.connection, "before_cursor_execute", note)
        for before in (None, 7):
            list_entries(tx, "user:ada:wallet", before=before, limit=26)
        event.remove(tx.connection, "before_cursor_execute", note)
        explain = "EXPLAIN" if tx.is_postgresql else "EXPLAIN QUERY PLAN"
        plans = [
            " ".join(str(row[-1]) for row in tx.fetch_driver_sql(f"{explain} {sql}", given))
            for sql, given in asked
        ]

    assert len(plans) == 2
    for plan in plans:
        assert "uq_ledger_entries_account_sequence" in plan
        assert "ORDER BY" not in plan
        assert "Sort" not in plan
