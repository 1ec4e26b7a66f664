"""The billing API in process, over a real database and a bare repository."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.api.served import Api, served
from tests.conftest import NewUrl

NewApi = Callable[..., Api]


@pytest.fixture
def new_api(new_database_url: NewUrl, tmp_path: Path) -> Iterator[NewApi]:
    """Start applications with settings of a test's own; they are stopped after it."""
    with ExitStack() as stack:

        def make(engine: str = "sqlite", **settings: str) -> Api:
            folder = tmp_path / f"data-{len(list(tmp_path.iterdir()))}"
            return stack.enter_context(served(new_database_url(engine), folder, **settings))

        yield make


@pytest.fixture
def api(engine: str, new_api: NewApi) -> Api:
    """A server of role all in the sandbox, on each engine in turn."""
    return new_api(engine)


@pytest.fixture
def sqlite_api(new_api: NewApi) -> Api:
    """The same on SQLite alone, where the engine makes no difference."""
    return new_api("sqlite")
