from collections.abc import Iterator
from itertools import count

import pytest

from hero_onboarding.sandbox.forge import SandboxForge
from tests.sandbox.forge_bench import Bench

_numbers = count(1)


@pytest.fixture(scope="session")
def running_forge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxForge]:
    with SandboxForge(tmp_path_factory.mktemp("forge"), password="correct horse") as forge:
        yield forge


@pytest.fixture
def forge(running_forge: SandboxForge) -> SandboxForge:
    running_forge.switches.reset()
    running_forge.log.reset()
    return running_forge


@pytest.fixture
def bench(forge: SandboxForge) -> Iterator[Bench]:
    name = f"o/r{next(_numbers)}"
    forge.create_repository(name)
    with Bench.open(forge, name) as bench:
        yield bench


@pytest.fixture
def empty_bench(forge: SandboxForge) -> Iterator[Bench]:
    name = f"o/empty{next(_numbers)}"
    forge.create_repository(name, auto_init=False)
    with Bench.open(forge, name) as bench:
        yield bench
