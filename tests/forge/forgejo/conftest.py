from collections.abc import Iterator

import pytest

from hero_onboarding.sandbox.forge import SandboxForge


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxForge]:
    with SandboxForge(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: SandboxForge) -> SandboxForge:
    running_sandbox.switches.reset()
    running_sandbox.log.reset()
    return running_sandbox
