"""The lease table and the slots of schedules."""

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, Table, Text, text

from hero_onboarding.database import Instant, RowId, metadata

jobs: Final = Table(
    "jobs",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("partition", Text, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
)

_IS_OPEN: Final = text("state IN ('waiting', 'running')")

Index(
    "uq_jobs_open_kind_key",
    jobs.c.kind,
    jobs.c.key,
    unique=True,
    sqlite_where=_IS_OPEN,
    postgresql_where=_IS_OPEN,
)
Index(
    "ix_jobs_open_due_at",
    jobs.c.due_at,
    jobs.c.number,
    sqlite_where=_IS_OPEN,
    postgresql_where=_IS_OPEN,
)

schedule_slots: Final = Table(
    "schedule_slots",
    metadata,
    Column("action", Text, primary_key=True),
    Column("slot", BigInteger, primary_key=True),
    Column("elected_at", Instant, nullable=False),
)
