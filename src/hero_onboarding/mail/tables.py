"""Mails that wait or went out, and the mails that a sandbox keeps for its page."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, Table, Text
from sqlalchemy import text as sql

from hero_onboarding.database import Instant, RowId, metadata

mails: Final = Table(
    "mails",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("key", Text, nullable=False, unique=True),
    Column("recipient", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("parameters", LargeBinary),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("sent_at", Instant),
    CheckConstraint(
        "(state = 'waiting') = (parameters IS NOT NULL)", name="only_waiting_has_parameters"
    ),
    Index("ix_mails_created_at", "created_at"),
)

_IS_WAITING: Final = sql("state = 'waiting'")

Index(
    "ix_mails_waiting_expires_at",
    mails.c.expires_at,
    sqlite_where=_IS_WAITING,
    postgresql_where=_IS_WAITING,
)

sandbox_mails: Final = Table(
    "sandbox_mails",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("recipient", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("written_at", Instant, nullable=False),
)
