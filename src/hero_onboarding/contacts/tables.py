"""E-mail addresses of users, proved and only claimed."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text
from sqlalchemy import text as sql

from hero_onboarding.database import Instant, RowId, metadata

user_emails: Final = Table(
    "user_emails",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("user_sid", Text, ForeignKey("users.sid"), nullable=False),
    Column("address", Text, nullable=False),
    Column("normalised", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("verified_at", Instant),
    Column("code_digest", LargeBinary(32)),
    Column("code_expires_at", Instant),
    Column("code_tries", Integer, nullable=False),
    CheckConstraint(
        "(verified_at IS NULL) = (code_digest IS NOT NULL)"
        " AND (code_digest IS NULL) = (code_expires_at IS NULL)",
        name="only_claims_have_codes",
    ),
    Index("ix_user_emails_user_sid", "user_sid"),
)

_IS_VERIFIED: Final = sql("verified_at IS NOT NULL")
_IS_CLAIM: Final = sql("verified_at IS NULL")

Index(
    "uq_user_emails_verified_normalised",
    user_emails.c.normalised,
    unique=True,
    sqlite_where=_IS_VERIFIED,
    postgresql_where=_IS_VERIFIED,
)
Index(
    "uq_user_emails_claim_user_sid",
    user_emails.c.user_sid,
    unique=True,
    sqlite_where=_IS_CLAIM,
    postgresql_where=_IS_CLAIM,
)
