"""Add passkeys."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_26_2230"
down_revision: str | None = "2026_11_26_2210"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "passkeys",
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("user_sid", sa.Text(), nullable=False),
        sa.Column("user_handle", sa.LargeBinary(length=32), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_sid"], ["users.sid"], name=op.f("fk_passkeys_user_sid")),
        sa.PrimaryKeyConstraint("credential_id", name=op.f("pk_passkeys")),
    )
    op.create_index("ix_passkeys_user_sid", "passkeys", ["user_sid"], unique=False)
    op.create_table(
        "passkey_questions",
        sa.Column("challenge", sa.LargeBinary(length=32), nullable=False),
        sa.Column("asked_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_sid", sa.Text(), nullable=True),
        sa.Column("user_handle", sa.LargeBinary(length=32), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("challenge", name=op.f("pk_passkey_questions")),
    )
    op.create_index(
        "ix_passkey_questions_expires_at", "passkey_questions", ["expires_at"], unique=False
    )


def downgrade() -> None:
    raise RuntimeError("passkeys are how people reach their money: there is no way back")
