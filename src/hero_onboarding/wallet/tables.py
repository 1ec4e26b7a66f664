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
    Column("verified_sequence", BigInteger, nullable=False),
    Column("verified_charges", BigInteger, nullable=False),
    Column("verified_net", BigInteger, nullable=False),
    Column("verified_debt", BigInteger, nullable=False),
    CheckConstraint("held >= 0", name="held_not_negative"),
)

IS_UNVERIFIED: Final = text(
    "(sequence > verified_sequence OR charges > verified_charges"
    " OR net <> verified_net OR debt <> verified_debt)"
)
"""Holds for wallets that changed since the books were last verified; alone they are indexed."""

Index(
    "ix_wallets_unverified",
    wallets.c.user_sid,
    sqlite_where=IS_UNVERIFIED,
    postgresql_where=IS_UNVERIFIED,
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

grants: Final = Table(
    "grants",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("user_sid", Text, ForeignKey("wallets.user_sid"), nullable=False),
    Column("account", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("begins_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("granted", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("expired", BigInteger, nullable=False),
    Column("remaining", BigInteger, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("granted_at", Instant, nullable=False),
    Column("verified_sequence", BigInteger, nullable=False),
    Column("verified_remaining", BigInteger, nullable=False),
    CheckConstraint("begins_at < expires_at", name="has_a_life"),
    CheckConstraint("used >= 0 AND expired >= 0 AND remaining >= 0", name="not_negative"),
    CheckConstraint("granted = used + expired + remaining", name="adds_up"),
)

GRANT_IS_UNVERIFIED: Final = text(
    "(sequence > verified_sequence OR remaining <> verified_remaining)"
)
"""Holds for grants that changed since the books were last verified; alone they are indexed."""

Index("ix_grants_user_sid", grants.c.user_sid)
Index(
    "ix_grants_live_user_sid",
    grants.c.user_sid,
    sqlite_where=text("remaining > 0"),
    postgresql_where=text("remaining > 0"),
)
Index(
    "ix_grants_open_expires_at",
    grants.c.expires_at,
    sqlite_where=text("is_open"),
    postgresql_where=text("is_open"),
)
Index(
    "ix_grants_unverified",
    grants.c.account,
    sqlite_where=GRANT_IS_UNVERIFIED,
    postgresql_where=GRANT_IS_UNVERIFIED,
)
