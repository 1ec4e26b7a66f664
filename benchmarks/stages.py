"""Stages A and B over parsing the same files and inserting the same rows in bulk."""

from collections.abc import Sequence
from datetime import UTC, datetime

from benchmarks.places import HOUR, Engine, records
from benchmarks.timing import Ratio, clock, compare
from hero_onboarding.aggregation import Aggregator, RepositoryReader
from hero_onboarding.aggregation.layout import path_of
from hero_onboarding.database import Database, Transaction
from hero_onboarding.forge import REGULAR_FILE_MODE
from hero_onboarding.otoml import decode_file, encode_batch
from hero_onboarding.usage import Bucket, ChargeRight, give_right
from hero_onboarding.wallet import Charge, lock_wallets, open_user, post_charges
from hero_onboarding_schema import UsageRecord, normalised_digest
from tests.fakes.clock import FakeClock
from tests.fakes.forge import FakeForge

RECORD_COLUMNS = (
    "(idempotency_key, user_sid, resource_kind, amount_cents, occurred_at, rest, file_number,"
    " node_id, hour, batch)"
)
SUM_COLUMNS = "user_sid, resource_kind, amount_micros, records, node_id, hour"

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
        some = decode_file(data).records
        of_file: dict[tuple[str, str], int] = {}
        for record in some:
            place = (record.user_sid, record.resource_kind)
            of_file[place] = of_file.get(place, 0) + record.amount_cents * 10_000
        with database.transaction() as tx:
            _insert_file(tx, bucket, some, of_file, number)
        for (sid, kind), amount in of_file.items():
            kinds = sums.setdefault(sid, {})
            kinds[kind] = kinds.get(kind, 0) + amount
    _charge(database, sums)


def _insert_file(
    tx: Transaction,
    bucket: Bucket,
    some: Sequence[UsageRecord],
    sums: dict[tuple[str, str], int],
    number: int,
) -> None:
    place = (bucket.node_id, bucket.hour)
    claims = [(bucket.node_id, r.idempotency_key, normalised_digest(r), number) for r in some]
    records = [
        (
            r.idempotency_key,
            r.user_sid,
            r.resource_kind,
            r.amount_cents,
            int(r.occurred_at),
            None,
            number,
            *place,
            1,
        )
        for r in some
    ]
    totals = [(*who, amount, 1, *place) for who, amount in sums.items()]
    _insert(tx, "usage_claims (node_id, idempotency_key, digest, file_number)", claims)
    _insert(tx, f"usage_records {RECORD_COLUMNS}", records)
    _insert(tx, f"usage_totals ({SUM_COLUMNS})", totals)
    _insert(tx, f"usage_deltas ({SUM_COLUMNS}, batch)", [(*row, 1) for row in totals])


def _insert(tx: Transaction, into: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows by the driver's executemany."""
    marks = ", ".join(["%s" if tx.is_postgresql else "?"] * len(rows[0]))
    tx.run_driver_sql(f"INSERT INTO {into} VALUES ({marks})", rows)


def _charge(database: Database, sums: dict[str, dict[str, int]]) -> None:
    sids: Sequence[str] = sorted(sums)
    with database.transaction() as tx:
        locked = lock_wallets(tx, sids)
        charges = [Charge(sid, 1, sums[sid], 0) for sid in sids]
        post_charges(tx, locked, charges, NOW)
