"""A database with two people in it, on each engine."""

import pytest

from hero_onboarding.database import Database
from tests.fakes.clock import FakeClock
from tests.wallet.people import People


@pytest.fixture
def people(database: Database, clock: FakeClock) -> People:
    """Ada has a dollar, bob has none."""
    found = People(database, clock)
    found.open("ada", 1_000_000)
    found.open("bob")
    return found
