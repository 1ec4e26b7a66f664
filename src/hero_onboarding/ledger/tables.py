"""Tables of the ledger; rows are inserted and never changed."""

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
)

from hero_onboarding.database import Instant, metadata

ledger_transfers: Final = Table(
    "ledger_transfers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("operation", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("digest", LargeBinary(16), nullable=False),
    Column("detail", JSON, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("posted_at", Instant, nullable=False),
    Index("ix_ledger_transfers_posted_at", "posted_at"),
)

ledger_entries: Final = Table(
    "ledger_entries",
    metadata,
    Column(
        "transfer_id", Uuid, ForeignKey("ledger_transfers.id"), primary_key=True, nullable=False
    ),
    Column("line", SmallInteger, primary_key=True, nullable=False),
    Column("account", Text, nullable=False),
    Column("asset", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("sequence", BigInteger),
    Column("balance_after", BigInteger),
    CheckConstraint("(sequence IS NULL) = (balance_after IS NULL)", name="both_or_neither"),
    Index("uq_ledger_entries_account_sequence", "account", "asset", "sequence", unique=True),
)

ledger_snapshots: Final = Table(
    "ledger_snapshots",
    metadata,
    Column("account", Text, primary_key=True),
    Column("asset", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("balance", BigInteger, nullable=False),
)

money_facts: Final = Table(
    "money_facts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("content", JSON, nullable=False),
    Column("digest", LargeBinary(16), nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Index("ix_money_facts_owner", "owner", "kind"),
)
