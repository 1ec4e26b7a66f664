import pytest

from hero_onboarding.database import Database
from tests.contacts.desk import Desk
from tests.fakes.clock import FakeClock
from tests.mail.office import Office


@pytest.fixture
def desk(database: Database, clock: FakeClock) -> Desk:
    """A desk for three people who have accounts, on each engine in turn."""
    office = Office(database, clock)
    office.open_users("ada", "bob", "eve")
    return Desk(office)
