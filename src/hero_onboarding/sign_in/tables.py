"""Tables of addresses, and of what waits: for a proof, for an approval, for a click."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from hero_onboarding.database import Instant, metadata

known_addresses: Final = Table(
    "known_addresses",
    metadata,
    Column("address", LargeBinary(16), primary_key=True),
    Column("public_key", LargeBinary(32), nullable=False),
    Column("user_sid", Text, ForeignKey("users.sid"), nullable=False),
    Column("linked_at", Instant, nullable=False),
    Column("retired_at", Instant),
    Index("ix_known_addresses_user_sid", "user_sid"),
)

challenges: Final = Table(
    "challenges",
    metadata,
    Column("id", Text, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("public_key", LargeBinary(32), nullable=False),
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("server_public_key", LargeBinary(32), nullable=False),
    Column("nonce", LargeBinary(32), nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("binding", LargeBinary(32), nullable=False),
    Column("attempt_id", Text),
    Index("ix_challenges_expires_at", "expires_at"),
)

attempts: Final = Table(
    "attempts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("sealed_code", LargeBinary, nullable=False),
    Column("browser_digest", LargeBinary(32), nullable=False),
    Column("session_id", Text),
    Column("user_sid", Text, ForeignKey("users.sid")),
    Column("place", Text, nullable=False),
    Column("browser", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("challenges_left", BigInteger, nullable=False),
    Column("approved_at", Instant),
    Index("ix_attempts_expires_at", "expires_at"),
)

approvals: Final = Table(
    "attempt_approvals",
    metadata,
    Column("attempt_id", Text, nullable=False),
    Column("public_key", LargeBinary(32), nullable=False),
    Column("method", Text, nullable=False),
    Column("approved_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    PrimaryKeyConstraint("attempt_id", "public_key"),
    Index("ix_attempt_approvals_expires_at", "expires_at"),
)

sign_in_links: Final = Table(
    "sign_in_links",
    metadata,
    Column("token_digest", LargeBinary(32), primary_key=True),
    Column("user_sid", Text, ForeignKey("users.sid"), nullable=False),
    Column("address", LargeBinary(16), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("ix_sign_in_links_expires_at", "expires_at"),
)

message_codes: Final = Table(
    "message_codes",
    metadata,
    Column("attempt_id", Text, primary_key=True),
    Column("address", LargeBinary(16), nullable=False),
    Column("public_key", LargeBinary(32)),
    Column("mac", LargeBinary(32), nullable=False),
    Column("sealed_letter", LargeBinary, nullable=False),
    Column("place", Text, nullable=False),
    Column("browser", Text, nullable=False),
    Column("tries_left", BigInteger, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("ix_message_codes_expires_at", "expires_at"),
)

email_codes: Final = Table(
    "email_codes",
    metadata,
    Column("attempt_id", Text, primary_key=True),
    Column("user_sid", Text, ForeignKey("users.sid")),
    Column("mac", LargeBinary(32), nullable=False),
    Column("sealed_letter", LargeBinary, nullable=False),
    Column("place", Text, nullable=False),
    Column("browser", Text, nullable=False),
    Column("tries_left", BigInteger, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("ix_email_codes_expires_at", "expires_at"),
)
