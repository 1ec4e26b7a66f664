"""Top up automatically: what users agreed to, one charge at a time, and when they are told."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_27_1640"
down_revision: str | None = "2026_11_27_1630"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_IS_CHARGED_NOW = sa.text("method = 'saved_card' AND state IN ('open', 'pending')")


def upgrade() -> None:
    op.create_index(
        "uq_top_ups_saved_card_waiting",
        "top_ups",
        ["user_sid"],
        unique=True,
        sqlite_where=_IS_CHARGED_NOW,
        postgresql_where=_IS_CHARGED_NOW,
    )
    op.create_table(
        "automatic_top_ups",
        sa.Column("user_sid", sa.Text(), nullable=False),
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("threshold", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("daily_cap", sa.BigInteger(), nullable=False),
        sa.Column("monthly_cap", sa.BigInteger(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("consented_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("pause_reason", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "threshold > 0 AND amount > 0 AND daily_cap >= amount AND monthly_cap >= daily_cap",
            name=op.f("ck_automatic_top_ups_amounts_in_order"),
        ),
        sa.ForeignKeyConstraint(
            ["card_id"], ["saved_cards.id"], name=op.f("fk_automatic_top_ups_card_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_sid"], ["wallets.user_sid"], name=op.f("fk_automatic_top_ups_user_sid")
        ),
        sa.PrimaryKeyConstraint("user_sid", name=op.f("pk_automatic_top_ups")),
    )
    op.create_index("ix_automatic_top_ups_card_id", "automatic_top_ups", ["card_id"])
    op.create_table(
        "wallet_alerts",
        sa.Column("user_sid", sa.Text(), nullable=False),
        sa.Column("threshold", sa.BigInteger(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("is_low", sa.Boolean(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("threshold > 0", name=op.f("ck_wallet_alerts_threshold_positive")),
        sa.ForeignKeyConstraint(
            ["user_sid"], ["wallets.user_sid"], name=op.f("fk_wallet_alerts_user_sid")
        ),
        sa.PrimaryKeyConstraint("user_sid", name=op.f("pk_wallet_alerts")),
    )


def downgrade() -> None:
    raise RuntimeError("what was agreed to stays known: there is no way back")
