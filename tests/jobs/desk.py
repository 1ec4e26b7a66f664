"""Where jobs lie, and what can be done to them."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from hero_onboarding.database import Database
from hero_onboarding.jobs import (
    ClaimedJob,
    Job,
    JobCounts,
    claim_due,
    complete,
    count_jobs,
    enqueue,
    give_back,
)
from hero_onboarding.jobs.tables import jobs
from tests.fakes.clock import FakeClock

KINDS = ("push", "aggregate")


@dataclass(frozen=True)
class Desk:
    """Where jobs lie, and what can be done to them."""

    database: Database
    clock: FakeClock

    def add(
        self, key: str, kind: str = "push", *, partition: str = "", minutes: int = 0, **payload: int
    ) -> bool:
        due_at = self.clock.now() + timedelta(minutes=minutes)
        with self.database.transaction() as tx:
            return enqueue(tx, Job(kind, key, due_at, payload, partition))

    def claim(
        self,
        limit: int = 10,
        *,
        kinds: Iterable[str] = KINDS,
        limits: Mapping[str, int] | None = None,
    ) -> list[ClaimedJob]:
        with self.database.transaction() as tx:
            now = self.clock.now()
            return claim_due(tx, now, kinds=list(kinds), limit=limit, partition_limits=limits)

    def complete(self, job: ClaimedJob) -> None:
        with self.database.transaction() as tx:
            complete(tx, job)

    def give_back(self, job: ClaimedJob, error: str = "it broke") -> bool:
        with self.database.transaction() as tx:
            return give_back(tx, job, error, random.Random(1))

    def set(self, job: ClaimedJob, **values: object) -> None:
        """Change a row as time would."""
        with self.database.transaction() as tx:
            tx.execute(update(jobs).where(jobs.c.number == job.number).values(**values))

    def row(self, job: ClaimedJob) -> Mapping[str, object]:
        with self.database.reading() as tx:
            return dict(
                tx.execute(select(jobs).where(jobs.c.number == job.number)).mappings().one()
            )

    @property
    def counts(self) -> JobCounts:
        with self.database.reading() as tx:
            return count_jobs(tx)
