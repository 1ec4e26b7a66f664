"""Save cards: whom providers know, and which cards they keep."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_27_1630"
down_revision: str | None = "2026_11_27_1620"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("top_ups", sa.Column("customer", sa.Text(), nullable=True))
    op.add_column("top_ups", sa.Column("card", sa.Text(), nullable=True))
    op.create_table(
        "payment_customers",
        sa.Column("user_sid", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_sid"], ["wallets.user_sid"], name=op.f("fk_payment_customers_user_sid")
        ),
        sa.PrimaryKeyConstraint("user_sid", "provider", name=op.f("pk_payment_customers")),
        sa.UniqueConstraint("id", name=op.f("uq_payment_customers_id")),
    )
    columns = ["provider", "reference"]
    name = "uq_payment_customers_provider_reference"
    op.create_index(name, "payment_customers", columns, unique=True)
    op.create_table(
        "saved_cards",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_sid", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("last4", sa.Text(), nullable=False),
        sa.Column("expires_month", sa.BigInteger(), nullable=False),
        sa.Column("expires_year", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("detached_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "expires_month BETWEEN 1 AND 12", name=op.f("ck_saved_cards_month_of_a_year")
        ),
        sa.ForeignKeyConstraint(
            ["user_sid"], ["wallets.user_sid"], name=op.f("fk_saved_cards_user_sid")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_cards")),
    )
    op.create_index("uq_saved_cards_provider_reference", "saved_cards", columns, unique=True)
    op.create_index("ix_saved_cards_user_sid", "saved_cards", ["user_sid"])


def downgrade() -> None:
    raise RuntimeError("whose cards are saved stays known: there is no way back")
