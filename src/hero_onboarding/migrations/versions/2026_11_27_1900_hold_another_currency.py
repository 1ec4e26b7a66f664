"""Hold another currency than was asked for: what a provider exchanged, beside what was asked."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_27_1900"
down_revision: str | None = "2026_11_27_1640"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("top_ups", sa.Column("held_amount", sa.BigInteger(), nullable=True))
    op.add_column("top_ups", sa.Column("held_currency", sa.Text(), nullable=True))


def downgrade() -> None:
    raise RuntimeError("what providers hold stays known: there is no way back")
