"""One real server process, and a shell to ask it from."""

from collections.abc import Iterator

import pytest

from tests.support.programs import Program, environment_of, serving
from tests.support.shell import Shell


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One real server process for all commands."""
    folder = tmp_path_factory.mktemp("commands") / "data"
    with serving(environment_of(folder, SCHEDULER="off")) as program:
        yield program


@pytest.fixture
def shell(running: Program) -> Shell:
    return Shell(running.environment)
