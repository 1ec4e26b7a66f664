"""Grant promotional credit: a row for each grant, which is the balance of its account."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_27_1600"
down_revision: str | None = "2026_11_27_1530"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_UNVERIFIED = "(sequence > verified_sequence OR remaining <> verified_remaining)"
_PARTLY = (
    ("ix_grants_live_user_sid", "user_sid", "remaining > 0"),
    ("ix_grants_open_expires_at", "expires_at", "is_open"),
    ("ix_grants_unverified", "account", _UNVERIFIED),
)


def upgrade() -> None:
    op.create_table(
        "grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("user_sid", "account", "key", "reason")
        ),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in (
                *("begins_at", "expires_at", "granted", "used", "expired", "remaining"),
                *("sequence", "granted_at", "verified_sequence", "verified_remaining"),
            )
        ),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.CheckConstraint("begins_at < expires_at", name=op.f("ck_grants_has_a_life")),
        sa.CheckConstraint(
            "used >= 0 AND expired >= 0 AND remaining >= 0", name=op.f("ck_grants_not_negative")
        ),
        sa.CheckConstraint("granted = used + expired + remaining", name=op.f("ck_grants_adds_up")),
        sa.ForeignKeyConstraint(
            ["user_sid"], ["wallets.user_sid"], name=op.f("fk_grants_user_sid")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
    )
    op.create_index("ix_grants_user_sid", "grants", ["user_sid"])
    for name, column, where in _PARTLY:
        text = sa.text(where)
        op.create_index(name, "grants", [column], sqlite_where=text, postgresql_where=text)


def downgrade() -> None:
    raise RuntimeError("what was granted stays known: there is no way back")
