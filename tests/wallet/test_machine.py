"""Random histories of wallets, any order of the same facts, and many spenders at once."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from hero_onboarding.database import Database, open_database
from hero_onboarding.wallet import BalanceTooLowError
from tests.conftest import NewUrl
from tests.fakes.clock import FakeClock
from tests.support.world import a_record
from tests.wallet.machine import WalletMachine
from tests.wallet.people import People

SPENDERS = 12


@pytest.mark.slow
def test_every_history_leaves_the_wallets_that_the_design_says(database: Database) -> None:
    machine = type("Machine", (WalletMachine,), {"database": database})

    examples = profile().max_examples
    run_state_machine_as_test(
        machine,
        settings=profile(
            max_examples=examples,
            deadline=None,
            stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
        ),
    )


Act = tuple[str, int]
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("credit"), st.integers(1, 10**9)),
        st.tuples(st.just("debit"), st.integers(1, 10**9)),
        st.tuples(st.just("dispute"), st.integers(1, 10**9)),
        st.tuples(st.just("use"), st.integers(0, 500)),
    ),
    min_size=1,
    max_size=8,
)


def do(people: People, sid: str, number: int, act: Act) -> None:
    kind, amount = act
    key = f"{kind}-{number}"
    if kind == "use":
        people.accept([a_record(f"{sid}-{key}", user_sid=sid, amount_cents=amount)])
    elif kind == "dispute":
        people.dispute(sid, amount, key)
    else:
        people.adjust(sid, amount if kind == "credit" else -amount, key, allow_debt=True)


def test_any_order_of_the_same_facts_gives_the_same_wallet(database: Database) -> None:
    people = People(database, FakeClock())
    numbers = iter(range(10**6))

    @given(acts=ACTS, seed=st.randoms(use_true_random=False), charging=st.integers(0, 3))
    def check(acts: list[Act], seed: random.Random, charging: int) -> None:
        found = []
        for turn in range(2):
            sid = f"o{next(numbers)}"
            people.open(sid)
            order = list(enumerate(acts))
            if turn:
                seed.shuffle(order)
            for place, (number, act) in enumerate(order):
                do(people, sid, number, act)
                do(people, sid, number, act) if act[0] != "use" else None
                if turn and place % 4 == charging:
                    people.charge()
            people.charge()
            wallet = people.wallet(sid)
            found.append((wallet.net, wallet.debt, wallet.held))
        assert found[0] == found[1]

    check()
    people.assert_books()


@contextmanager
def at_once(url: str, work: Callable[[People, int], None]) -> Iterator[None]:
    """Run work in many threads over three sets of connections of their own."""
    databases = [open_database(url) for _ in range(3)]
    ready = threading.Barrier(SPENDERS, timeout=60)
    failures: list[BaseException] = []

    def run(number: int) -> None:
        try:
            ready.wait()
            work(People(databases[number % 3], FakeClock()), number)
        except BaseException as error:  # noqa: BLE001 - shown by the test
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(SPENDERS)]
    try:
        for thread in threads:
            thread.start()
        yield
        for thread in threads:
            thread.join()
        assert not failures, failures
    finally:
        for opened in databases:
            opened.close()


@contextmanager
def people_at(url: str) -> Iterator[People]:
    """People over connections that are closed whatever a test finds."""
    with closing(open_database(url)) as database:
        yield People(database, FakeClock())


@pytest.fixture
def url(engine: str, new_database_url: NewUrl) -> str:
    return new_database_url(engine)


def test_spenders_at_once_never_take_more_than_is_available(url: str) -> None:
    with people_at(url) as main:
        main.open("ada", 100_000)
        main.open("bob", 100_000)
        taken: dict[str, list[int]] = {"ada": [], "bob": []}

        def spend(people: People, number: int) -> None:
            chance = random.Random(number)
            for turn in range(20):
                sid = chance.choice(("ada", "bob"))
                amount = chance.randint(1, 9_000)
                try:
                    if turn % 2:
                        people.adjust(sid, -amount, f"{number}-{turn}")
                    else:
                        people.hold(sid, amount, f"{number}-{turn}")
                except BalanceTooLowError:
                    continue
                taken[sid].append(amount)

        with at_once(url, spend):
            pass

        for sid, amounts in taken.items():
            wallet = main.wallet(sid)
            assert sum(amounts) <= 100_000
            assert wallet.available == 100_000 - sum(amounts)
            assert wallet.net - wallet.held == wallet.available
            assert wallet.available < 9_000, "the money was not contested"
        main.assert_books()


def test_repeats_at_once_count_once(url: str) -> None:
    with people_at(url) as main:
        main.open("ada", 1_000)
        new: list[str] = []

        def repeat(people: People, _: int) -> None:
            for turn in range(10):
                if people.adjust("ada", -50, f"k{turn}"):
                    new.append(f"k{turn}")
                if people.hold("ada", 10, f"h{turn}")[1]:
                    new.append(f"h{turn}")

        with at_once(url, repeat):
            pass

        assert sorted(new) == sorted([*(f"k{n}" for n in range(10)), *(f"h{n}" for n in range(10))])
        wallet = main.wallet("ada")
        assert (wallet.net, wallet.held, wallet.available) == (500, 100, 400)
        main.assert_books()


def test_usage_is_charged_once_while_others_spend(url: str) -> None:
    with people_at(url) as main:
        for sid in ("ada", "bob", "eve"):
            main.open(sid, 1_000_000)

        def work(people: People, number: int) -> None:
            sids = ("ada", "bob", "eve")
            for turn in range(5):
                sid = sids[(number + turn) % 3]
                key = f"{number}-{turn}"
                people.accept([a_record(key, user_sid=sid, node_id=f"n{number}", amount_cents=3)])
                people.charge()
                people.adjust(sids[(number + turn + 1) % 3], 7, key)

        with at_once(url, work):
            pass

        wallets = [main.wallet(sid) for sid in ("ada", "bob", "eve")]
        rounds = SPENDERS * 5
        assert sum(wallet.net for wallet in wallets) == 3_000_000 - rounds * 30_000 + rounds * 7
        assert main.charge() == 0
        main.assert_books()
