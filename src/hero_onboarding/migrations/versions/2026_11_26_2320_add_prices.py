"""Add price tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_26_2320"
down_revision: str | None = "2026_11_26_2310"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "price_tables",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("compute_micros", sa.BigInteger(), nullable=False),
        sa.Column("storage_micros", sa.BigInteger(), nullable=False),
        sa.Column("tzs_per_usd", sa.BigInteger(), nullable=True),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_price_tables")),
    )


def downgrade() -> None:
    raise RuntimeError("what was promised stays known: there is no way back")
