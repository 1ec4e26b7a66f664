"""Take payments: top-ups, the ids and facts of their payments, and notices."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_27_1000"
down_revision: str | None = "2026_11_27_0610"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_IS_WAITING = sa.text("question_due_at IS NOT NULL")


def upgrade() -> None:
    _create_top_ups()
    op.create_table(
        "top_up_references",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("top_up_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["top_up_id"], ["top_ups.id"], name=op.f("fk_top_up_references_top_up_id")
        ),
        sa.PrimaryKeyConstraint("provider", "reference", name=op.f("pk_top_up_references")),
    )
    op.create_index("ix_top_up_references_top_up_id", "top_up_references", ["top_up_id"])
    op.create_table(
        "payment_events",
        sa.Column("number", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("top_up_id", sa.Uuid(), nullable=False),
        sa.Column("user_sid", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["top_up_id"], ["top_ups.id"], name=op.f("fk_payment_events_top_up_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_payment_events")),
    )
    columns = ["provider", "key"]
    op.create_index("uq_payment_events_provider_key", "payment_events", columns, unique=True)
    op.create_index("ix_payment_events_top_up_id", "payment_events", ["top_up_id"])
    op.create_table(
        "notices",
        sa.Column("number", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("refs", sa.JSON(), nullable=False),
        sa.Column("top_up_hint", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_notices")),
    )
    columns = ["provider", "event_id"]
    op.create_index("uq_notices_provider_event_id", "notices", columns, unique=True)
    op.create_index("ix_notices_received_at", "notices", ["received_at"])


def _create_top_ups() -> None:
    op.create_table(
        "top_ups",
        sa.Column("number", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_sid", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.Column("credited", sa.BigInteger(), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("redirect_url", sa.Text(), nullable=True),
        sa.Column("payment_id", sa.Text(), nullable=True),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.Column("answered", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("question_due_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount > 0 AND credit > 0", name=op.f("ck_top_ups_amounts_positive")),
        sa.CheckConstraint(
            "credited >= 0 AND answered <= wanted", name=op.f("ck_top_ups_counts_in_range")
        ),
        sa.ForeignKeyConstraint(
            ["user_sid"], ["wallets.user_sid"], name=op.f("fk_top_ups_user_sid")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_top_ups")),
        sa.UniqueConstraint("id", name=op.f("uq_top_ups_id")),
    )
    op.create_index("uq_top_ups_user_sid_key", "top_ups", ["user_sid", "key"], unique=True)
    op.create_index("ix_top_ups_user_sid_number", "top_ups", ["user_sid", "number"])
    op.create_index(
        "ix_top_ups_question_due_at",
        "top_ups",
        ["question_due_at"],
        sqlite_where=_IS_WAITING,
        postgresql_where=_IS_WAITING,
    )


def downgrade() -> None:
    raise RuntimeError("what was paid stays paid: there is no way back")
