"""A site under the one name that passkeys can be bound to, and somebody signed in there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar.testing import TestClient

from tests.api.served import Api, served
from tests.conftest import NewUrl
from tests.passkeys.person import ORIGIN, Person
from tests.sign_in.holder import Holder, secret_of


@pytest.fixture
def api(engine: str, new_database_url: NewUrl, tmp_path: Path) -> Iterator[Api]:
    with served(new_database_url(engine), tmp_path / "data", RATE_LIMITS="off") as found:
        yield found


@pytest.fixture
def ada(api: Api) -> Person:
    """Somebody with a full session."""
    found = Person(Holder(TestClient(api.app, base_url=ORIGIN), secret_of("ada")))
    assert found.holder.sign_in().status_code == 200
    return found


@pytest.fixture
def stranger(api: Api) -> Person:
    """A browser in which nobody is signed in."""
    return Person(Holder(TestClient(api.app, base_url=ORIGIN), secret_of("stranger")))
