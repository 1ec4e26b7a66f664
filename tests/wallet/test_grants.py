"""Promotional credit on both engines: given once, paid with the charge, expired once."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace

import pytest
from sqlalchemy import text

from hero_onboarding.aggregation import check_news, verify_books
from hero_onboarding.database import Database, open_database
from hero_onboarding.ledger import KeyReusedError
from hero_onboarding.wallet import (
    BalanceTooLowError,
    WalletNotFoundError,
    WrongAmountError,
    WrongGrantTimeError,
    WrongReasonError,
    credit_at,
)
from tests.conftest import NewUrl
from tests.fakes.clock import FakeClock
from tests.support.world import a_record
from tests.wallet.people import People
from tests.wallet.test_machine import at_once, people_at

CENT = 10_000
SIDS = [f"user{number}" for number in range(7)]


def lefts(people: People, sid: str = "ada") -> dict[str, int]:
    return {key: grant.left for key, grant in people.grants(sid).items()}


def test_credit_pays_with_the_charge_and_the_earliest_to_expire_first(people: People) -> None:
    people.grant("ada", 5 * CENT, "long", hours=(0, 48))
    people.grant("ada", 3 * CENT, "short", hours=(0, 24))
    people.use("ada", "k1", 4)

    people.charge()

    assert lefts(people) == {"short": 0, "long": 4 * CENT}
    assert people.wallet("ada").net == 1_000_000
    assert [(line.kind, line.amount) for line in people.statement("ada")] == [
        ("grant_used", 1 * CENT),
        ("grant_used", 3 * CENT),
        ("charge", -4 * CENT),
        ("adjustment", 1_000_000),
    ]
    people.assert_books()


def test_credit_is_not_available_for_choices(people: People) -> None:
    people.grant("bob", 9 * CENT, "welcome")
    before = people.rows()

    for choose in (lambda: people.adjust("bob", -1, "take"), lambda: people.hold("bob", 1, "h")):
        with pytest.raises(BalanceTooLowError):
            choose()

    assert people.rows() == before
    assert people.wallet("bob").available == 0


def test_use_outside_of_its_life_is_not_paid(people: People) -> None:
    people.grant("ada", 9 * CENT, "one hour", hours=(1, 2))
    for number, hour in enumerate((0, 1, 2)):
        people.use("ada", f"k{number}", 2 + number, hour=hour)

    people.charge()

    assert lefts(people) == {"one hour": 6 * CENT}


def test_what_was_charged_in_its_life_before_is_paid_at_once(people: People) -> None:
    people.use("ada", "k1", 4)
    people.charge()
    people.use("ada", "open", 2)

    people.grant("ada", 9 * CENT, "late")

    assert lefts(people) == {"late": 5 * CENT}
    assert people.wallet("ada").net == 1_000_000
    people.charge()
    assert lefts(people) == {"late": 3 * CENT}
    people.assert_books()


def test_credit_is_given_once_under_its_key(people: People) -> None:
    grant, new = people.grant("ada", 9 * CENT, "welcome")
    assert new
    before = people.rows()

    assert people.grant("ada", 9 * CENT, "welcome") == (grant, False)
    changes: list[Callable[[], object]] = [
        lambda: people.grant("ada", 8 * CENT, "welcome"),
        lambda: people.grant("ada", 9 * CENT, "welcome", hours=(0, 25)),
        lambda: people.grant("ada", 9 * CENT, "welcome", hours=(1, 24)),
        lambda: people.grant("ada", 9 * CENT, "welcome", reason="another"),
    ]
    for change in changes:
        with pytest.raises(KeyReusedError):
            change()
    assert people.rows() == before
    assert people.grant("bob", 9 * CENT, "welcome")[1]


def test_what_can_be_no_grant_changes_nothing(people: People) -> None:
    before = people.rows()

    wrong: list[tuple[type[Exception], Callable[[], object]]] = [
        (WalletNotFoundError, lambda: people.grant("eve", 1, "k")),
        (WalletNotFoundError, lambda: people.grant("\0", 1, "k")),
        (WrongAmountError, lambda: people.grant("ada", -1, "k")),
        (WrongAmountError, lambda: people.grant("ada", 0, "k")),
        (WrongReasonError, lambda: people.grant("ada", 1, "k", reason="")),
        (WrongReasonError, lambda: people.grant("ada", 1, "")),
        (WrongGrantTimeError, lambda: people.grant("ada", 1, "k", hours=(5, 5))),
        (WrongGrantTimeError, lambda: people.grant("ada", 1, "k", hours=(-9, 1))),
    ]
    for error, ask in wrong:
        with pytest.raises(error):
            ask()

    assert people.rows() == before


def test_what_is_left_waits_two_days_for_late_use_and_expires_once(people: People) -> None:
    people.grant("ada", 9 * CENT, "welcome", hours=(0, 3))
    people.grant("ada", CENT, "used up", hours=(0, 2))
    people.use("ada", "k1", 1)
    people.charge()
    people.clock.advance(hours=48, minutes=59)
    assert people.expire_grants() == 0
    people.clock.advance(hours=1)
    assert people.expire_grants() == 1
    people.use("ada", "late", 4, hour=1)
    people.charge()
    assert lefts(people) == {"used up": 0, "welcome": 5 * CENT}

    people.clock.advance(minutes=1)
    assert people.expire_grants() == 1
    assert people.expire_grants() == 0

    people.use("ada", "too late", 2, hour=1)
    people.charge()
    welcome = people.grants("ada")["welcome"]
    assert (welcome.used, welcome.expired, welcome.left) == (4 * CENT, 5 * CENT, 0)
    assert people.wallet("ada").net == 1_000_000 - 2 * CENT
    people.assert_books()


def test_credit_counts_for_people_while_it_lives(people: People) -> None:
    grants = [people.grant("ada", 1, "now", hours=(1, 2))[0]]
    grants.append(people.grant("ada", 2, "later", hours=(2, 3))[0])

    assert credit_at(grants, people.now) == 1
    people.clock.advance(minutes=59)
    assert credit_at(grants, people.now) == 1
    people.clock.advance(minutes=1)
    assert credit_at(grants, people.now) == 2


def test_the_order_in_which_use_arrives_changes_neither_net_nor_credit(database: Database) -> None:
    people = People(database, FakeClock())
    chance = random.Random(17)
    uses = [(f"k{number}", chance.randint(0, 4), chance.randint(0, 7)) for number in range(12)]
    found = []
    for turn in range(4):
        sid = f"o{turn}"
        people.open(sid, 1_000_000)
        for key, hours in (("a", (0, 3)), ("b", (2, 5)), ("c", (1, 7))):
            people.grant(sid, 12 * CENT, key, hours=hours)
        chance.shuffle(uses)
        for place, (key, cents, hour) in enumerate(uses):
            people.use(sid, f"{turn}-{key}", cents, hour=hour)
            if place % 3 == turn:
                people.charge()
        people.charge()
        found.append((people.wallet(sid).net, lefts(people, sid)))

    assert found == [found[0]] * 4
    assert 0 < sum(found[0][1].values()) < 36 * CENT
    people.assert_books()


def test_news_of_credit_balances_and_a_grant_that_is_changed_by_hand_is_found(
    people: People,
) -> None:
    people.grant("ada", 9 * CENT, "welcome")
    assert verify_books(people.database, people.now)
    people.use("ada", "k1", 4)
    people.charge()
    with people.database.reading() as tx:
        assert [check.name for check in check_news(tx) if not check.ok] == []
    assert verify_books(people.database, people.now)

    with people.database.transaction() as tx:
        tx.execute(text("UPDATE grants SET remaining = remaining + 1, used = used - 1"))

    with people.database.reading() as tx:
        wrong = [check.name for check in check_news(tx) if not check.ok]
    assert wrong == ["balances equal the sums of entries"]


class StoppedError(Exception):
    """The process ends here."""


class StopAt:
    """A trace that ends the process before its n-th statement or commit after it was armed."""

    def __init__(self) -> None:
        self.left = 0

    def __call__(self, point: str) -> None:
        if self.left and point.startswith("before"):
            self.left -= 1
            if not self.left:
                raise StoppedError


def test_whatever_ends_anywhere_leaves_all_of_it_or_nothing(
    engine: str, new_database_url: NewUrl
) -> None:
    stop = StopAt()
    with closing(open_database(new_database_url(engine), trace=stop)) as database:
        people = People(database, FakeClock())
        people.open("ada", 1_000_000)
        steps: list[Callable[[], object]] = [
            lambda: people.grant("ada", 5 * CENT, "welcome", hours=(0, 2)),
            people.charge,
            people.expire_grants,
        ]
        ended = []
        people.use("ada", "before", 2)
        people.charge()
        for number, step in enumerate(steps):
            if number == 1:
                people.use("ada", "k1", 1, hour=1)
            people.clock.advance(hours=25 * number)
            before = people.rows()
            ended.append(0)
            while people.rows() == before:
                ended[-1] += 1
                stop.left = ended[-1]
                with suppress(StoppedError):
                    step()
                stop.left = 0
            people.assert_books()
            step()

        grant = people.grants("ada")["welcome"]
        assert (grant.used, grant.expired) == (3 * CENT, 2 * CENT)
        assert people.wallet("ada").net == 1_000_000
        assert min(ended) > 5, ended


def test_charges_grants_and_expiry_at_once_use_each_cent_of_credit_once(
    engine: str, new_database_url: NewUrl
) -> None:
    url = new_database_url(engine)
    with people_at(url) as main:
        main.open("ada", 1_000_000)
        main.grant("ada", 13 * CENT, "over soon", hours=(0, 2))

        def work(people: People, number: int) -> None:
            for turn in range(2):
                people.accept([a_record(f"{number}-{turn}", node_id=f"n{number}", amount_cents=1)])
                people.charge()
                people.grant("ada", 5 * CENT, f"{turn}")
                if number % 4 == 3:
                    late = replace(people.clock, moment=people.now.replace(day=3, hour=12))
                    People(people.database, late).expire_grants()

        with at_once(url, work):
            pass

        grants = main.grants("ada")
        used = sum(grant.used for grant in grants.values())
        assert used == 23 * CENT - grants["over soon"].expired
        assert main.wallet("ada").net == 1_000_000 - 24 * CENT + used
        assert main.charge() == 0
        main.assert_books()


def test_expiry_waits_for_a_charge_and_takes_what_that_left(
    engine: str, new_database_url: NewUrl
) -> None:
    url = new_database_url(engine)
    still, may_go_on = threading.Event(), threading.Event()

    def stand_still(point: str) -> None:
        if point == "before commit" and charging.is_set() and not still.is_set():
            still.set()
            assert may_go_on.wait(60)

    charging = threading.Event()
    with (
        people_at(url) as main,
        closing(open_database(url, trace=stand_still)) as slow,
        ThreadPoolExecutor(2) as pool,
    ):
        main.open("ada")
        main.grant("ada", 5 * CENT, "welcome", hours=(0, 2))
        main.use("ada", "k1", 2)
        main.clock.advance(days=3)
        charging.set()
        charged = pool.submit(People(slow, main.clock).charge)
        try:
            assert still.wait(60)
            expired = pool.submit(main.expire_grants)
            with pytest.raises(TimeoutError):
                expired.result(timeout=0.1)
        finally:
            may_go_on.set()

        assert (charged.result(timeout=60), expired.result(timeout=60)) == (1, 1)
        grant = main.grants("ada")["welcome"]
        assert (grant.used, grant.expired) == (2 * CENT, 3 * CENT)
        main.assert_books()


def test_users_without_credit_cost_a_batch_one_query_in_all(
    engine: str, new_database_url: NewUrl
) -> None:
    said: list[str] = []
    with closing(open_database(new_database_url(engine), trace=said.append)) as database:
        people = People(database, FakeClock())
        for sid in SIDS:
            people.open(sid)
        counts = []
        for turn, number in enumerate((1, len(SIDS))):
            for sid in SIDS[:number]:
                people.use(sid, f"{sid}-{turn}", 1)
            said.clear()
            people.charge()
            counts.append(said.count("before statement"))

    # Who has use, lock, mark, headers, lines, wallets; credit; whose balances to look at; who else.
    assert counts == [9, 9]
