"""The table of published rates; rows are inserted and never changed."""

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, Table, Text

from hero_onboarding.database import Instant, RowId, metadata

exchange_rates: Final = Table(
    "exchange_rates",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("currency", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("mid", BigInteger, nullable=False),
    Column("margin", Integer, nullable=False),
    Column("published_at", Instant, nullable=False),
    CheckConstraint("mid > 0 AND margin >= 0", name="positive"),
    Index("uq_exchange_rates_currency_published_at", "currency", "published_at", unique=True),
)
