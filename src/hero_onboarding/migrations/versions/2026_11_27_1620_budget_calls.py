"""Budget calls to payment providers that answer only so many a minute."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_27_1620"
down_revision: str | None = "2026_11_27_1600"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "call_budgets",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_call_budgets")),
    )


def downgrade() -> None:
    raise RuntimeError("a budget that is given out stays so: there is no way back")
