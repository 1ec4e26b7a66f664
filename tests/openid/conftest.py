"""A running site, a service that is registered there, and people with browsers."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from litestar.testing import TestClient
from sqlalchemy import select

from hero_onboarding.database import Database, metadata
from tests.api.served import Api, served
from tests.conftest import NewUrl
from tests.openid.party import ORIGIN, Party, Window, register
from tests.sign_in.holder import Holder, secret_of

NewHolder = Callable[[str], Holder]


@pytest.fixture
def api(engine: str, new_database_url: NewUrl, tmp_path: Path) -> Iterator[Api]:
    changes = {"RATE_LIMITS": "off", "PUBLIC_URL": ORIGIN}
    with served(new_database_url(engine), tmp_path / "data", **changes) as found:
        yield found


@pytest.fixture
def party(api: Api) -> Party:
    return register(api)


@pytest.fixture
def new_holder(api: Api) -> NewHolder:
    """Make holders of keys, each with cookies of its own."""
    return lambda name: Holder(TestClient(api.app, base_url=ORIGIN), secret_of(name))


@pytest.fixture
def ada(new_holder: NewHolder) -> Holder:
    """Somebody who is signed in, in full."""
    holder = new_holder("ada")
    assert holder.sign_in().status_code == 200
    return holder


@pytest.fixture
def window(ada: Holder) -> Window:
    """Ada's browser."""
    return Window(ada.client)


@pytest.fixture
def contents() -> Callable[[Database], str]:
    """Read all rows of all tables."""

    def read(database: Database) -> str:
        with database.reading() as tx:
            tables = metadata.sorted_tables
            return "\n".join(repr(row) for table in tables for row in tx.execute(select(table)))

    return read
