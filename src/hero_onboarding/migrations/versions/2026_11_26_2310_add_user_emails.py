"""Add e-mail addresses of users."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_26_2310"
down_revision: str | None = "2026_11_26_2300"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "user_emails",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("user_sid", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("normalised", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.Column("code_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("code_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(verified_at IS NULL) = (code_digest IS NOT NULL)"
            " AND (code_digest IS NULL) = (code_expires_at IS NULL)",
            name=op.f("ck_user_emails_only_claims_have_codes"),
        ),
        sa.ForeignKeyConstraint(["user_sid"], ["users.sid"], name=op.f("fk_user_emails_user_sid")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_user_emails")),
    )
    op.create_index("ix_user_emails_user_sid", "user_emails", ["user_sid"], unique=False)
    op.create_index(
        "uq_user_emails_claim_user_sid",
        "user_emails",
        ["user_sid"],
        unique=True,
        sqlite_where=sa.text("verified_at IS NULL"),
        postgresql_where=sa.text("verified_at IS NULL"),
    )
    op.create_index(
        "uq_user_emails_verified_normalised",
        "user_emails",
        ["normalised"],
        unique=True,
        sqlite_where=sa.text("verified_at IS NOT NULL"),
        postgresql_where=sa.text("verified_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("user_emails")
