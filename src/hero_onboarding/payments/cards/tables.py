"""Tables of customers at providers and of saved cards."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)

from hero_onboarding.database import Instant, metadata

payment_customers: Final = Table(
    "payment_customers",
    metadata,
    Column("user_sid", Text, ForeignKey("wallets.user_sid"), nullable=False),
    Column("provider", Text, nullable=False),
    Column("id", Uuid, nullable=False, unique=True),
    Column("reference", Text),
    Column("asked_at", Instant, nullable=False),
    PrimaryKeyConstraint("user_sid", "provider", name="pk_payment_customers"),
    Index("uq_payment_customers_provider_reference", "provider", "reference", unique=True),
)
"""Under which name a provider knows a user; ``reference`` is NULL before it answered."""

saved_cards: Final = Table(
    "saved_cards",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("user_sid", Text, ForeignKey("wallets.user_sid"), nullable=False),
    Column("provider", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("customer", Text, nullable=False),
    Column("brand", Text, nullable=False),
    Column("last4", Text, nullable=False),
    Column("expires_month", BigInteger, nullable=False),
    Column("expires_year", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("detached_at", Instant),
    CheckConstraint("expires_month BETWEEN 1 AND 12", name="month_of_a_year"),
    Index("uq_saved_cards_provider_reference", "provider", "reference", unique=True),
    Index("ix_saved_cards_user_sid", "user_sid"),
)
"""Cards that providers keep; no number of any, and ``detached_at`` when the provider forgot it."""
