"""Push of one changed bucket with a million old records over the same with a thousand."""

import statistics
from collections.abc import Sequence

from benchmarks.places import HOUR, Engine, records
from benchmarks.timing import ROUNDS, Ratio, clock
from hero_onboarding.aggregation import Pusher
from hero_onboarding.database import Database
from hero_onboarding.usage import Intake, list_buckets, mark_pushed, record_usage
from hero_onboarding_schema import UsageRecord
from tests.fakes.clock import FakeClock
from tests.fakes.forge import FakeForge

OLD = (1_000, 1_000_000)
NEW = 1_000
TOGETHER = 10_000


def measure(name: str, engine: Engine) -> list[Ratio]:
    """Measure how much a long history slows a push down."""
    seconds = [_push(engine, old) for old in OLD]
    few, many = seconds
    title = f"{name}: push with 10^6 old records over 10^3 (time)"
    return [Ratio(title, many, few, NEW, "<= 1.1", many / few)]


def _push(engine: Engine, old: int) -> float:
    """Return the median seconds of pushing one changed bucket of a thousand records."""
    with engine.database() as database:
        _fill(database, old)
        return statistics.median(_push_once(database, n) for n in range(ROUNDS))


def _push_once(database: Database, number: int) -> float:
    pusher = Pusher(database, FakeForge(), FakeClock(), "owner/name", "node-a")
    _record(database, records(NEW, hour=HOUR + 1 + number))
    return clock(lambda: _expect(pusher.push().records))


def _expect(pushed: int) -> None:
    assert pushed == NEW, pushed


def _fill(database: Database, old: int) -> None:
    """Fill the journal with old records in buckets of 10,000, all of them pushed."""
    for hour in range(-(-old // TOGETHER)):
        count = min(TOGETHER, old)
        _record(database, records(count, hour=HOUR - hour))
    with database.transaction() as tx:
        for seen in list_buckets(tx, only_changed=True):
            mark_pushed(tx, seen, size=seen.size, now=FakeClock().now())


def _record(database: Database, some: Sequence[UsageRecord]) -> None:
    with database.transaction() as tx:
        record_usage(tx, some, Intake())
