"""A site over a small world, called in process."""

from collections.abc import Iterator

import pytest
from litestar.testing import TestClient

from hero_onboarding.database import Database
from hero_onboarding.web import make_site
from tests.fakes.clock import FakeClock
from tests.fakes.forge import FakeForge
from tests.support.world import World
from tests.web.served import SITE, Browser, services_for


@pytest.fixture
def world(database: Database, clock: FakeClock) -> World:
    made = World(database, FakeForge(), clock)
    made.allow_all()
    made.users("ada", "bob", amount=12_400_000)
    return made


@pytest.fixture
def site(world: World) -> Iterator[Browser]:
    """The site as a browser sees it that follows no redirects by itself."""
    with TestClient(make_site(services_for(world)), base_url=SITE) as client:
        yield Browser(client)
