"""Tables of passkeys, and of what a browser was asked to sign."""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, Table, Text

from hero_onboarding.database import Instant, metadata

passkeys: Final = Table(
    "passkeys",
    metadata,
    Column("credential_id", LargeBinary, primary_key=True),
    Column("user_sid", Text, ForeignKey("users.sid"), nullable=False),
    Column("user_handle", LargeBinary(32), nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("label", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index("ix_passkeys_user_sid", "user_sid"),
)

passkey_questions: Final = Table(
    "passkey_questions",
    metadata,
    Column("challenge", LargeBinary(32), primary_key=True),
    Column("asked_digest", LargeBinary(32), nullable=False),
    Column("user_sid", Text),
    Column("user_handle", LargeBinary(32)),
    Column("expires_at", Instant, nullable=False),
    Index("ix_passkey_questions_expires_at", "expires_at"),
)
