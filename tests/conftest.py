"""Databases on both engines, a clock, and what most tests need."""

import gc
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from hero_onboarding.database import Database, open_database
from hero_onboarding.migrations import upgrade
from tests.fakes.clock import FakeClock
from tests.support import compiled, postgresql, quick
from tests.support.reused import Databases
from tests.support.spread import Spread

settings.register_profile(
    "typing", max_examples=25, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.register_profile(
    "check", max_examples=100, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "typing"))

compiled.share()

ENGINES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A server of this test run's own."""
    if postgresql.find_programs() is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no PostgreSQL server programs")
        pytest.skip("no PostgreSQL server programs on this machine")
    folder = Path("/tmp") / f"hero-tests-{uuid.uuid4().hex[:12]}"
    try:
        with postgresql.server(folder, is_durable=False) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_url: str) -> Iterator[Databases]:
    """Databases with the newest schema on it, each for one test at a time."""
    databases = Databases.over(postgresql_url)
    yield databases
    databases.admin.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with the newest schema, to copy."""
    path = tmp_path_factory.mktemp("template") / "hero.sqlite"
    database = open_database(f"sqlite:///{path}")
    upgrade(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def quick_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in memory where there is room: no test has the machine itself stop."""
    with quick.folder(tmp_path_factory.mktemp("databases")) as found:
        yield found


NewUrl = Callable[[str], str]


@pytest.fixture
def new_database_url(request: pytest.FixtureRequest, quick_folder: Path) -> Iterator[NewUrl]:
    """Make fresh databases on a named engine; they are gone after the test."""
    with ExitStack() as stack:

        def make(engine: str) -> str:
            name = f"hero_{uuid.uuid4().hex[:12]}"
            if engine == "sqlite":
                folder = quick_folder / name
                folder.mkdir()
                stack.callback(shutil.rmtree, folder, ignore_errors=True)
                path = folder / f"{name}.sqlite"
                shutil.copy(request.getfixturevalue("sqlite_template"), path)
                return f"sqlite:///{path}"
            databases: Databases = request.getfixturevalue("postgresql_databases")
            url = databases.take(name)
            stack.callback(databases.give_back, name)
            return url

        yield make


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    return str(request.param)


@pytest.fixture
def database(engine: str, new_database_url: NewUrl) -> Iterator[Database]:
    """A fresh database with the newest schema, on each engine in turn."""
    opened = open_database(new_database_url(engine))
    yield opened
    opened.close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Take long tests first, so that no worker is left with one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    """Spare the garbage collector what was imported and collected: it stays to the end."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Spread | None:  # noqa: ANN401 - untyped
    """Give each worker whole files, so that what is made for a module is made once."""
    return Spread(config, log) if config.getoption("dist") == "loadscope" else None


Figure = Callable[[str], None]


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """Say a figure that the end of the test run prints."""
    return lambda text: record_property("figure", text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests found."""
    reports = [report for some in terminalreporter.stats.values() for report in some]
    figures = [
        str(value)
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in report.user_properties
        if name == "figure"
    ]
    if figures:
        terminalreporter.section("figures")
        for text in sorted(figures):
            terminalreporter.line(text)


@pytest.fixture
def clock() -> FakeClock:
    """Half past nothing on the first of March 2026."""
    return FakeClock()
