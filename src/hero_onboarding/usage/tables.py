"""Tables of the journal: what was recorded here, and which buckets changed since they were pushed.

``usage_guard`` is the narrow table of uniqueness: one row for each node and key, for ever, never
partitioned by time. ``usage_journal`` holds the payload and may be partitioned by hour.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from hero_onboarding.database import Instant, RowId, metadata

usage_guard: Final = Table(
    "usage_guard",
    metadata,
    Column("node_id", Text, nullable=False),
    Column("idempotency_key", Text(collation="C").with_variant(Text(), "sqlite"), nullable=False),
    Column("hour", Integer, nullable=False),
    Column("digest", LargeBinary(16), nullable=False),
    PrimaryKeyConstraint("node_id", "idempotency_key"),
    sqlite_with_rowid=False,
)

usage_journal: Final = Table(
    "usage_journal",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("node_id", Text, nullable=False),
    Column("hour", Integer, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("user_sid", Text, nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Column("resource_kind", Text, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    Column("rest", Text),
    Index("ix_usage_journal_node_id_hour", "node_id", "hour"),
)

usage_buckets: Final = Table(
    "usage_buckets",
    metadata,
    Column("node_id", Text, primary_key=True),
    Column("hour", Integer, primary_key=True, autoincrement=False),
    Column("changes", BigInteger, nullable=False),
    Column("pushed_changes", BigInteger, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("pushed_at", Instant),
    sqlite_with_rowid=False,
)

_IS_CHANGED: Final = text("changes > pushed_changes")

Index(
    "ix_usage_buckets_changed",
    usage_buckets.c.node_id,
    usage_buckets.c.hour,
    sqlite_where=_IS_CHANGED,
    postgresql_where=_IS_CHANGED,
)

charge_rights: Final = Table(
    "charge_rights",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("node_id", Text),
    Column("user_sid", Text),
    Column("micros_per_hour", BigInteger),
    Column("created_at", Instant, nullable=False),
    Index("ix_charge_rights_node_id_user_sid", "node_id", "user_sid"),
)
