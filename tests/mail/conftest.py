import pytest

from hero_onboarding.database import Database
from tests.fakes.clock import FakeClock
from tests.mail.office import Office


@pytest.fixture
def office(database: Database, clock: FakeClock) -> Office:
    """A post office, on each engine in turn."""
    return Office(database, clock)
