"""Empty PostgreSQL databases with the newest schema, cleaned after a test and used again.

Making one copies a thousand files; cleaning one empties the few tables that a test wrote to.
A cleaned database gets a new name, so that nothing of an earlier test finds it. It is dropped
instead if the test changed anything but rows, or if what it wrote could not be taken away.
"""

from dataclasses import dataclass, field
from typing import Any, Final, Self

import psycopg
from psycopg import sql

from hero_onboarding.database import open_database
from hero_onboarding.migrations import upgrade
from tests.support.sessions import end_others

TEMPLATE: Final = "template_hero"
_CATALOGUES: Final = (
    "pg_attrdef",
    "pg_attribute",
    "pg_constraint",
    "pg_depend",
    "pg_enum",
    "pg_extension",
    "pg_index",
    "pg_namespace",
    "pg_proc",
    "pg_rewrite",
    "pg_sequence",
    "pg_statistic",
    "pg_trigger",
    "pg_type",
    "public.alembic_version",
)
_OF_TABLES: Final = """
oid, relname, relnamespace, relowner, relfilenode, relkind, relnatts, relchecks, relhastriggers,
relacl, reloptions"""
_STATE: Final = " UNION ALL ".join(
    [f"SELECT count(*), sum(hashtext(concat(ctid, xmin))) FROM {one}" for one in _CATALOGUES]
    + [f"SELECT count(*), sum(hashtext(concat({_OF_TABLES}))) FROM pg_class"]
    + ["SELECT count(*), 0 FROM pg_db_role_setting"]
    + ["SELECT 0, datconnlimit FROM pg_database WHERE datname = current_database()"]
)
"""Every row's place and the transaction that wrote it: another answer after any change."""

_WRITTEN_TO: Final = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
  AND relname <> 'alembic_version'"""
_FORGET_SIZES: Final = """
UPDATE pg_class SET reltuples = -1 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
  AND reltuples <> -1"""
"""Of a table that was never looked at the planner expects some rows, of an empty one none."""

_START_SEQUENCES: Final = """
SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence"""


@dataclass
class Databases:
    """The databases of one server; ``url`` is that of its maintenance database."""

    url: str
    admin: "psycopg.Connection[Any]"
    untouched: list[Any]
    spare: list[str] = field(default_factory=list)

    @classmethod
    def over(cls, url: str) -> Self:
        """Make the template on a server."""
        admin = psycopg.connect(url, autocommit=True)
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
        template = open_database(url_of(url, TEMPLATE))
        upgrade(template)
        template.close()
        with psycopg.connect(url_of(url, TEMPLATE), autocommit=True) as connection:
            return cls(url, admin, connection.execute(_STATE).fetchall())

    def take(self, name: str) -> str:
        """Return the URL of a database of that name."""
        words, old = "CREATE DATABASE {name} TEMPLATE {old}", TEMPLATE
        if self.spare:
            words, old = "ALTER DATABASE {old} RENAME TO {name}", self.spare.pop()
        self._administer(words, name=name, old=old)
        return url_of(self.url, name)

    def give_back(self, name: str) -> None:
        """Clean a database, or drop it."""
        if self._is_left(name) and self._is_cleaned(name) and self._is_left(name):
            self.spare.append(name)
        else:
            self._administer("DROP DATABASE {name} WITH (FORCE)", name=name)

    def _is_left(self, name: str) -> bool:
        return end_others(self.admin, name)

    def _is_cleaned(self, name: str) -> bool:
        try:
            with psycopg.connect(url_of(self.url, name), autocommit=True) as connection:
                return self._clean(connection)
        except psycopg.Error:  # some tests close it to everybody
            return False

    def _clean(self, connection: "psycopg.Connection[Any]") -> bool:
        """Take away all rows; say whether it is as new."""
        tables = [sql.Identifier(name) for (name,) in connection.execute(_WRITTEN_TO)]
        if tables:
            connection.execute("SET session_replication_role = replica")  # no foreign keys
            deletes = [sql.SQL("DELETE FROM {}").format(one) for one in tables]
            connection.execute(sql.SQL("; ").join(deletes))
            connection.execute(sql.SQL("VACUUM {}").format(sql.SQL(", ").join(tables)))
            connection.execute(_FORGET_SIZES)
        connection.execute(_START_SEQUENCES)
        is_empty = not connection.execute(_WRITTEN_TO).fetchall()
        return is_empty and connection.execute(_STATE).fetchall() == self.untouched

    def _administer(self, words: str, **names: str) -> None:
        identifiers = {key: sql.Identifier(name) for key, name in names.items()}
        self.admin.execute(sql.SQL(words).format(**identifiers))


def url_of(url: str, name: str) -> str:
    """The URL of another database of a server."""
    return f"{url.rpartition('/')[0]}/{name}"
