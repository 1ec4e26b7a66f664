"""A PostgreSQL database that is put back to what it was, which is far quicker than a copy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import psycopg
from psycopg import sql

from tests.support.sessions import end_others

_TABLES: Final = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"""
_WITH_ROWS: Final = """
SELECT relname FROM pg_class
WHERE relnamespace = '{}'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0"""
_WRITTEN_TO: Final = _WITH_ROWS.format("public")
_SAVED: Final = _WITH_ROWS.format("saved")
_KEEP_SEQUENCES: Final = """
CREATE TABLE saved." sequences" AS
SELECT seqrelid, pg_sequence_last_value(seqrelid) AS at, seqstart FROM pg_sequence"""
_RESTORE_SEQUENCES: Final = """
SELECT setval(seqrelid::regclass, coalesce(at, seqstart), at IS NOT NULL)
FROM saved." sequences" """


@dataclass(frozen=True)
class SavedDatabase:
    """All rows and sequences of a database, kept beside them in a schema of their own."""

    url: str
    tables: tuple[str, ...]

    @classmethod
    def of(cls, url: str) -> Self:
        """Save what a database holds now."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE SCHEMA saved")
            connection.execute(_KEEP_SEQUENCES)
            saved = cls(url, tuple(name for (name,) in connection.execute(_TABLES)))
            _each(connection, "CREATE TABLE saved.{table} AS TABLE public.{table}", saved.tables)
        return saved

    def restore(self) -> None:
        """End every other session and put back what was saved, in the same order."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            assert end_others(connection, connection.info.dbname)
            connection.execute("SET session_replication_role = replica")  # no foreign keys
            written_to = self._of_these(connection, _WRITTEN_TO)
            if written_to:
                _each(connection, "DELETE FROM public.{table}", written_to)
                tables = [sql.Identifier("public", name) for name in written_to]
                connection.execute(sql.SQL("VACUUM {}").format(sql.SQL(", ").join(tables)))
            _each(
                connection,
                "INSERT INTO public.{table} OVERRIDING SYSTEM VALUE TABLE saved.{table}",
                self._of_these(connection, _SAVED),
            )
            connection.execute(_RESTORE_SEQUENCES)

    def _of_these(self, connection: "psycopg.Connection[Any]", query: str) -> list[str]:
        found = {name for (name,) in connection.execute(query)}
        return [name for name in self.tables if name in found]


def _each(connection: "psycopg.Connection[Any]", words: str, tables: Sequence[str]) -> None:
    statements = [sql.SQL(words).format(table=sql.Identifier(name)) for name in tables]
    connection.execute(sql.SQL("; ").join(statements))
