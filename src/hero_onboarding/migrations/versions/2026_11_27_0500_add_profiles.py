"""Let users choose language, time zone and country."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_27_0500"
down_revision: str | None = "2026_11_26_2320"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("users", sa.Column("language", sa.Text(), nullable=True))
    op.add_column("users", sa.Column("time_zone", sa.Text(), nullable=True))
    op.add_column("users", sa.Column("country", sa.Text(), nullable=True))


def downgrade() -> None:
    raise RuntimeError("what people chose stays known: there is no way back")
