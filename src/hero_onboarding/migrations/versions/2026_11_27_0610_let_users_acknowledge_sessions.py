"""Let users say that a session which a code opened is theirs."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_27_0610"
down_revision: str | None = "2026_11_27_0530"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("acknowledged_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    raise RuntimeError("what people were told stays told: there is no way back")
