"""The table of automatic top-ups."""

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Table, Text, Uuid

from hero_onboarding.database import Instant, metadata

automatic_top_ups: Final = Table(
    "automatic_top_ups",
    metadata,
    Column("user_sid", Text, ForeignKey("wallets.user_sid"), primary_key=True),
    Column("card_id", Uuid, ForeignKey("saved_cards.id"), nullable=False),
    Column("threshold", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("daily_cap", BigInteger, nullable=False),
    Column("monthly_cap", BigInteger, nullable=False),
    Column("consent", Text, nullable=False),
    Column("consented_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("pause_reason", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    CheckConstraint(
        "threshold > 0 AND amount > 0 AND daily_cap >= amount AND monthly_cap >= daily_cap",
        name="amounts_in_order",
    ),
    Index("ix_automatic_top_ups_card_id", "card_id"),
)
"""What each user agreed to; ``threshold`` is in micro-dollars, the amounts in US cents."""
