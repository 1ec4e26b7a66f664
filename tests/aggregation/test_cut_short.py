"""Passes that end anywhere, and passes that are overtaken, bill each record once."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import text

from hero_onboarding.aggregation import PassCounts
from hero_onboarding.aggregation.domain import RECORDS_TOGETHER
from hero_onboarding.aggregation.layout import path_of
from hero_onboarding.database import open_database
from hero_onboarding.otoml import encode_batch
from hero_onboarding.usage import Bucket
from tests.conftest import NewUrl
from tests.fakes.clock import FakeClock
from tests.fakes.forge import FakeForge
from tests.support.world import HOUR, World, a_record

PATH = path_of(Bucket("node-a", HOUR))
COMMITS_MAX = 40
NETS = {"ada": 890_000, "bob": 970_000}

Hook = Callable[[], None]


@dataclass
class AtCommit:
    """A trace that does something at the n-th commit after it was armed."""

    point: str
    does: Hook
    at: int = 0
    commits: int = 0

    def arm(self, at: int) -> None:
        self.at, self.commits = at, 0

    def __call__(self, point: str) -> None:
        if point == self.point and self.at:
            self.commits += 1
            if self.commits == self.at:
                self.does()


def fill(forge: FakeForge) -> None:
    records = [a_record("k1", amount_cents=11), a_record("k2", user_sid="bob", amount_cents=2)]
    forge.put(PATH, encode_batch([*records, a_record("k3", user_sid="nobody")]))
    other = a_record("k1", node_id="node-b", user_sid="bob", amount_cents=1)
    forge.put(path_of(Bucket("node-b", HOUR)), encode_batch([other]))


@contextmanager
def world_at(
    url: str, forge: FakeForge, trace: Callable[[str], None] = lambda _: None
) -> Iterator[World]:
    database = open_database(url, trace=trace)
    try:
        yield World(database, forge, FakeClock())
    finally:
        database.close()


def end_lease(world: World) -> None:
    with world.database.transaction() as tx:
        tx.execute(text("UPDATE repositories SET lease_until = 0"))


@dataclass(frozen=True)
class Race:
    """What two workers did, the first of which stood still for the time of the other's pass."""

    first: PassCounts
    second: PassCounts
    stood_still: bool


def race(url: str, at: int) -> Race:
    """Let a pass stand still after its n-th commit until another worker has made a whole one."""
    forge = FakeForge()
    fill(forge)
    still, may_go_on = threading.Event(), threading.Event()

    def stand_still() -> None:
        still.set()
        assert may_go_on.wait(60)

    trace = AtCommit("after commit", stand_still)
    with world_at(url, forge, trace) as slow, world_at(url, forge) as quick:
        slow.allow_all()
        slow.users("ada", "bob", amount=1_000_000)
        trace.arm(at)
        with ThreadPoolExecutor(1) as pool:
            passing = pool.submit(slow.aggregate)
            while not still.wait(0.01) and not passing.done():
                pass
            stood_still = still.is_set()
            try:
                end_lease(quick)
                second = quick.aggregate()
            finally:
                may_go_on.set()
            first = passing.result(timeout=60)
        assert quick.nets(NETS) == NETS, at
        assert quick.retry().waiting == 1
        assert quick.aggregate() == PassCounts(repositories=1, unchanged=1)
        quick.assert_books()
    return Race(first, second, stood_still)


def test_a_worker_that_was_overtaken_keeps_nothing_of_its_own(
    engine: str, new_database_url: NewUrl
) -> None:
    races = []
    for at in range(1, COMMITS_MAX):
        races.append(race(new_database_url(engine), at))
        if not races[-1].stood_still:
            break

    overtaken = [one for one in races if one.first.failures]
    assert not races[-1].stood_still
    assert len(overtaken) > 5
    assert all(one.first.records_new + one.second.records_new == 3 for one in races)
    assert {one.second.records_new for one in races} == {0, 1, 3}


def interrupt() -> None:
    raise InterruptedError


def test_a_large_file_that_is_cut_short_anywhere_is_billed_once(
    engine: str, new_database_url: NewUrl
) -> None:
    count = 2 * RECORDS_TOGETHER + 2
    records = [a_record(f"k{number:05d}", amount_cents=1) for number in range(count)]
    content = encode_batch(records)
    cut = AtCommit("before commit", interrupt)
    forge = FakeForge()
    forge.put(PATH, content)
    with world_at(new_database_url(engine), forge, cut) as world:
        world.allow_all()
        world.users("ada", amount=200_000_000)
        seen = set()
        for at in range(1, COMMITS_MAX):
            cut.arm(at % 7 + 1)
            try:
                world.aggregate()
                break
            except InterruptedError:
                cut.arm(0)
                end_lease(world)
                seen.add(count_claims(world))
        cut.arm(0)

        assert world.aggregate().records_new == 0
        assert world.nets(["ada"]) == {"ada": 200_000_000 - len(records) * 10_000}
        assert len(seen) > 2, seen
        world.assert_books()


def count_claims(world: World) -> int:
    with world.database.reading() as tx:
        return int(tx.execute(text("SELECT count(*) FROM usage_claims")).scalar_one())
