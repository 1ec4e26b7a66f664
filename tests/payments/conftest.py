"""A till with ada and bob in front of it, on each engine."""

import pytest

from hero_onboarding.database import Database
from tests.fakes.clock import FakeClock
from tests.payments.till import Till, new_till
from tests.wallet.people import People


@pytest.fixture
def till(database: Database, clock: FakeClock) -> Till:
    """Nobody has anything; the provider works."""
    people = People(database, clock)
    people.open("ada")
    people.open("bob")
    return new_till(people)
