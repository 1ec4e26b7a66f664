"""Tables of wallets and holds."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Table,
    Text,
    Uuid,
    text,
)

from hero_onboarding.database import Instant, metadata

wallets: Final = Table(
    "wallets",
    metadata,
    Column("user_sid", Text, ForeignKey("users.sid"), primary_key=True),
    Column("net", BigInteger, nullable=False),
    Column("debt", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("charges", BigInteger, nullable=False),
    CheckConstraint("held >= 0", name="held_not_negative"),
)

holds: Final = Table(
    "holds",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("user_sid", Text, ForeignKey("wallets.user_sid"), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("remaining", BigInteger, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    CheckConstraint("amount > 0 AND remaining BETWEEN 0 AND amount", name="remaining_in_amount"),
)

Index(
    "ix_holds_open_expires_at",
    holds.c.expires_at,
    sqlite_where=text("is_open"),
    postgresql_where=text("is_open"),
)
Index("ix_holds_user_sid", holds.c.user_sid)

verified_wallets: Final = Table(
    "verified_wallets",
    metadata,
    Column("user_sid", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("charges", BigInteger, nullable=False),
    Column("net", BigInteger, nullable=False),
    Column("debt", BigInteger, nullable=False),
)
