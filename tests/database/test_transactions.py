"""Transactions on both engines: all or nothing, one at a time, readers that can't write."""

import threading
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, IntegrityError

from hero_onboarding.database import (
    Database,
    DatabaseUnavailableError,
    DatabaseUnusableError,
    open_database,
)
from hero_onboarding.kernel.boundary import OutsideCallInTransactionError, require_no_transaction
from hero_onboarding.kernel.errors import UnavailableError

NOTES = Table(
    "notes", MetaData(), Column("number", Integer, primary_key=True), Column("note", Text)
)


class StoppedError(Exception):
    """What a test raises inside a transaction."""


@pytest.fixture
def notes(database: Database) -> Database:
    with database.transaction() as tx:
        tx.execute(text("CREATE TABLE notes (number INTEGER PRIMARY KEY, note TEXT)"))
    return database


def write(database: Database, number: int, *, stop: bool = False) -> None:
    with database.transaction() as tx:
        tx.execute(insert(NOTES).values(number=number, note="kept"))
        if stop:
            raise StoppedError


def numbers(database: Database) -> list[int]:
    with database.reading() as tx:
        return list(tx.execute(select(NOTES.c.number).order_by(NOTES.c.number)).scalars())


def test_a_transaction_is_kept_when_its_block_ends(notes: Database) -> None:
    write(notes, 1)

    assert numbers(notes) == [1]


def test_a_transaction_leaves_nothing_when_its_block_raises(notes: Database) -> None:
    with pytest.raises(StoppedError):
        write(notes, 1, stop=True)

    assert numbers(notes) == []
    write(notes, 2)
    assert numbers(notes) == [2]


def test_a_failed_statement_takes_the_whole_transaction_with_it(notes: Database) -> None:
    write(notes, 1)

    with pytest.raises(IntegrityError), notes.transaction() as tx:
        tx.execute(insert(NOTES), [{"number": 2, "note": ""}, {"number": 1, "note": ""}])

    assert numbers(notes) == [1]


def test_changes_of_the_schema_roll_back_too(notes: Database) -> None:
    def fail() -> None:
        with notes.transaction() as tx:
            tx.execute(text("CREATE TABLE others (number INTEGER)"))
            raise StoppedError

    with pytest.raises(StoppedError):
        fail()

    with notes.reading() as tx:
        assert not inspect(tx.connection).has_table("others")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO notes VALUES (2, '')",
        "UPDATE notes SET note = ''",
        "DELETE FROM notes",
        "CREATE TABLE others (number INTEGER)",
        "DROP TABLE notes",
    ],
)
def test_a_reader_can_write_nothing(notes: Database, statement: str) -> None:
    write(notes, 1)

    with pytest.raises((DBAPIError, DatabaseUnavailableError)), notes.reading() as tx:
        tx.execute(text(statement))

    with notes.reading() as tx:
        assert [tuple(row) for row in tx.execute(select(NOTES))] == [(1, "kept")]


def test_a_connection_that_read_can_write_when_it_comes_back_from_the_pool(notes: Database) -> None:
    for number in range(40):
        assert len(numbers(notes)) == number
        write(notes, number)


def test_a_reader_sees_one_state_throughout(notes: Database) -> None:
    write(notes, 1)
    with notes.reading() as tx:
        before = tx.execute(select(NOTES.c.number)).scalars().all()

        writer = threading.Thread(target=write, args=(notes, 2))
        writer.start()
        writer.join(20)

        assert not writer.is_alive()
        assert tx.execute(select(NOTES.c.number)).scalars().all() == before == [1]
    assert numbers(notes) == [1, 2]


def test_nothing_calls_out_while_a_transaction_is_open(database: Database) -> None:
    with database.transaction(), pytest.raises(OutsideCallInTransactionError):
        require_no_transaction("GET /")
    with database.reading(), pytest.raises(OutsideCallInTransactionError):
        require_no_transaction("GET /")

    require_no_transaction("GET /")


def test_a_transaction_inside_another_is_refused_at_once(notes: Database) -> None:
    def write_in_write() -> None:
        with notes.transaction() as tx:
            tx.execute(insert(NOTES).values(number=1, note=""))
            write(notes, 2)

    def read_in_write() -> None:
        with notes.transaction():
            numbers(notes)

    def write_in_read() -> None:
        with notes.reading():
            write(notes, 3)

    for nested in (write_in_write, read_in_write, write_in_read):
        with pytest.raises(OutsideCallInTransactionError, match="a second transaction"):
            nested()

    assert numbers(notes) == []


def test_a_glance_is_possible_while_every_other_connection_is_taken(notes: Database) -> None:
    write(notes, 7)
    inside, leave = threading.Barrier(6, timeout=20), threading.Event()
    seen: list[int] = []

    def read_and_wait() -> None:
        with notes.reading() as tx:
            tx.execute(select(NOTES)).all()
            inside.wait()
            leave.wait(20)

    readers = [threading.Thread(target=read_and_wait) for _ in range(4)]

    def write_and_glance() -> None:
        with notes.transaction() as tx:
            tx.execute(select(NOTES)).all()
            inside.wait()
            with notes.glancing() as aside:
                seen.extend(aside.execute(select(NOTES.c.number)).scalars())

    writer = threading.Thread(target=write_and_glance)
    for thread in (*readers, writer):
        thread.start()
    inside.wait()
    writer.join(20)
    leave.set()
    for thread in readers:
        thread.join(20)

    assert seen == [7]


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[Database]:
    """A database with a single connection that nobody waits for."""
    engine = create_engine(
        f"sqlite:///{tmp_path}/narrow.sqlite", pool_size=1, max_overflow=0, pool_timeout=0.01
    )
    yield Database(engine, engine, engine)
    engine.dispose()


def test_connections_that_stay_busy_make_the_database_unavailable(narrow: Database) -> None:
    failures: list[UnavailableError] = []

    def knock() -> None:
        try:
            with narrow.transaction():
                pass
        except UnavailableError as error:
            failures.append(error)

    with narrow.transaction():
        other = threading.Thread(target=knock)
        other.start()
        other.join(20)

    assert [error.code for error in failures] == ["database.unavailable"]


def test_a_server_that_is_not_there_makes_the_database_unavailable() -> None:
    database = open_database("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2")

    with pytest.raises(DatabaseUnavailableError), database.transaction():
        pass

    database.close()


def test_a_connection_that_the_server_cut_makes_the_database_unavailable_once(
    database: Database,
) -> None:
    if not database.is_postgresql:
        pytest.skip("SQLite has no server")

    cut = text("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(DatabaseUnavailableError), database.transaction() as tx:
        tx.execute(cut)

    with database.transaction() as tx:
        assert tx.execute(text("SELECT 1")).scalar_one() == 1


def test_two_sessions_that_wait_for_each_other_end_as_unavailable(notes: Database) -> None:
    if not notes.is_postgresql:
        pytest.skip("SQLite has one writer")
    write(notes, 1)
    write(notes, 2)
    both, outcomes = threading.Barrier(2, timeout=20), []

    def cross(first: int, second: int) -> None:
        try:
            with notes.transaction() as tx:
                for number in (first, second):
                    tx.execute(text(f"UPDATE notes SET note = '' WHERE number = {number}"))
                    if number == first:
                        both.wait()
        except DatabaseUnavailableError:
            outcomes.append("unavailable")
        else:
            outcomes.append("done")

    threads = [threading.Thread(target=cross, args=pair) for pair in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(outcomes) == ["done", "unavailable"]


def test_the_trace_hears_of_each_statement_and_commit(
    engine: str, new_database_url: object
) -> None:
    assert callable(new_database_url)
    told: list[str] = []
    database = open_database(new_database_url(engine), trace=told.append)

    with database.transaction() as tx:
        tx.execute(text("SELECT 1"))
    with pytest.raises(StoppedError), database.transaction():
        raise StoppedError
    database.close()

    assert told == ["before statement", "after statement", "before commit", "after commit"]


def test_a_file_that_is_no_database_is_told_apart_from_one_that_is_busy(tmp_path: Path) -> None:
    path = tmp_path / "hero.sqlite"
    path.write_bytes(b"no database at all" * 500)
    database = open_database(f"sqlite:///{path}")

    for opening in (database.transaction, database.reading, database.glancing):
        with pytest.raises(DatabaseUnusableError) as caught, opening() as tx:
            tx.execute(text("SELECT 1 FROM sqlite_master"))
        assert isinstance(caught.value, UnavailableError)
    database.close()

    assert path.read_bytes() == b"no database at all" * 500


def test_a_failure_does_not_repeat_what_a_row_holds(notes: Database) -> None:
    with notes.transaction() as tx:
        tx.execute(text("CREATE TABLE calls (phone TEXT NOT NULL UNIQUE, number INTEGER NOT NULL)"))
        tx.execute(text("INSERT INTO calls VALUES ('255712345678', 1)"))
    for number in (1, None):
        with pytest.raises(IntegrityError) as refused, notes.transaction() as tx:
            tx.execute(
                text("INSERT INTO calls VALUES (:phone, :number)"),
                {"phone": "255712345678", "number": number},
            )
        assert "calls" in str(refused.value)
        trace = "".join(traceback.format_exception(refused.value))
        assert "255712345678" not in trace
