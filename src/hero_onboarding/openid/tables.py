"""Tables of services that sign their users in here, and of what they are given."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, PrimaryKeyConstraint, Table, Text

from hero_onboarding.database import Instant, RowId, metadata

clients: Final = Table(
    "openid_clients",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("secret_digest", LargeBinary(32)),
    Column("name", Text, nullable=False),
    Column("redirect_uris", Text, nullable=False),
    Column("algorithm", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("revoked_at", Instant),
)

consents: Final = Table(
    "openid_consents",
    metadata,
    Column("user_sid", Text, ForeignKey("users.sid"), nullable=False),
    Column("client_id", Text, ForeignKey("openid_clients.id"), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("given_at", Instant, nullable=False),
    PrimaryKeyConstraint("user_sid", "client_id"),
)

codes: Final = Table(
    "openid_codes",
    metadata,
    Column("code_digest", LargeBinary(32), primary_key=True),
    Column("client_id", Text, ForeignKey("openid_clients.id"), nullable=False),
    Column("user_sid", Text, ForeignKey("users.sid"), nullable=False),
    Column("session_id", Text, nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("nonce", Text),
    Column("challenge", Text, nullable=False),
    Column("signed_in_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("ix_openid_codes_expires_at", "expires_at"),
)

tokens: Final = Table(
    "openid_tokens",
    metadata,
    Column("token_digest", LargeBinary(32), primary_key=True),
    Column("code_digest", LargeBinary(32), nullable=False),
    Column("client_id", Text, ForeignKey("openid_clients.id"), nullable=False),
    Column("user_sid", Text, ForeignKey("users.sid"), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("ix_openid_tokens_code_digest", "code_digest"),
    Index("ix_openid_tokens_expires_at", "expires_at"),
)

keys: Final = Table(
    "openid_keys",
    metadata,
    Column("kid", Text, primary_key=True),
    Column("algorithm", Text, nullable=False),
    Column("sealed_key", LargeBinary, nullable=False),
    Column("public_key", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("retired_at", Instant),
)

salts: Final = Table(
    "openid_salts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
