"""Holds are closed, shrunk and ended by many at once, and give back once what they claimed."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from hero_onboarding.database import open_database
from hero_onboarding.wallet import Hold
from tests.conftest import NewUrl
from tests.fakes.clock import FakeClock
from tests.wallet.people import People

WORKERS = 8
HOLDS = 12
SIDS = ("ada", "bob", "eve")

Work = Callable[[People, int], Counter[str]]


@pytest.fixture
def workers(engine: str, new_database_url: NewUrl) -> Iterator[list[People]]:
    """The same people for each worker, over connections of its own."""
    url = new_database_url(engine)
    with ExitStack() as stack:
        made = [People(open_database(url), FakeClock()) for _ in range(WORKERS)]
        for people in made:
            stack.callback(people.database.close)
        for sid in SIDS:
            made[0].open(sid, 1_000_000)
        yield made


def place(people: People) -> list[Hold]:
    return [people.hold(SIDS[n % 3], 1_000 + n, f"h{n}", minutes=1)[0] for n in range(HOLDS)]


def at_once(workers: list[People], work: Work) -> Counter[str]:
    ready = threading.Barrier(WORKERS, timeout=30)

    def run(number: int) -> Counter[str]:
        people = workers[number]
        people.clock.advance(minutes=2)
        people.wallet("ada")
        ready.wait()
        return work(people, number)

    done: Counter[str] = Counter()
    with ThreadPoolExecutor(WORKERS) as pool:
        for one in pool.map(run, range(WORKERS), timeout=120):
            done.update(one)
    return done


def expect_all_given_back(people: People) -> None:
    for sid in SIDS:
        wallet = people.wallet(sid)
        assert (wallet.held, wallet.available) == (0, 1_000_000)
    assert people.expire() == 0
    people.assert_books()


def test_each_hold_is_closed_by_one_of_many(workers: list[People]) -> None:
    placed = place(workers[0])

    def close_all(people: People, number: int) -> Counter[str]:
        order = placed[number:] + placed[:number]
        return Counter(str(hold.id) for hold in order if people.close(hold))

    assert at_once(workers, close_all) == Counter(str(hold.id) for hold in placed)
    expect_all_given_back(workers[0])


def test_those_who_close_shrink_and_end_holds_agree_on_what_is_given_back(
    workers: list[People],
) -> None:
    placed = place(workers[0])

    def do(people: People, number: int) -> Counter[str]:
        done: Counter[str] = Counter()
        for hold in placed[number:] + placed[:number]:
            if number % 3 == 0:
                done["closed"] += people.close(hold)
            elif number % 3 == 1:
                people.shrink(hold, 400)
            else:
                done["closed"] += people.expire()
        return done

    assert at_once(workers, do)["closed"] == HOLDS
    expect_all_given_back(workers[0])


def test_a_hold_shrinks_by_all_that_many_used(workers: list[People]) -> None:
    hold, _ = workers[0].hold("ada", 10_000, "h1")

    def use(people: People, _: int) -> Counter[str]:
        return Counter({"shrunk": sum(people.shrink(hold, 100) for _ in range(15))})

    assert at_once(workers, use)["shrunk"] == 10_000
    assert workers[0].wallet("ada").held == 0
    workers[0].assert_books()
