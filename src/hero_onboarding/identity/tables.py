"""Tables of users and of who is signed in."""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, Table, Text, text

from hero_onboarding.database import Instant, RowId, metadata

users: Final = Table(
    "users",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("sid", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("language", Text),
    Column("time_zone", Text),
    Column("country", Text),
)

counters: Final = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

sessions: Final = Table(
    "sessions",
    metadata,
    Column("token_digest", LargeBinary(32), primary_key=True),
    Column("user_sid", Text, ForeignKey("users.sid")),
    Column("opened_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("seen_at", Instant),
    Column("limited_until", Instant),
    Column("acknowledged_at", Instant),
    Column("method", Text, nullable=False, server_default=text("''")),
    Column("place", Text, nullable=False, server_default=text("''")),
    Column("browser", Text, nullable=False, server_default=text("''")),
    Index("ix_sessions_user_sid", "user_sid"),
)
