"""Run by Alembic: migrate over the connection that ``upgrade`` hands in."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from hero_onboarding.database import Instant
from hero_onboarding.migrations.catalogue import CATALOGUE


def render_item(kind: str, item: object, _: AutogenContext) -> str | Literal[False]:
    """Write our column types as what the database keeps."""
    return "sa.BigInteger()" if kind == "type" and isinstance(item, Instant) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=CATALOGUE,
    render_item=render_item,
    transaction_per_migration=False,
)
context.run_migrations()
