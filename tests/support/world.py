"""A node and a centre on one database and one forge, as a test sees them."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hero_onboarding.aggregation import (
    Aggregator,
    PassCounts,
    PushCounts,
    Pusher,
    ReleaseCounts,
    RepositoryReader,
    check_books,
    retry_quarantine,
)
from hero_onboarding.database import Database
from hero_onboarding.forge import Forge
from hero_onboarding.usage import ChargeRight, Intake, Outcome, give_right, record_usage
from hero_onboarding.wallet import Adjustment, adjust, get_wallet, open_user
from hero_onboarding_schema import OTime, UsageRecord
from tests.fakes.clock import FakeClock

REPOSITORY = "lhumina_code/hero_onboarding_billing"
HOUR = 492_322  # 2026-03-01 10:00 UTC, counted in hours since 1970
AT = OTime(HOUR * 3600)


def a_record(key: str = "k1", **changes: object) -> UsageRecord:
    """A well-formed record, changed where a test cares."""
    fields: dict[str, object] = {
        "node_id": "node-a",
        "user_sid": "ada",
        "amount_cents": 5,
        "resource_kind": "cpu",
        "idempotency_key": key,
        "occurred_at": AT,
    }
    return UsageRecord(**(fields | changes))  # type: ignore[arg-type]  # as the test says


@dataclass
class World:
    database: Database
    forge: Forge
    clock: FakeClock
    repository: str = REPOSITORY
    aggregator: Aggregator = field(init=False)
    pusher: Pusher = field(init=False)

    def __post_init__(self) -> None:
        reader = RepositoryReader(self.database, self.forge, self.clock, self.repository)
        self.aggregator = Aggregator(self.database, self.clock, [reader])
        self.pusher = Pusher(
            self.database,
            self.forge,
            self.clock,
            self.repository,
            "node-a",
            chance=random.Random(1),
            sleep=lambda _: None,
        )

    def allow_all(self) -> None:
        with self.database.transaction() as tx:
            give_right(tx, ChargeRight(None, None, None), self.clock.now())

    def users(self, *sids: str, amount: int = 0) -> None:
        for sid in sids:
            with self.database.transaction() as tx:
                open_user(tx, sid=sid, name="", now=self.clock.now())
                if amount:
                    adjust(tx, Adjustment(sid, amount, "a start", "start"), self.clock.now())

    def record(self, records: Sequence[UsageRecord], intake: Intake | None = None) -> list[Outcome]:
        with self.database.transaction() as tx:
            return record_usage(tx, records, intake or Intake())

    def push(self, *, full: bool = False) -> PushCounts:
        return self.pusher.push(full=full)

    def aggregate(self) -> PassCounts:
        return self.aggregator.aggregate()

    def retry(self) -> ReleaseCounts:
        return retry_quarantine(self.database, self.clock)

    def nets(self, sids: Iterable[str]) -> dict[str, int]:
        with self.database.reading() as tx:
            return {sid: get_wallet(tx, sid).net for sid in sids}

    def assert_books(self) -> None:
        with self.database.reading() as tx:
            wrong = [check for check in check_books(tx) if not check.ok]
        assert wrong == []
