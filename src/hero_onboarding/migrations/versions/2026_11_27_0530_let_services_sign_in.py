"""Let other services sign their users in here."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_27_0530"
down_revision: str | None = "2026_11_27_0510"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def _references(table: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["client_id"], ["openid_clients.id"], name=op.f(f"fk_{table}_client_id")
        ),
        sa.ForeignKeyConstraint(["user_sid"], ["users.sid"], name=op.f(f"fk_{table}_user_sid")),
    ]


def upgrade() -> None:
    op.create_table(
        "openid_clients",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("redirect_uris", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_openid_clients")),
        sa.UniqueConstraint("id", name=op.f("uq_openid_clients_id")),
    )
    op.create_table(
        "openid_consents",
        sa.Column("user_sid", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        *_references("openid_consents"),
        sa.PrimaryKeyConstraint("user_sid", "client_id", name=op.f("pk_openid_consents")),
    )
    op.create_table(
        "openid_codes",
        sa.Column("code_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("user_sid", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("challenge", sa.Text(), nullable=False),
        sa.Column("signed_in_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        *_references("openid_codes"),
        sa.PrimaryKeyConstraint("code_digest", name=op.f("pk_openid_codes")),
    )
    op.create_index("ix_openid_codes_expires_at", "openid_codes", ["expires_at"])
    op.create_table(
        "openid_tokens",
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("user_sid", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        *_references("openid_tokens"),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_openid_tokens")),
    )
    op.create_index("ix_openid_tokens_code_digest", "openid_tokens", ["code_digest"])
    op.create_index("ix_openid_tokens_expires_at", "openid_tokens", ["expires_at"])
    op.create_table(
        "openid_keys",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_openid_keys")),
    )
    op.create_table(
        "openid_salts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_openid_salts")),
    )


def downgrade() -> None:
    raise RuntimeError("services know their users by these rows: there is no way back")
