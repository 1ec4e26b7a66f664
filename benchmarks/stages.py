"""Stages A and B over parsing the same files and inserting the same rows in bulk."""

from collections.abc import Sequence
from datetime import UTC, datetime

from benchmarks.places import HOUR, Engine, records
from benchmarks.timing import Ratio, clock, compare
from hero_onboarding.aggregation import Aggregator, RepositoryReader, accepted_store
from hero_onboarding.aggregation.accepted_store import Candidate
from hero_onboarding.aggregation.layout import path_of
from hero_onboarding.database import Database
from hero_onboarding.forge import REGULAR_FILE_MODE
from hero_onboarding.otoml import decode_file, encode_batch
from hero_onboarding.usage import Bucket, ChargeRight, give_right
from hero_onboarding.wallet import Charge, lock_wallets, open_user, post_charges
from hero_onboarding_schema import normalised_digest
from tests.fakes.clock import FakeClock
from tests.fakes.forge import FakeForge

FILES = 10
RECORDS = 5_000
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def measure(name: str, engine: Engine) -> list[Ratio]:
    """Measure one pass over ten files of 5,000 records."""
    contents = {
        Bucket("node-a", HOUR - n): encode_batch(records(RECORDS, hour=HOUR - n))
        for n in range(FILES)
    }

    def ours() -> float:
        forge = FakeForge()
        forge.write({path_of(b): (REGULAR_FILE_MODE, data) for b, data in contents.items()})
        with engine.database() as database:
            _users(database)
            clock_now = FakeClock(NOW)
            reader = RepositoryReader(database, forge, clock_now, "owner/name")
            aggregator = Aggregator(database, clock_now, [reader])
            return clock(lambda: _expect(aggregator.aggregate().records_new))

    def bulk() -> float:
        with engine.database() as database:
            _users(database)
            return clock(lambda: _insert_all(database, contents))

    title = f"{name}: stages A and B over parse plus bulk insert"
    total = FILES * RECORDS
    return [compare(title, ours, bulk, amount=total, aim=">= 0.5", rounds=3)]


def _expect(new: int) -> None:
    assert new == FILES * RECORDS, new


def _users(database: Database) -> None:
    with database.transaction() as tx:
        give_right(tx, ChargeRight(None, None, None), NOW)
        for n in range(200):
            open_user(tx, sid=f"user{n:03}", name="", now=NOW)


def _insert_all(database: Database, contents: dict[Bucket, bytes]) -> None:
    """Parse each file and insert what a pass inserts, nothing checked, 5,000 rows a commit."""
    sums: dict[str, dict[str, int]] = {}
    for number, (bucket, data) in enumerate(sorted(contents.items())):
        some = [
            Candidate(record, normalised_digest(record), index)
            for index, record in enumerate(decode_file(data).records)
        ]
        for one in some:
            kinds = sums.setdefault(one.record.user_sid, {})
            kind = one.record.resource_kind
            kinds[kind] = kinds.get(kind, 0) + one.amount_micros
        with database.transaction() as tx:
            accepted_store.insert_claims(tx, bucket.node_id, some, number)
            pairs = [(one, number) for one in some]
            accepted_store.insert_accepted(tx, bucket, pairs, 1)
    _charge(database, sums)


def _charge(database: Database, sums: dict[str, dict[str, int]]) -> None:
    sids: Sequence[str] = sorted(sums)
    with database.transaction() as tx:
        locked = lock_wallets(tx, sids)
        charges = [Charge(sid, 1, sums[sid], 0) for sid in sids]
        post_charges(tx, locked, charges, NOW)
