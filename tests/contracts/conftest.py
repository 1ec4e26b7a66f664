from collections.abc import Iterator
from pathlib import Path

import pytest

from hero_onboarding.sandbox.forge import SandboxForge
from tests.contracts.forge import KINDS, NETWORKED, DiskPlace, Place, Places, places


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxForge]:
    with SandboxForge(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def make_place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Places]:
    def sandbox() -> SandboxForge:
        found = request.getfixturevalue("running_sandbox")
        assert isinstance(found, SandboxForge), found
        return found

    with places(tmp_path, sandbox) as made:
        yield made


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, make_place: Places) -> Place:
    """Each implementation in turn."""
    return make_place.make(str(request.param))


@pytest.fixture(params=NETWORKED)
def networked(request: pytest.FixtureRequest, make_place: Places) -> DiskPlace:
    """Each implementation that reaches a server, whose faults a test sets."""
    found = make_place.make(str(request.param))
    assert isinstance(found, DiskPlace), found
    return found
