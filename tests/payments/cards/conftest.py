"""A till whose provider keeps cards, with ada and bob in front of it, on each engine."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from hero_onboarding.database import Database, open_database
from tests.conftest import NewUrl
from tests.fakes.clock import FakeClock
from tests.payments.cards.wallet_of_cards import CardTill, new_card_till
from tests.payments.crash import CrashAt
from tests.wallet.people import People


@pytest.fixture
def till(database: Database, clock: FakeClock) -> CardTill:
    """Nobody has anything; the provider works."""
    people = People(database, clock)
    people.open("ada")
    people.open("bob")
    return new_card_till(people)


@pytest.fixture
def crash() -> CrashAt:
    """What ends the process of a test's till between two transactions, or at a call."""
    return CrashAt(is_coarse=True)


@pytest.fixture
def fragile(engine: str, new_database_url: NewUrl, crash: CrashAt) -> Iterator[CardTill]:
    """A till that can be ended at any statement, commit or call."""
    with closing(open_database(new_database_url(engine), trace=crash)) as database:
        till = new_card_till(People(database, FakeClock()))
        till.provider.trace = crash
        yield till
