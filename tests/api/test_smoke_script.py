"""The smoke script says in one line why it can't check, and fails by name where it can."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import smoke_in_ci
from smoke_in_ci import SCRIPT, SECRET, Forge

NOBODY = "http://127.0.0.1:1"


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    errors: str


def smoke(origin: str, forge: Forge, **changes: str) -> Said:
    settings = {**smoke_in_ci.script_settings(forge), **changes}
    done = subprocess.run(
        ["bash", str(SCRIPT), origin],
        env={"PATH": os.environ["PATH"], **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    folder = tmp_path_factory.mktemp("smoke")
    with smoke_in_ci.forge_server(folder, "forgejo-late") as started:
        yield started


def assert_could_not_check(said: Said, reason: str) -> None:
    assert (said.code, said.out) == (2, ""), said
    assert said.errors.startswith("smoke: "), said
    assert said.errors.count("\n") == 1, said
    assert reason in said.errors, said


def test_a_forge_that_nobody_answers_at_is_said_in_one_line() -> None:
    said = smoke(NOBODY, Forge(NOBODY, "token"))

    assert_could_not_check(said, "can't be read: no answer")


def test_a_token_that_the_forge_does_not_take_is_said_in_one_line(forge: Forge) -> None:
    said = smoke(NOBODY, Forge(forge.url, "wrong"))

    assert_could_not_check(said, "does not take the token: 401")


def test_a_repository_that_is_not_there_is_said_in_one_line(forge: Forge) -> None:
    said = smoke(NOBODY, forge, HERO_ONBOARDING_FORGE_REPO="nobody/nothing")

    assert_could_not_check(said, "nobody/nothing is not at")


def test_a_server_that_nobody_answers_at_is_said_in_one_line(forge: Forge) -> None:
    said = smoke(NOBODY, forge)

    assert_could_not_check(said, f"no server at {NOBODY}")


@pytest.mark.parametrize("missing", ["ADMIN_SECRET", "FORGE_URL", "FORGE_TOKEN"])
def test_a_missing_variable_is_said_in_one_line(missing: str) -> None:
    said = smoke(NOBODY, Forge(NOBODY, "token"), **{f"HERO_ONBOARDING_{missing}": ""})

    assert_could_not_check(said, f"set HERO_ONBOARDING_{missing}")


def test_a_server_that_pushes_elsewhere_fails_by_name(forge: Forge, tmp_path: Path) -> None:
    elsewhere = Forge("", "")

    with smoke_in_ci.product_server(tmp_path, elsewhere, None) as origin:
        said = smoke(origin, forge, HERO_ONBOARDING_ADMIN_SECRET=SECRET)

    assert said.code == 1, said
    assert said.errors == "", said
    assert "not ok" in said.out
    assert "- the bucket file is where it should be" in said.out.split("not ok", 1)[1]
