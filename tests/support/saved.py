"""A PostgreSQL database that is put back to what it was, which is far quicker than a copy."""

from dataclasses import dataclass
from typing import Any, Final, Self

import psycopg
from psycopg import sql

_TABLES: Final = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"""
_END_OTHERS: Final = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""
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
            saved._each(connection, "CREATE TABLE saved.{table} AS TABLE public.{table}")
        return saved

    def restore(self) -> None:
        """End every other session and put back what was saved, in the same order."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(_END_OTHERS)
            connection.execute("SET session_replication_role = replica")  # no foreign keys
            self._each(connection, "DELETE FROM public.{table}")
            tables = [sql.Identifier("public", name) for name in self.tables]
            connection.execute(sql.SQL("VACUUM {}").format(sql.SQL(", ").join(tables)))
            self._each(
                connection,
                "INSERT INTO public.{table} OVERRIDING SYSTEM VALUE TABLE saved.{table}",
            )
            connection.execute(_RESTORE_SEQUENCES)

    def _each(self, connection: "psycopg.Connection[Any]", words: str) -> None:
        statements = [sql.SQL(words).format(table=sql.Identifier(name)) for name in self.tables]
        connection.execute(sql.SQL("; ").join(statements))
