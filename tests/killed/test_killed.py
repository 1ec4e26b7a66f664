"""A process killed at any point of a push and a pass leaves the same balances behind."""

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hero_onboarding.aggregation import grant_credit
from hero_onboarding.aggregation.layout import path_of
from hero_onboarding.database import open_database
from hero_onboarding.forge import Commit, FileChange, git
from hero_onboarding.sandbox.forge.launcher import SandboxForge
from hero_onboarding.usage import Bucket
from hero_onboarding.wallet import GrantRequest
from hero_onboarding_schema import OTime
from tests.conftest import Figure, NewUrl
from tests.fakes.clock import FakeClock
from tests.support.world import AT, HOUR, World, a_record

ROOT = Path(__file__).parents[2]
PARTS = 2
USERS = ["ada", "bob", "cy"]
BROKEN = b"[[records]]\nnode_id = "


def prepare(url: str, repository: Path, clones: Path) -> None:
    """One bucket that was pushed before and billed, and news of every kind.

    Records for it, for another hour and for one whose file is broken; another node's; one that
    waits in quarantine and may be billed now, and one that may not. Cy has credit for
    that use.
    """
    database = open_database(url)
    forge = git.connect(
        git.GitSettings(git.folder_address(repository), clones, "main", is_made=True)
    )
    world = World(database, forge, FakeClock())
    world.allow_all()
    world.users("ada", "bob", amount=1_000_000)
    world.record([a_record("k1"), a_record("clash", amount_cents=3)])
    world.record([a_record("late", user_sid="cy", amount_cents=13)])
    world.push()
    world.aggregate()
    world.users("cy", amount=1_000_000)
    ends_at = world.clock.now() + timedelta(hours=1)
    credit = GrantRequest("cy", 100_000, "a welcome", "k", ends_at, ends_at - timedelta(hours=9))
    with database.transaction() as tx:
        grant_credit(tx, credit, world.clock.now())
    broken = FileChange(path_of(Bucket("node-a", HOUR - 2)), BROKEN, None)
    forge.push_files([broken], Commit("by hand\n", "t", "t@nodes.invalid", world.clock.now()))
    other_node = World(open_database(url), forge, FakeClock())
    other_node.record([a_record("theirs", node_id="node-b", user_sid="bob", amount_cents=9)])
    world.record(
        [
            a_record("k2", user_sid="bob", amount_cents=7),
            a_record("k3", resource_kind="memory"),
            a_record("k4", occurred_at=OTime(AT + 60)),
            a_record("k5", occurred_at=OTime(AT - 3600), amount_cents=11),
            a_record("k6", user_sid="eve"),
            a_record("k7", occurred_at=OTime(AT - 7200), user_sid="cy", amount_cents=4),
        ]
    )
    other_node.database.close()
    database.close()


@pytest.fixture
def folder(quick_folder: Path) -> Iterator[Path]:
    made = quick_folder / f"killed-{uuid.uuid4().hex[:12]}"
    made.mkdir()
    yield made
    shutil.rmtree(made)


@pytest.fixture
def sandbox(engine: str, folder: Path) -> Iterator[dict[str, str] | None]:
    """PostgreSQL is tried with a forge over REST, SQLite with git on disk."""
    if engine == "sqlite":
        yield None
        return
    root = folder / "sandbox"
    with SandboxForge(root) as forge:
        yield {"url": forge.url, "token": forge.token, "root": str(root)}


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_any_point_it_ends_with_the_same_balances(
    engine: str,
    part: int,
    new_database_url: NewUrl,
    sandbox: dict[str, str] | None,
    folder: Path,
    figure: Figure,
) -> None:
    url = new_database_url(engine)
    repository = folder / "base.git"
    prepare(url, repository, folder / "clone.git")
    places = folder / "places"
    places.mkdir()
    plan = {
        "engine": engine,
        "database": url.removeprefix("sqlite:///"),
        "folder": str(places),
        "repository": str(repository),
        "users": USERS,
        "part": part,
        "parts": PARTS,
        "sandbox": sandbox,
    }

    found = run(plan)

    figure(f"{engine}: killed at {found['killed']} of {found['points']} points, part {part + 1}")
    assert found["wrong"] == []
    assert found["killed"] > 20
    assert found["clean"]["wrong"] == []
    assert found["clean"]["nets"] == {"ada": 710_000, "bob": 840_000, "cy": 930_000}
    assert found["clean"]["incidents"] == ["file_replaced"]
    assert found["clean"]["quarantine"] == {"unknown_user": 1}


def run(plan: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.kill_runner"],
        input=json.dumps(plan).encode(),
        capture_output=True,
        cwd=ROOT,
        timeout=900,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found
