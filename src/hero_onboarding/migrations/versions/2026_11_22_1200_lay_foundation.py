"""Lay the foundation."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_22_1200"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "charge_rights",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("node_id", sa.Text(), nullable=True),
        sa.Column("user_sid", sa.Text(), nullable=True),
        sa.Column("micros_per_hour", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_charge_rights")),
    )
    op.create_index(
        "ix_charge_rights_node_id_user_sid", "charge_rights", ["node_id", "user_sid"], unique=False
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "incidents",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("subject", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_incidents")),
        sa.UniqueConstraint("subject", name=op.f("uq_incidents_subject")),
    )
    op.create_table(
        "instance",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_instance")),
    )
    op.create_table(
        "jobs",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("partition", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_jobs")),
    )
    op.create_index(
        "ix_jobs_open_due_at",
        "jobs",
        ["due_at", "number"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'running')"),
        postgresql_where=sa.text("state IN ('waiting', 'running')"),
    )
    op.create_index(
        "uq_jobs_open_kind_key",
        "jobs",
        ["kind", "key"],
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'running')"),
        postgresql_where=sa.text("state IN ('waiting', 'running')"),
    )
    op.create_table(
        "ledger_snapshots",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "asset", "day", name=op.f("pk_ledger_snapshots")),
    )
    op.create_table(
        "ledger_transfers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("posted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transfers")),
    )
    op.create_index(
        "ix_ledger_transfers_posted_at", "ledger_transfers", ["posted_at"], unique=False
    )
    op.create_table(
        "money_facts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_facts")),
    )
    op.create_index("ix_money_facts_owner", "money_facts", ["owner", "kind"], unique=False)
    op.create_table(
        "node_hours",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.Column("verified_batch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("node_id", "hour", name=op.f("pk_node_hours")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_node_hours_unverified",
        "node_hours",
        ["node_id", "hour"],
        unique=False,
        sqlite_where=sa.text("batch > verified_batch"),
        postgresql_where=sa.text("batch > verified_batch"),
    )
    op.create_table(
        "quarantine",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("blob_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("retriable", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=True),
        sa.Column("file_number", sa.BigInteger(), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_quarantine")),
        sa.UniqueConstraint(
            "repository", "path", "digest", name=op.f("uq_quarantine_repository_path_digest")
        ),
    )
    op.create_index(
        "ix_quarantine_waiting",
        "quarantine",
        ["node_id", "hour"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "repositories",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("passed_at", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_repositories")),
    )
    op.create_table(
        "repository_files",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("blob_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_repository_files")),
        sa.UniqueConstraint("repository", "path", name=op.f("uq_repository_files_repository_path")),
    )
    op.create_index(
        "ix_repository_files_repository_node_id",
        "repository_files",
        ["repository", "node_id"],
        unique=False,
    )
    op.create_table(
        "repository_heads",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("processed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_repository_heads")),
    )
    op.create_index(
        "ix_repository_heads_repository", "repository_heads", ["repository", "number"], unique=False
    )
    op.create_table(
        "repository_nodes",
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("tree_id", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("repository", "node_id", name=op.f("pk_repository_nodes")),
    )
    op.create_table(
        "schedule_slots",
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=False),
        sa.Column("elected_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("action", "slot", name=op.f("pk_schedule_slots")),
    )
    op.create_table(
        "usage_buckets",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.Column("pushed_changes", sa.BigInteger(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("pushed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("node_id", "hour", name=op.f("pk_usage_buckets")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_usage_buckets_changed",
        "usage_buckets",
        ["node_id", "hour"],
        unique=False,
        sqlite_where=sa.text("changes > pushed_changes"),
        postgresql_where=sa.text("changes > pushed_changes"),
    )
    op.create_table(
        "usage_claims",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column(
            "idempotency_key",
            sa.Text(collation="C").with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("file_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("node_id", "idempotency_key", name=op.f("pk_usage_claims")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_usage_claims_file_number", "usage_claims", ["file_number"], unique=False)
    op.create_table(
        "usage_deltas",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("user_sid", sa.Text(), nullable=False),
        sa.Column("resource_kind", sa.Text(), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.Column("amount_micros", sa.BigInteger(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("charge", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint(
            "node_id", "hour", "user_sid", "resource_kind", "batch", name=op.f("pk_usage_deltas")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_usage_deltas_open_user_sid",
        "usage_deltas",
        ["user_sid"],
        unique=False,
        sqlite_where=sa.text("charge IS NULL"),
        postgresql_where=sa.text("charge IS NULL"),
    )
    op.create_table(
        "usage_guard",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column(
            "idempotency_key",
            sa.Text(collation="C").with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("node_id", "idempotency_key", name=op.f("pk_usage_guard")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "usage_journal",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("user_sid", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("resource_kind", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("rest", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_usage_journal")),
    )
    op.create_index(
        "ix_usage_journal_node_id_hour", "usage_journal", ["node_id", "hour"], unique=False
    )
    op.create_table(
        "usage_records",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("user_sid", sa.Text(), nullable=False),
        sa.Column("resource_kind", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("rest", sa.Text(), nullable=True),
        sa.Column("file_number", sa.BigInteger(), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_usage_records")),
    )
    op.create_index(
        "ix_usage_records_node_id_hour", "usage_records", ["node_id", "hour"], unique=False
    )
    op.create_table(
        "usage_totals",
        sa.Column("node_id", sa.Text(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("user_sid", sa.Text(), nullable=False),
        sa.Column("resource_kind", sa.Text(), nullable=False),
        sa.Column("amount_micros", sa.BigInteger(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "node_id", "hour", "user_sid", "resource_kind", name=op.f("pk_usage_totals")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_usage_totals_user_sid_hour", "usage_totals", ["user_sid", "hour"], unique=False
    )
    op.create_table(
        "users",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_users")),
        sa.UniqueConstraint("sid", name=op.f("uq_users_sid")),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("balance_after", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(sequence IS NULL) = (balance_after IS NULL)",
            name=op.f("ck_ledger_entries_both_or_neither"),
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["ledger_transfers.id"], name=op.f("fk_ledger_entries_transfer_id")
        ),
        sa.PrimaryKeyConstraint("transfer_id", "line", name=op.f("pk_ledger_entries")),
    )
    op.create_index(
        "uq_ledger_entries_account_sequence",
        "ledger_entries",
        ["account", "asset", "sequence"],
        unique=True,
    )
    op.create_table(
        "sessions",
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_sid", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_sid"], ["users.sid"], name=op.f("fk_sessions_user_sid")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_sessions")),
    )
    op.create_table(
        "wallets",
        sa.Column("user_sid", sa.Text(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("debt", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("charges", sa.BigInteger(), nullable=False),
        sa.Column("verified_sequence", sa.BigInteger(), nullable=False),
        sa.Column("verified_charges", sa.BigInteger(), nullable=False),
        sa.Column("verified_net", sa.BigInteger(), nullable=False),
        sa.Column("verified_debt", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("held >= 0", name=op.f("ck_wallets_held_not_negative")),
        sa.ForeignKeyConstraint(["user_sid"], ["users.sid"], name=op.f("fk_wallets_user_sid")),
        sa.PrimaryKeyConstraint("user_sid", name=op.f("pk_wallets")),
    )
    unverified = sa.text(
        "(sequence > verified_sequence OR charges > verified_charges"
        " OR net <> verified_net OR debt <> verified_debt)"
    )
    op.create_index(
        "ix_wallets_unverified",
        "wallets",
        ["user_sid"],
        unique=False,
        sqlite_where=unverified,
        postgresql_where=unverified,
    )
    op.create_table(
        "holds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_sid", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "amount > 0 AND remaining BETWEEN 0 AND amount",
            name=op.f("ck_holds_remaining_in_amount"),
        ),
        sa.ForeignKeyConstraint(["user_sid"], ["wallets.user_sid"], name=op.f("fk_holds_user_sid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_index(
        "ix_holds_open_expires_at",
        "holds",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("is_open"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_index("ix_holds_user_sid", "holds", ["user_sid"], unique=False)
    op.create_index(
        "ix_usage_deltas_user_sid_charge", "usage_deltas", ["user_sid", "charge"], unique=False
    )


def downgrade() -> None:
    raise RuntimeError("the ledger only gains: there is no way back to before it")
