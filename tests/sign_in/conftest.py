"""A running site, and people with keys and browsers at it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from litestar.testing import TestClient

from tests.api.served import ORIGIN, Api, served
from tests.conftest import NewUrl
from tests.sign_in.holder import Holder, secret_of

NewHolder = Callable[[str], Holder]


@pytest.fixture
def api(engine: str, new_database_url: NewUrl, tmp_path: Path) -> Iterator[Api]:
    with served(new_database_url(engine), tmp_path / "data", RATE_LIMITS="off") as found:
        yield found


@pytest.fixture
def new_holder(api: Api) -> NewHolder:
    """Make holders of keys, each with cookies of its own."""

    def make(name: str = "hero test vector 1") -> Holder:
        return Holder(TestClient(api.app, base_url=ORIGIN), secret_of(name))

    return make


@pytest.fixture
def ada(new_holder: NewHolder) -> Holder:
    return new_holder("hero test vector 1")


@pytest.fixture
def browser(new_holder: NewHolder) -> Holder:
    """A browser that has cookies and no key of its own."""
    return new_holder("no key")
