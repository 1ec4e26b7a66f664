"""The table of price tables: each setting adds one, and the newest counts."""

from typing import Final

from sqlalchemy import BigInteger, Column, Table

from hero_onboarding.database import Instant, RowId, metadata

price_tables: Final = Table(
    "price_tables",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("compute_micros", BigInteger, nullable=False),
    Column("storage_micros", BigInteger, nullable=False),
    Column("tzs_per_usd", BigInteger),
    Column("set_at", Instant, nullable=False),
)
