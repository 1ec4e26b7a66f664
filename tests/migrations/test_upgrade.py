"""The schema: from nothing, again, by two at once, within time, and just as the models say."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, event, inspect, text

from hero_onboarding import migrations
from hero_onboarding.database import (
    Database,
    DatabaseUnavailableError,
    open_database,
)
from hero_onboarding.migrations import current_revision, newest_revision, upgrade
from hero_onboarding.migrations.catalogue import CATALOGUE, FEATURES
from tests.conftest import NewUrl

ROOT = Path(__file__).parents[2]
UPGRADE = """
import sys
from hero_onboarding.database import open_database
from hero_onboarding.migrations import current_revision, upgrade

database = open_database(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
upgrade(database)
with database.reading() as tx:
    print(current_revision(tx))
database.close()
"""


@pytest.fixture
def empty_url(engine: str, new_database_url: NewUrl, tmp_path: Path) -> str:
    """A database that nobody ever used, on each engine in turn."""
    if engine == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite'}"
    url = new_database_url("postgresql")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return url


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    with closing(open_database(empty_url)) as opened:
        yield opened


def tables(database: Database) -> set[str]:
    with database.reading() as tx:
        return set(inspect(tx.connection).get_table_names())


def revision(database: Database) -> str | None:
    with database.reading() as tx:
        return current_revision(tx)


SQLITE_SCHEMA = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
POSTGRESQL_SCHEMA = """
SELECT concat_ws(' ', 'column', table_name, column_name, data_type, is_nullable, column_default,
  collation_name, is_identity) FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname,
  pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
"""


def schema(database: Database) -> list[str]:
    """Describe all that a database itself knows of its schema, one line for each thing."""
    query = POSTGRESQL_SCHEMA if database.is_postgresql else SQLITE_SCHEMA
    with database.reading() as tx:
        found = [str(sql) for sql in tx.execute(text(query)).scalars()]
    return sorted(_in_order(sql) for sql in found if "alembic_version" not in sql)


def _in_order(sql: str) -> str:
    """Sort the lines of a statement: the order of columns and constraints means nothing here."""
    parts = re.sub(r",\s+", "\n", sql).splitlines()
    lines = [re.sub(r"\s+", " ", part).strip(" ,") for part in parts]
    return "\n".join([lines[0], *sorted(lines[1:])])


def differences(database: Database, models: MetaData) -> list[object]:
    with database.reading() as tx:
        options = {"compare_type": True, "compare_server_default": True}
        return list(
            compare_metadata(MigrationContext.configure(tx.connection, opts=options), models)
        )


def test_an_empty_database_gets_every_table_and_the_newest_revision(empty: Database) -> None:
    assert (tables(empty), revision(empty)) == (set(), None)

    upgrade(empty)

    assert tables(empty) == {*CATALOGUE.tables, "alembic_version"}
    assert len(tables(empty)) > 20
    assert revision(empty) == newest_revision()


def test_every_feature_with_tables_is_in_the_catalogue() -> None:
    source = ROOT / "src"
    modules = (source / "hero_onboarding").rglob("tables.py")
    found = {".".join(path.relative_to(source).with_suffix("").parts) for path in modules}

    assert {module.__name__ for module in FEATURES} == found


def test_upgrading_again_changes_nothing(empty: Database) -> None:
    upgrade(empty)
    with empty.transaction() as tx:
        tx.execute(text("INSERT INTO counters (name, value) VALUES ('kept', 7)"))
    before = schema(empty)

    upgrade(empty)

    assert schema(empty) == before
    assert revision(empty) == newest_revision()
    with empty.reading() as tx:
        assert tx.execute(text("SELECT value FROM counters WHERE name = 'kept'")).scalar() == 7


def test_processes_upgrade_at_once(empty_url: str, empty: Database) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", UPGRADE, empty_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        answers = [process.communicate(timeout=60) for process in processes]
    finally:
        for process in processes:
            process.kill()

    assert [out for out, _ in answers] == [f"{newest_revision()}\n"] * 3, answers
    assert differences(empty, CATALOGUE) == []


def test_models_and_migrated_schema_agree(database: Database) -> None:
    assert differences(database, CATALOGUE) == []


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE wallets ADD COLUMN extra BIGINT",
        "ALTER TABLE holds DROP COLUMN closed_at",
        "DROP TABLE money_facts",
        "DROP INDEX ix_holds_user_sid",
        "DROP INDEX uq_ledger_entries_account_sequence",
    ],
)
def test_a_schema_that_does_not_agree_is_noticed(database: Database, change: str) -> None:
    with database.transaction() as tx:
        tx.execute(text(change))

    assert differences(database, CATALOGUE) != []


def test_what_is_migrated_is_what_the_models_would_make(
    empty: Database, engine: str, new_database_url: NewUrl
) -> None:
    with empty.transaction() as tx:
        CATALOGUE.create_all(tx.connection)
    with closing(open_database(new_database_url(engine))) as migrated:
        assert schema(empty) == schema(migrated)
    assert len(schema(empty)) > len(CATALOGUE.tables)


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty: Database) -> None:
    with empty.transaction() as tx:
        tx.execute(text("CREATE TABLE wallets (number BIGINT)"))
    before = schema(empty)

    with pytest.raises(Exception, match="wallets"):
        upgrade(empty)

    assert schema(empty) == before
    assert revision(empty) is None


def limits_of(connection: Connection) -> tuple[str, ...]:
    """Ask PostgreSQL for its time-outs, past SQLAlchemy and its events."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    names = ("lock_timeout", "statement_timeout")
    return tuple(str(raw.execute(f"SHOW {name}").fetchall()[0][0]) for name in names)


def test_migrations_on_postgresql_have_time_limits_that_end_with_them(
    new_database_url: NewUrl,
) -> None:
    seen = set()

    def look(connection: Connection, _: object, statement: str, *__: object) -> None:
        if "alembic_version" in statement:
            seen.add(limits_of(connection))

    with closing(open_database(new_database_url("postgresql"))) as database:
        event.listen(database.writer, "before_cursor_execute", look)
        upgrade(database)
        with database.transaction() as tx:
            after = limits_of(tx.connection)

    assert seen == {("5s", "1min")}
    assert after == ("0", "0")


@pytest.mark.slow
def test_a_migration_gives_up_on_a_lock_that_somebody_keeps(
    empty_url: str, empty: Database, engine: str
) -> None:
    upgrade(empty)
    lock = {"sqlite": "UPDATE counters SET value = 1", "postgresql": "LOCK TABLE alembic_version"}
    with closing(open_database(empty_url)) as other, other.transaction() as tx:
        tx.execute(text(lock[engine]))
        began = time.monotonic()
        caught = in_a_thread(lambda: upgrade(empty))
        waited = time.monotonic() - began

    assert isinstance(caught, DatabaseUnavailableError)
    assert 4 < waited < 20
    upgrade(empty)


def in_a_thread(work: Callable[[], None]) -> BaseException | None:
    """Run work where no transaction is open and return what it raised."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).exception(timeout=60)


def test_there_is_no_way_back_to_before_the_ledger(database: Database) -> None:
    before = schema(database)

    def downgrade() -> None:
        with database.transaction() as tx:
            config = Config()
            config.set_main_option("script_location", str(Path(migrations.__file__).parent))
            config.set_main_option("path_separator", "os")
            config.attributes["connection"] = tx.connection
            command.downgrade(config, "base")

    with pytest.raises(RuntimeError, match="no way back"):
        downgrade()

    assert schema(database) == before
    assert revision(database) == newest_revision()
