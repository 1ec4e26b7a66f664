"""Take shillings: published rates, quotes, phones, control numbers, and the worth of refunds."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_27_1500"
down_revision: str | None = "2026_11_27_1130"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "exchange_rates",
        sa.Column("number", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("mid", sa.BigInteger(), nullable=False),
        sa.Column("margin", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("mid > 0 AND margin >= 0", name=op.f("ck_exchange_rates_positive")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_exchange_rates")),
    )
    columns = ["currency", "published_at"]
    name = "uq_exchange_rates_currency_published_at"
    op.create_index(name, "exchange_rates", columns, unique=True)
    op.create_table(
        "top_up_quotes",
        sa.Column("top_up_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("rate", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("mid", sa.BigInteger(), nullable=False),
        sa.Column("margin", sa.BigInteger(), nullable=False),
        sa.Column("applied", sa.BigInteger(), nullable=False),
        sa.Column("rated_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["top_up_id"], ["top_ups.id"], name=op.f("fk_top_up_quotes_top_up_id")
        ),
        sa.PrimaryKeyConstraint("top_up_id", name=op.f("pk_top_up_quotes")),
    )
    op.add_column("top_ups", sa.Column("phone", sa.Text(), nullable=True))
    op.add_column("top_ups", sa.Column("control_number", sa.Text(), nullable=True))
    op.add_column("refunds", sa.Column("worth", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    raise RuntimeError("rates and quotes stay known: there is no way back")
