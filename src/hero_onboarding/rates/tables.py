"""The table of counters."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Table, Text

from hero_onboarding.database import Instant, metadata

rate_counters: Final = Table(
    "rate_counters",
    metadata,
    Column("key", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("ix_rate_counters_expires_at", "expires_at"),
)
