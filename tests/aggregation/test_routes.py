"""The centre reads the same through git and through REST."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from hero_onboarding.aggregation import PassCounts
from hero_onboarding.aggregation.layout import path_of
from hero_onboarding.bootstrap.forges import reading_forge, writing_forge
from hero_onboarding.bootstrap.settings import Settings, read_settings
from hero_onboarding.database import open_database
from hero_onboarding.forge import Commit, FileChange
from hero_onboarding.otoml import encode_batch
from hero_onboarding.sandbox.forge.launcher import SandboxForge
from hero_onboarding.usage import Bucket
from hero_onboarding_schema import OTime
from tests.conftest import NewUrl
from tests.fakes.clock import FakeClock
from tests.support.world import AT, HOUR, REPOSITORY, World, a_record

ROUTES = ("git", "rest")


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    with SandboxForge(tmp_path / "sandbox") as sandbox:
        sandbox.create_repository(REPOSITORY)
        yield read_settings(
            {
                "HERO_ONBOARDING_DATA_DIR": str(tmp_path / "data"),
                "HERO_ONBOARDING_FORGE_URL": sandbox.url,
                "HERO_ONBOARDING_FORGE_TOKEN": sandbox.token,
            }
        )


def write(settings: Settings, *changes: FileChange) -> None:
    commit = Commit("by hand\n", "node-a", "node-a@nodes.invalid", FakeClock().now())
    writing_forge(settings).push_files(changes, commit)


def fill(settings: Settings) -> None:
    """Records of two nodes and some hours, and things that should not be there."""
    for node in ("node-a", "node-b"):
        for hour in range(3):
            records = [
                a_record(
                    f"{hour}-{n}",
                    node_id=node,
                    user_sid=("ada", "bob", "eve")[n % 3],
                    occurred_at=OTime(AT - hour * 3600 + n),
                )
                for n in range(10)
            ]
            content = encode_batch(records)
            write(settings, FileChange(path_of(Bucket(node, HOUR - hour)), content, None))
    write(settings, FileChange("nodes/node-a/notes.txt", b"hello", None))
    write(settings, FileChange("nodes/node-c/usage_2026-03-01-10.otoml", b"[[records]\n", None))
    write(settings, FileChange("nodes/smoke-1/usage_2026-03-01-10.otoml", b"x", None))


def state(world: World) -> dict[str, list[tuple[object, ...]]]:
    """Everything the centre keeps of a repository, but for times and row numbers."""
    queries = {
        "records": "SELECT node_id, hour, idempotency_key, user_sid, amount_cents, batch"
        " FROM usage_records ORDER BY 1, 2, 3",
        "files": "SELECT path, blob_id FROM repository_files ORDER BY 1",
        "nodes": "SELECT node_id, tree_id FROM repository_nodes ORDER BY 1",
        "heads": "SELECT head FROM repository_heads ORDER BY number",
        "quarantine": "SELECT path, line, reason, detail, idempotency_key FROM quarantine"
        " ORDER BY 1, 2, 5",
        "incidents": "SELECT kind, path FROM incidents ORDER BY 1, 2",
        "wallets": "SELECT user_sid, net FROM wallets ORDER BY 1",
    }
    with world.database.reading() as tx:
        return {
            name: [tuple(row) for row in tx.execute(text(query))] for name, query in queries.items()
        }


def test_both_routes_give_the_same(
    engine: str, new_database_url: NewUrl, settings: Settings, clock: FakeClock
) -> None:
    worlds = []
    for route in ROUTES:
        forge = reading_forge(replace(settings, forge_read=route), REPOSITORY)
        world = World(open_database(new_database_url(engine)), forge, clock)
        world.allow_all()
        world.users("ada", "bob", amount=1_000_000)
        worlds.append(world)
    fill(settings)

    counts = [world.aggregate() for world in worlds]

    assert counts[0] == counts[1]
    assert counts[0].records_new == 42
    assert state(worlds[0]) == state(worlds[1])

    path = path_of(Bucket("node-a", HOUR))
    entries = {e.name: e for e in worlds[1].forge.fetch_tree(folder(worlds[1], "node-a"))}
    content = encode_batch([a_record("late")])
    write(settings, FileChange(path, content, entries[path.rsplit("/", 1)[1]].id))
    news = [world.aggregate() for world in worlds]
    assert news[0] == news[1]
    assert news[0] == PassCounts(repositories=1, files_read=1, records_new=1, transfers=1)
    assert state(worlds[0]) == state(worlds[1])
    for world in worlds:
        world.assert_books()
        world.database.close()


def folder(world: World, node: str) -> str:
    """Return the tree id of a node's directory."""
    head = world.forge.fetch_head()
    assert head is not None
    nodes = next(entry for entry in world.forge.fetch_tree(head) if entry.name == "nodes")
    return next(entry.id for entry in world.forge.fetch_tree(nodes.id) if entry.name == node)
