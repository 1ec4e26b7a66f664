"""A node and a centre on one database and a forge in memory, on each engine."""

from collections.abc import Iterator

import pytest

from hero_onboarding.database import Database
from tests.fakes.clock import FakeClock
from tests.fakes.forge import FakeForge
from tests.support.world import World


@pytest.fixture
def forge() -> FakeForge:
    return FakeForge()


@pytest.fixture
def world(database: Database, forge: FakeForge, clock: FakeClock) -> Iterator[World]:
    """Two users with a dollar each and a right for everyone; the books hold when it is over."""
    made = World(database, forge, clock)
    made.allow_all()
    made.users("ada", "bob", amount=1_000_000)
    yield made
    made.assert_books()
