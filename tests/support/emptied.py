"""Empty a database between the examples of one test, so that none reads all earlier ones."""

from typing import Final

from sqlalchemy import text

from hero_onboarding.database import Database
from hero_onboarding.migrations.catalogue import CATALOGUE

EXAMPLES_KEPT: Final = 5
"""How many examples share a database: some, since others' rows must not matter."""


def empty(database: Database) -> None:
    """Take all rows out of all tables."""
    tables = list(reversed(CATALOGUE.sorted_tables))
    with database.transaction() as tx:
        if database.is_postgresql:
            names = ", ".join(table.name for table in tables)
            tx.execute(text(f"TRUNCATE {names}"))
            return
        for table in tables:
            tx.execute(table.delete())
