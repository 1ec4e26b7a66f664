"""A till with ada and bob in front of it, on each engine."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from hero_onboarding.database import Database, open_database
from tests.conftest import NewUrl
from tests.fakes.clock import FakeClock
from tests.payments.crash import CrashAt
from tests.payments.till import Till, new_till
from tests.wallet.people import People


@pytest.fixture
def till(database: Database, clock: FakeClock) -> Till:
    """Nobody has anything; the provider works."""
    people = People(database, clock)
    people.open("ada")
    people.open("bob")
    return new_till(people)


@pytest.fixture
def crash() -> CrashAt:
    """What ends the process of a test's till."""
    return CrashAt()


@pytest.fixture
def fragile_database(engine: str, new_database_url: NewUrl, crash: CrashAt) -> Iterator[Database]:
    """A database at whose statements and commits the process can be ended."""
    with closing(open_database(new_database_url(engine), trace=crash)) as database:
        yield database


@pytest.fixture
def fragile(fragile_database: Database, crash: CrashAt) -> Till:
    """A till that can be ended at any statement, commit or call."""
    till = new_till(People(fragile_database, FakeClock()))
    till.provider.trace = crash
    return till
