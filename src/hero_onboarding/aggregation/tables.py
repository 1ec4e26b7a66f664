"""Tables of the centre: what was read from billing repositories, and what follows from it."""

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from hero_onboarding.database import Instant, RowId, metadata

repositories: Final = Table(
    "repositories",
    metadata,
    Column("name", Text, primary_key=True),
    Column("head", Text),
    Column("epoch", BigInteger, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("passed_at", Instant),
    Column("failure", Text, nullable=False),
)

repository_heads: Final = Table(
    "repository_heads",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("repository", Text, nullable=False),
    Column("head", Text, nullable=False),
    Column("processed_at", Instant, nullable=False),
    Index("ix_repository_heads_repository", "repository", "number"),
)

repository_nodes: Final = Table(
    "repository_nodes",
    metadata,
    Column("repository", Text, primary_key=True),
    Column("node_id", Text, primary_key=True),
    Column("tree_id", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

repository_files: Final = Table(
    "repository_files",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("repository", Text, nullable=False),
    Column("node_id", Text, nullable=False),
    Column("hour", Integer, nullable=False),
    Column("path", Text, nullable=False),
    Column("blob_id", Text, nullable=False),
    UniqueConstraint("repository", "path"),
    Index("ix_repository_files_repository_node_id", "repository", "node_id"),
)

usage_claims: Final = Table(
    "usage_claims",
    metadata,
    Column("node_id", Text, nullable=False),
    Column("idempotency_key", Text(collation="C").with_variant(Text(), "sqlite"), nullable=False),
    Column("digest", LargeBinary(16), nullable=False),
    Column("file_number", BigInteger, nullable=False),
    PrimaryKeyConstraint("node_id", "idempotency_key"),
    Index("ix_usage_claims_file_number", "file_number"),
    sqlite_with_rowid=False,
)

usage_records: Final = Table(
    "usage_records",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("node_id", Text, nullable=False),
    Column("hour", Integer, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("user_sid", Text, nullable=False),
    Column("resource_kind", Text, nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    Column("rest", Text),
    Column("file_number", BigInteger, nullable=False),
    Column("batch", BigInteger, nullable=False),
    Index("ix_usage_records_node_id_hour", "node_id", "hour"),
)

usage_totals: Final = Table(
    "usage_totals",
    metadata,
    Column("node_id", Text, nullable=False),
    Column("hour", Integer, nullable=False),
    Column("user_sid", Text, nullable=False),
    Column("resource_kind", Text, nullable=False),
    Column("amount_micros", BigInteger, nullable=False),
    Column("records", BigInteger, nullable=False),
    PrimaryKeyConstraint("node_id", "hour", "user_sid", "resource_kind"),
    Index("ix_usage_totals_user_sid_hour", "user_sid", "hour"),
    sqlite_with_rowid=False,
)

node_hours: Final = Table(
    "node_hours",
    metadata,
    Column("node_id", Text, nullable=False),
    Column("hour", Integer, nullable=False),
    Column("batch", BigInteger, nullable=False),
    Column("verified_batch", BigInteger, nullable=False),
    PrimaryKeyConstraint("node_id", "hour"),
    sqlite_with_rowid=False,
)

IS_UNVERIFIED: Final = text("batch > verified_batch")
"""Holds for hours that changed since the books were last verified; alone they are indexed."""

Index(
    "ix_node_hours_unverified",
    node_hours.c.node_id,
    node_hours.c.hour,
    sqlite_where=IS_UNVERIFIED,
    postgresql_where=IS_UNVERIFIED,
)

usage_deltas: Final = Table(
    "usage_deltas",
    metadata,
    Column("node_id", Text, nullable=False),
    Column("hour", Integer, nullable=False),
    Column("user_sid", Text, nullable=False),
    Column("resource_kind", Text, nullable=False),
    Column("batch", BigInteger, nullable=False),
    Column("amount_micros", BigInteger, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("charge", BigInteger),
    PrimaryKeyConstraint("node_id", "hour", "user_sid", "resource_kind", "batch"),
    sqlite_with_rowid=False,
)

Index("ix_usage_deltas_user_sid_charge", usage_deltas.c.user_sid, usage_deltas.c.charge)

_IS_OPEN: Final = text("charge IS NULL")

Index(
    "ix_usage_deltas_open_user_sid",
    usage_deltas.c.user_sid,
    sqlite_where=_IS_OPEN,
    postgresql_where=_IS_OPEN,
)

quarantine: Final = Table(
    "quarantine",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("repository", Text, nullable=False),
    Column("head", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("blob_id", Text, nullable=False),
    Column("line", Integer, nullable=False),
    Column("node_id", Text, nullable=False),
    Column("hour", Integer, nullable=False),
    Column("idempotency_key", Text),
    Column("digest", LargeBinary(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("retriable", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("content", JSON),
    Column("file_number", BigInteger, nullable=False),
    Column("first_seen", Instant, nullable=False),
    UniqueConstraint("repository", "path", "digest"),
)

_IS_WAITING: Final = text("state = 'waiting'")

Index(
    "ix_quarantine_waiting",
    quarantine.c.node_id,
    quarantine.c.hour,
    sqlite_where=_IS_WAITING,
    postgresql_where=_IS_WAITING,
)
