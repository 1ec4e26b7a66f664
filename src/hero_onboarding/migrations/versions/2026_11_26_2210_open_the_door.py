"""Open the door: addresses, challenges, attempts, links, what sessions say of themselves."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_26_2210"
down_revision: str | None = "2026_11_26_2200"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "known_addresses",
        sa.Column("address", sa.LargeBinary(length=16), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_sid", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_sid"], ["users.sid"], name=op.f("fk_known_addresses_user_sid")
        ),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_known_addresses")),
    )
    op.create_index("ix_known_addresses_user_sid", "known_addresses", ["user_sid"], unique=False)
    op.create_table(
        "challenges",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("server_public_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=32), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("binding", sa.LargeBinary(length=32), nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenges")),
    )
    op.create_index("ix_challenges_expires_at", "challenges", ["expires_at"], unique=False)
    op.create_table(
        "attempts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("sealed_code", sa.LargeBinary(), nullable=False),
        sa.Column("browser_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.Column("user_sid", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("challenges_left", sa.BigInteger(), nullable=False),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_sid"], ["users.sid"], name=op.f("fk_attempts_user_sid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index("ix_attempts_expires_at", "attempts", ["expires_at"], unique=False)
    op.create_table(
        "attempt_approvals",
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("approved_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", "public_key", name=op.f("pk_attempt_approvals")),
    )
    op.create_index(
        "ix_attempt_approvals_expires_at", "attempt_approvals", ["expires_at"], unique=False
    )
    op.create_table(
        "sign_in_links",
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_sid", sa.Text(), nullable=False),
        sa.Column("address", sa.LargeBinary(length=16), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_sid"], ["users.sid"], name=op.f("fk_sign_in_links_user_sid")
        ),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_sign_in_links")),
    )
    op.create_index("ix_sign_in_links_expires_at", "sign_in_links", ["expires_at"], unique=False)
    op.create_table(
        "rate_counters",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_counters")),
    )
    op.create_index("ix_rate_counters_expires_at", "rate_counters", ["expires_at"], unique=False)
    op.add_column("sessions", sa.Column("seen_at", sa.BigInteger(), nullable=True))
    op.add_column("sessions", sa.Column("limited_until", sa.BigInteger(), nullable=True))
    for name in ("method", "place", "browser"):
        op.add_column(
            "sessions", sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("''"))
        )
    op.create_index("ix_sessions_user_sid", "sessions", ["user_sid"], unique=False)


def downgrade() -> None:
    raise RuntimeError("addresses are how people reach their money: there is no way back")
