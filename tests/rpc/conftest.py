"""Callers of methods: one for many tests, or a fresh one on each engine."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from litestar.testing import TestClient

from hero_onboarding.web import make_rpc
from tests.api.served import Api, served
from tests.conftest import NewUrl
from tests.rpc.called import Caller

NewCaller = Callable[..., Caller]


@contextmanager
def calling(api: Api) -> Iterator[Caller]:
    with TestClient(make_rpc(api.app), base_url="http://anything.example") as client:
        yield Caller(api, client)


@pytest.fixture(scope="module")
def shared(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """A caller of a sandbox on SQLite, for tests that find it as they need it."""
    folder = tmp_path_factory.mktemp("shared")
    path = shutil.copy(sqlite_template, folder / "hero.sqlite")
    with served(f"sqlite:///{path}", folder / "data") as api, calling(api) as caller:
        yield caller


@pytest.fixture
def new_caller(new_database_url: NewUrl, tmp_path: Path) -> Iterator[NewCaller]:
    """Start sites with settings of a test's own."""
    with ExitStack() as stack:

        def make(engine: str = "sqlite", **settings: str) -> Caller:
            folder = tmp_path / f"data-{len(list(tmp_path.iterdir()))}"
            api = stack.enter_context(served(new_database_url(engine), folder, **settings))
            return stack.enter_context(calling(api))

        yield make


@pytest.fixture
def caller(engine: str, new_caller: NewCaller) -> Caller:
    """A fresh sandbox, on each engine in turn."""
    return new_caller(engine)


@pytest.fixture(scope="session")
def session_sockets() -> Iterator[Path]:
    """A folder with a path so short that sockets can lie in it."""
    with tempfile.TemporaryDirectory(prefix="hero-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def sockets(session_sockets: Path) -> Iterator[Path]:
    """The same, of one test."""
    with tempfile.TemporaryDirectory(dir=session_sockets) as folder:
        yield Path(folder)
