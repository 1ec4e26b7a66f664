"""SQLite and PostgreSQL behind one synchronous transaction.

On SQLite there is one writing connection, taken in turn, whose transactions begin immediately;
it alone checkpoints. Readers have connections of their own that can't write. On PostgreSQL every
transaction has a connection of a pool, at READ COMMITTED: what must not race locks its rows or
decides in one statement.
"""

import importlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    URL,
    Connection,
    CursorResult,
    Engine,
    Executable,
    Table,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from hero_onboarding.database.errors import DatabaseUnavailableError, DatabaseUnusableError
from hero_onboarding.kernel.boundary import require_no_transaction, transaction_is_open

POOL_CONNECTIONS: Final = 16
READERS: Final = 4
WAIT_SECONDS: Final = 30
_MICROS: Final = 1_000_000

Trace = Callable[[str], None]
"""Told before and after each statement and commit; for tests that kill the process there."""

Row = Mapping[str, Any]


def _no_trace(_: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """One open transaction; use cases take it first and never end it."""

    connection: Connection
    is_postgresql: bool
    trace: Trace = _no_trace

    def execute(
        self, statement: Executable, parameters: Sequence[Row] | Row | None = None
    ) -> CursorResult[Any]:
        """Run one statement, once for each row of parameters where there are several."""
        self.trace("before statement")
        result = self.connection.execute(statement, parameters)
        self.trace("after statement")
        return result

    def run_driver_sql(self, sql: str, parameters: object) -> None:
        """Run the driver's own SQL, once for each tuple of a list of parameters.

        For hot paths that each engine has a statement of its own for.
        """
        self.trace("before statement")
        self.connection.exec_driver_sql(sql, parameters)  # type: ignore[arg-type]  # driver-specific
        self.trace("after statement")

    def fetch_driver_sql(self, sql: str, parameters: object) -> list[tuple[Any, ...]]:
        """Run the driver's own SQL and return its rows."""
        self.trace("before statement")
        result = self.connection.exec_driver_sql(sql, parameters)  # type: ignore[arg-type]  # driver-specific
        rows = [tuple(row) for row in result]
        self.trace("after statement")
        return rows

    def insert(self, table: Table) -> "sqlite.Insert | postgresql.Insert":
        """Begin an insert that may have an ``ON CONFLICT`` clause on either engine."""
        return postgresql.insert(table) if self.is_postgresql else sqlite.insert(table)

    def server_micros(self) -> int:
        """Read the clock that leases are measured with, in microseconds since 1970.

        It is the database server's on PostgreSQL and the machine's on SQLite, where the two are
        the same machine.
        """
        if not self.is_postgresql:
            return time.time_ns() // 1000
        now = self.execute(text("SELECT extract(epoch FROM clock_timestamp())"))
        return int(now.scalar_one() * _MICROS)


@dataclass(frozen=True, slots=True)
class Database:
    """One database and how to open transactions on it.

    A thread has one transaction at a time: a second one would wait for a connection that the first
    may be keeping from it.
    """

    writer: Engine
    reader: Engine
    aside: Engine
    trace: Trace = _no_trace

    @property
    def is_postgresql(self) -> bool:
        """Whether this is PostgreSQL rather than SQLite."""
        return self.writer.dialect.name == "postgresql"

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a transaction that commits when the block ends and rolls back when it raises.

        Nothing may call out of the process while it is open.

        Raises:
            DatabaseUnavailableError: If the database can't be reached or stays busy.
            OutsideCallInTransactionError: If this thread has a transaction open.
        """
        require_no_transaction("a second transaction")
        with _translated(), transaction_is_open(), self.writer.connect() as connection:
            with connection.begin() as begun:
                yield Transaction(connection, self.is_postgresql, self.trace)
                self.trace("before commit")
                begun.commit()
            self.trace("after commit")

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Open a transaction that can't write and sees one state of the database throughout.

        Raises:
            DatabaseUnavailableError: If the database can't be reached or stays busy.
            OutsideCallInTransactionError: If this thread has a transaction open.
        """
        require_no_transaction("a second transaction")
        with _translated(), transaction_is_open(), self.reader.begin() as connection:
            yield Transaction(connection, self.is_postgresql, self.trace)

    @contextmanager
    def glancing(self) -> Iterator[Transaction]:
        """Read one thing over a connection kept for this, also while a transaction is open.

        Raises:
            DatabaseUnavailableError: If the database can't be reached or stays busy.
        """
        with _translated(), self.aside.begin() as connection:
            yield Transaction(connection, self.is_postgresql)

    def close(self) -> None:
        """Close all connections, the writing one last so that it makes the checkpoint."""
        self.aside.dispose()
        self.reader.dispose()
        self.writer.dispose()


def open_database(url: str, *, trace: Trace = _no_trace) -> Database:
    """Open the database that a URL names; connections are made when first needed.

    Args:
        url: ``sqlite:///PATH`` or ``postgresql://…``.
        trace: Told before and after each statement and commit.
    """
    if make_url(url).get_backend_name() == "postgresql":
        return _open_postgresql(url, trace)
    return _open_sqlite(sqlite_path(url), trace)


def sqlite_path(url: str) -> Path:
    """Return the file that an SQLite URL names."""
    return Path(make_url(url).database or "")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except PoolTimeoutError as error:
        raise DatabaseUnavailableError("all connections stayed busy") from error
    except OperationalError as error:
        raise DatabaseUnavailableError(str(error.orig)) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise DatabaseUnavailableError(str(error.orig)) from error
        # All that a statement can be blamed for has a class below this one.
        if type(error) is DatabaseError:
            raise DatabaseUnusableError(str(error.orig)) from error
        raise


def _open_postgresql(url: str, trace: Trace) -> Database:
    address = make_url(url).set(drivername="postgresql+psycopg")
    writer = _postgresql_engine(address, POOL_CONNECTIONS)
    reader = writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Database(writer, reader, _postgresql_engine(address, 1), trace)


def _postgresql_engine(address: URL, connections: int) -> Engine:
    engine = create_engine(
        address,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        hide_parameters=True,
    )
    event.listen(engine, "handle_error", _hide_values)
    return engine


def _hide_values(context: ExceptionContext) -> None:
    """Take what a row holds out of a failure, which is logged and kept with its job.

    What was sent is hidden by the library; PostgreSQL repeats it, as the detail of its message.
    """
    diagnosis = getattr(context.original_exception, "diag", None)
    detail = getattr(diagnosis, "message_detail", None)
    for error in (context.original_exception, context.sqlalchemy_exception):
        if detail and error is not None:
            error.args = tuple(str(said).replace(detail, "(hidden)") for said in error.args)


def _open_sqlite(path: Path, trace: Trace) -> Database:
    writer, reader = _sqlite_engine(path, readers=0), _sqlite_engine(path, readers=READERS)
    return Database(writer, reader, _sqlite_engine(path, readers=1), trace)


def sqlite_module() -> Any:  # noqa: ANN401 - a DB-API module has no type
    """Return the newest SQLite driver there is: the ``pysqlite3`` wheel, else Python's own."""
    try:
        return importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        return importlib.import_module("sqlite3")


def _sqlite_engine(path: Path, *, readers: int) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        module=sqlite_module(),
        poolclass=QueuePool,
        pool_size=readers or 1,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        connect_args={"check_same_thread": False, "isolation_level": None},
        hide_parameters=True,
    )

    def on_connect(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in _READER_PRAGMAS if readers else _WRITER_PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if readers else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
    return engine


_WRITER_PRAGMAS: Final = (
    "busy_timeout = 10000",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "cache_size = -65536",
)
_READER_PRAGMAS: Final = (
    "busy_timeout = 10000",
    "query_only = ON",
    "wal_autocheckpoint = 0",
    "cache_size = -16384",
)
