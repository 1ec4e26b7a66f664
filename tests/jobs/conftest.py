import pytest

from hero_onboarding.database import Database
from tests.fakes.clock import FakeClock
from tests.jobs.desk import Desk


@pytest.fixture
def desk(database: Database, clock: FakeClock) -> Desk:
    return Desk(database, clock)
