"""The table of what users want to be told about their balances."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Table, Text

from hero_onboarding.database import Instant, metadata

wallet_alerts: Final = Table(
    "wallet_alerts",
    metadata,
    Column("user_sid", Text, ForeignKey("wallets.user_sid"), primary_key=True),
    Column("threshold", BigInteger, nullable=False),
    Column("is_on", Boolean, nullable=False),
    Column("is_low", Boolean, nullable=False),
    Column("times", BigInteger, nullable=False),
    Column("changed_at", Instant, nullable=False),
    CheckConstraint("threshold > 0", name="threshold_positive"),
)
"""``is_low`` says that the user was told and has not had more since; ``times`` counts tellings."""
