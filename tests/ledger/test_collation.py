"""Sums and lock orders are right whatever order of letters a database server prefers."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest

from hero_onboarding.database import Database, open_database
from hero_onboarding.migrations import upgrade
from tests.fakes.clock import FakeClock
from tests.support.world import a_record
from tests.wallet.people import People


@pytest.fixture
def linguistic(postgresql_url: str) -> Iterator[Database]:
    """A PostgreSQL database that sorts as a dictionary does: signs count last."""
    name = f"hero_{uuid4().hex[:12]}"
    create = (
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"
        " LOCALE_PROVIDER icu ICU_LOCALE 'en-US-u-ka-shifted' LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        try:
            connection.execute(create)
        except psycopg.errors.Error as error:
            if os.environ.get("CI"):
                pytest.fail(f"CI's server has no ICU: {error}")
            pytest.skip(f"this server has no ICU: {error}")
    parts = urlsplit(postgresql_url)
    database = open_database(urlunsplit(parts._replace(path=f"/{name}")))
    upgrade(database)
    yield database
    database.close()
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def walk(people: People) -> None:
    """Do a little of everything that sums or sorts accounts."""
    sids = ["a", "a-b", "a_b", "ab", "b", "zed", "0001"]
    for place, sid in enumerate(sids):
        people.open(sid, 1_000_000 + place)
        people.dispute(sid, 10, "d1")
        people.hold(sid, 5, "h1")
    people.accept(a_record(sid, user_sid=sid) for sid in sids)
    assert people.charge() == len(sids)
    assert [people.wallet(sid).net for sid in sids] == [950_000 + i for i in range(len(sids))]
    people.clock.advance(hours=2)
    assert people.expire() == len(sids)
    people.assert_books()


def test_the_books_hold_where_signs_sort_last(linguistic: Database) -> None:
    walk(People(linguistic, FakeClock()))


def test_the_books_hold_where_bytes_are_compared(database: Database) -> None:
    walk(People(database, FakeClock()))


def test_the_dictionary_really_sorts_otherwise(linguistic: Database) -> None:
    with linguistic.reading() as tx:
        ((here,),) = tx.fetch_driver_sql("SELECT 'user:z' > 'userb'", ())
        ((bytewise,),) = tx.fetch_driver_sql("SELECT 'user:z' > 'userb' COLLATE \"C\"", ())

    assert (here, bytewise) == (True, False)
