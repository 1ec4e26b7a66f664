"""Let people back in by a code that comes by e-mail."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_27_0510"
down_revision: str | None = "2026_11_27_0500"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "email_codes",
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("user_sid", sa.Text(), nullable=True),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed_letter", sa.LargeBinary(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("tries_left", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_sid"], ["users.sid"], name=op.f("fk_email_codes_user_sid")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_email_codes")),
    )
    op.create_index("ix_email_codes_expires_at", "email_codes", ["expires_at"])


def downgrade() -> None:
    raise RuntimeError("what was promised stays known: there is no way back")
