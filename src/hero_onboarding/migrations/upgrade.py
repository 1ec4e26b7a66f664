"""Run migrations on an open database, one process at a time."""

from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from hero_onboarding.database import Database, Transaction

_ADVISORY_LOCK: Final = 4_773_001
_LOCK_TIMEOUT: Final = "5s"
_STATEMENT_TIMEOUT: Final = "60s"


def upgrade(database: Database, *, revision: str = "head") -> None:
    """Bring the schema up to a revision, in one transaction.

    On PostgreSQL it waits a minute for another process's upgrade; a migration gives up after five
    seconds of waiting for a lock and a minute for a statement. On SQLite it waits ten seconds for
    the writer.

    Raises:
        DatabaseUnavailableError: If it can't have the locks it needs.
    """
    with database.transaction() as tx:
        if tx.is_postgresql:
            tx.execute(text(f"SET LOCAL statement_timeout = '{_STATEMENT_TIMEOUT}'"))
            tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            tx.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
        if revision == "head" and current_revision(tx) == newest_revision():
            return
        config = _config()
        config.attributes["connection"] = tx.connection
        command.upgrade(config, revision)


def current_revision(tx: Transaction) -> str | None:
    """Return the revision the database is at, None when it has no schema."""
    return MigrationContext.configure(tx.connection).get_current_revision()


@cache
def newest_revision() -> str:
    """Return the newest revision there is.

    Raises:
        AssertionError: If there is not exactly one.
    """
    heads = ScriptDirectory.from_config(_config()).get_heads()
    assert len(heads) == 1, heads
    return heads[0]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config
