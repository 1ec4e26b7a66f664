"""The table of API keys."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, LargeBinary, Table, Text

from hero_onboarding.database import Instant, RowId, metadata

api_keys: Final = Table(
    "api_keys",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("secret_digest", LargeBinary(32), nullable=False),
    Column("label", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("node_id", Text),
    Column("user_sid", Text, ForeignKey("users.sid")),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", Instant),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    CheckConstraint("node_id IS NULL OR user_sid IS NULL", name="one_subject"),
)
