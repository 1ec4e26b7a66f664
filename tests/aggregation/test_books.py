"""The books find what does not agree, in full and in what is new."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from hero_onboarding.aggregation import check_books, check_news, verify_books
from hero_onboarding.aggregation.books_news import read_news
from hero_onboarding.incidents import list_incidents
from hero_onboarding.wallet import mark_wallets_verified, read_wallet_news
from hero_onboarding.wallet.tables import IS_UNVERIFIED
from tests.support.world import World, a_record

TAMPERED = {
    "a wallet's net": "UPDATE wallets SET net = net + 1 WHERE user_sid = 'ada'",
    "a wallet's debt": "UPDATE wallets SET debt = debt + 1 WHERE user_sid = 'ada'",
    "an entry": "UPDATE ledger_entries SET amount = amount - 1 WHERE account = 'user:ada:wallet'"
    " AND sequence = 2",
    "a lost entry": "DELETE FROM ledger_entries WHERE account = 'user:ada:wallet' AND sequence = 2",
    "a record's amount": "UPDATE usage_records SET amount_cents = amount_cents + 1",
    "a lost record": "DELETE FROM usage_records WHERE idempotency_key = 'k2'",
    "a total": "UPDATE usage_totals SET amount_micros = amount_micros + 1",
    "a delta": "UPDATE usage_deltas SET amount_micros = amount_micros + 1",
    "a delta charged twice": "UPDATE usage_deltas SET charge = NULL",
    "a fact": "DELETE FROM money_facts WHERE owner = 'ada'",
}


def use(world: World, first: int) -> None:
    world.record([a_record(f"k{first}"), a_record(f"k{first + 1}", amount_cents=7)])
    world.push()
    world.aggregate()


@pytest.mark.parametrize("statement", TAMPERED.values(), ids=TAMPERED.keys())
def test_every_change_by_hand_is_found(world: World, statement: str) -> None:
    use(world, 1)
    with world.database.transaction() as tx:
        tx.execute(text(statement))

    with world.database.reading() as tx:
        assert [check.name for check in check_books(tx) if not check.ok] != []
        assert [check.name for check in check_news(tx) if not check.ok] != []
    mend(world)


def test_what_is_new_is_checked_and_then_remembered(world: World) -> None:
    use(world, 1)
    assert verify_books(world.database, world.clock.now())
    with world.database.reading() as tx:
        assert {check.left for check in check_news(tx)} == {0}

    use(world, 3)
    with world.database.reading() as tx:
        news = {check.name: check.left for check in check_news(tx)}
    assert news["charges equal the deltas they closed"] == 120_000
    assert verify_books(world.database, world.clock.now())


def test_what_was_changed_by_hand_since_is_found_and_reported_once(world: World) -> None:
    use(world, 1)
    assert verify_books(world.database, world.clock.now())
    use(world, 3)
    with world.database.transaction() as tx:
        tx.execute(text(TAMPERED["a wallet's net"]))

    for _ in range(2):
        assert not verify_books(world.database, world.clock.now())

    with world.database.reading() as tx:
        found = list_incidents(tx, None).items
    assert {incident.kind for incident in found} == {"books_wrong"}
    assert {incident.times for incident in found} == {2}
    mend(world)


def test_what_was_verified_before_is_found_in_full(world: World) -> None:
    use(world, 1)
    verify_books(world.database, world.clock.now())
    with world.database.transaction() as tx:
        tx.execute(text(TAMPERED["a lost record"]))
        assert all(check.ok for check in check_news(tx))
        assert not all(check.ok for check in check_books(tx))
    mend(world)


def test_what_changes_while_the_books_are_verified_stays_news(world: World) -> None:
    use(world, 1)
    with world.database.reading() as tx:
        news = read_news(tx)

    use(world, 3)
    with world.database.transaction() as tx:
        mark_wallets_verified(tx, news.wallets)

    with world.database.reading() as tx:
        later = read_wallet_news(tx)
    assert later.charged == {"ada": 120_000}
    assert verify_books(world.database, world.clock.now())


def test_a_pass_beside_the_check_is_no_false_alarm(world: World) -> None:
    done = threading.Event()

    def work() -> None:
        for number in range(40):
            world.record([a_record(f"w{number}", amount_cents=number)])
            world.push()
            world.aggregate()
        done.set()

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work)
        while not done.is_set():
            assert verify_books(world.database, world.clock.now())
        working.result(timeout=60)

    with world.database.reading() as tx:
        assert list_incidents(tx, None).items == []


def test_old_hours_and_wallets_are_not_looked_at_again(world: World) -> None:
    use(world, 1)
    assert verify_books(world.database, world.clock.now())

    with world.database.reading() as tx:
        if tx.is_postgresql:
            tx.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN" if tx.is_postgresql else "EXPLAIN QUERY PLAN"
        plans = [
            " ".join(str(row[-1]) for row in tx.execute(text(f"{explain} {query}")))
            for query in (
                "SELECT node_id, hour FROM node_hours WHERE batch > verified_batch",
                f"SELECT user_sid, net FROM wallets WHERE {IS_UNVERIFIED.text}",
            )
        ]

    assert "ix_node_hours_unverified" in plans[0]
    assert "ix_wallets_unverified" in plans[1]


def mend(world: World) -> None:
    """Empty what was tampered with, so that the fixture's own check finds nothing."""
    tables = ("ledger_entries", "money_facts", "ledger_transfers", "usage_records")
    with world.database.transaction() as tx:
        for table in (*tables, "usage_totals", "usage_deltas"):
            tx.execute(text(f"DELETE FROM {table}"))
        tx.execute(text("UPDATE wallets SET net = 0, debt = 0"))
