"""The table of incidents."""

from typing import Final

from sqlalchemy import JSON, BigInteger, Column, LargeBinary, Table, Text

from hero_onboarding.database import Instant, RowId, metadata

incidents: Final = Table(
    "incidents",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("subject", LargeBinary(16), nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("repository", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    Column("times", BigInteger, nullable=False),
)
