"""Two of everything at once: servers of one node, aggregators of one repository."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from hero_onboarding.aggregation import Aggregator, PassCounts
from hero_onboarding.aggregation.layout import path_of
from hero_onboarding.database import open_database
from hero_onboarding.forge import Commit, FileChange, Forge, git
from hero_onboarding.otoml import decode_file, encode_batch
from hero_onboarding.usage import Bucket
from hero_onboarding_schema import OTime
from tests.conftest import NewUrl
from tests.fakes.clock import FakeClock
from tests.fakes.forge import FakeForge
from tests.support.world import AT, HOUR, World, a_record

ROOT = Path(__file__).parents[2]
SIDS = [f"user{n}" for n in range(7)]


def git_forge(repository: Path, clone: Path) -> Forge:
    address = git.folder_address(repository)
    return git.connect(git.GitSettings(address, clone, "main", is_made=True))


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(timeout=120) for future in [pool.submit(call) for call in calls]]


def test_two_servers_of_one_node_push_at_once(
    engine: str, new_database_url: NewUrl, tmp_path: Path, clock: FakeClock
) -> None:
    repository = tmp_path / "forge.git"
    servers = [
        World(
            open_database(new_database_url(engine)),
            git_forge(repository, tmp_path / f"clone{n}.git"),
            clock,
        )
        for n in range(2)
    ]
    shared = [a_record(f"both{n}", amount_cents=n) for n in range(20)]
    own = [[a_record(f"own{server}-{n}") for n in range(20)] for server in range(2)]
    late = [[a_record(f"late{server}", occurred_at=OTime(AT + 3600))] for server in range(2)]
    for server, world in enumerate(servers):
        world.record([*shared, *own[server], *late[server]])

    at_once(*(world.push for world in servers))
    at_once(*(world.push for world in servers))

    forge = git_forge(repository, tmp_path / "look.git")
    files = read_files(forge)
    assert files[path_of(Bucket("node-a", HOUR))] == encode_batch([*shared, *own[0], *own[1]])
    assert files[path_of(Bucket("node-a", HOUR + 1))] == encode_batch([*late[0], *late[1]])
    for world in servers:
        assert world.push(full=True).unchanged == 2
        world.database.close()


def test_servers_with_the_same_records_count_them_once(
    engine: str, new_database_url: NewUrl, tmp_path: Path, clock: FakeClock
) -> None:
    repository = tmp_path / "forge.git"
    with ExitStack() as stack:
        servers = []
        for number in range(2):
            database = stack.enter_context(closing(open_database(new_database_url(engine))))
            forge = git_forge(repository, tmp_path / f"clone{number}.git")
            servers.append(World(database, forge, clock))
        for turn in range(4):
            records = [
                a_record(f"{turn}-{number}", occurred_at=OTime(AT + 3600 * (number % 3)))
                for number in range(12)
            ]
            for server in servers:
                server.record(records)

            counts = at_once(*(server.push for server in servers))

            assert sum(one.records for one in counts) == 12
            assert sum(one.pushed for one in counts) >= 3
            assert all(one.buckets == one.pushed + one.unchanged == 3 for one in counts)


def test_two_callers_aggregate_at_once(world: World, forge: FakeForge) -> None:
    world.users(*SIDS)
    fill(forge)
    twin = Aggregator(world.database, world.clock, world.aggregator.readers)

    counts = at_once(world.aggregate, twin.aggregate, world.aggregate, twin.aggregate)

    expect_billed_once(world, counts)


def test_two_processes_aggregate_at_once_on_postgresql(
    new_database_url: NewUrl, tmp_path: Path, clock: FakeClock
) -> None:
    url = new_database_url("postgresql")
    repository = tmp_path / "forge.git"
    forge = git_forge(repository, tmp_path / "clone.git")
    world = World(open_database(url), forge, clock)
    world.allow_all()
    world.users(*SIDS)
    memory = FakeForge()
    fill(memory)
    push_all(forge, memory)

    processes = [start(url, repository, tmp_path / f"reader{n}.git") for n in range(2)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    answers = [finish(process) for process in processes]

    expect_billed_once(world, [PassCounts(**one) for answer in answers for one in answer])
    world.database.close()


def start(url: str, repository: Path, clone: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.support.aggregate_process"]
    return subprocess.Popen(
        [*command, url, str(repository), str(clone)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def finish(process: "subprocess.Popen[str]") -> list[dict[str, int]]:
    try:
        said, _ = process.communicate(timeout=120)
    finally:
        process.kill()
    answers: list[dict[str, int]] = json.loads(said)
    return answers


def fill(forge: FakeForge) -> None:
    """Twelve files of two nodes with some thousand records of seven users."""
    for node in ("node-a", "node-b"):
        for hour in range(6):
            records = [
                a_record(
                    f"{hour}-{n}",
                    node_id=node,
                    user_sid=SIDS[n % 7],
                    amount_cents=n % 5,
                    occurred_at=OTime(AT - hour * 3600 + n),
                )
                for n in range(200)
            ]
            forge.put(path_of(Bucket(node, HOUR - hour)), encode_batch(records))


def expect_billed_once(world: World, counts: list[PassCounts]) -> None:
    assert sum(one.records_new for one in counts) == 2_400
    assert sum(one.failures for one in counts) == 0
    expected = dict.fromkeys(SIDS, 0)
    for n in range(200):
        expected[SIDS[n % 7]] -= 12 * (n % 5) * 10_000
    assert world.nets(SIDS) == expected
    world.assert_books()


def read_files(forge: Forge) -> dict[str, bytes]:
    head = forge.fetch_head()
    assert head is not None
    found = {}
    nodes = next(entry for entry in forge.fetch_tree(head) if entry.name == "nodes")
    for node in forge.fetch_tree(nodes.id):
        for entry in forge.fetch_tree(node.id):
            content = forge.fetch_blobs([entry.id], bytes_max=10**7)[entry.id]
            assert decode_file(content).is_clean()
            found[f"nodes/{node.name}/{entry.name}"] = content
    return found


def push_all(forge: Forge, memory: FakeForge) -> None:
    changes = [FileChange(path, content, None) for path, (_, content) in memory.files.items()]
    forge.push_files(changes, Commit("all\n", "node-a", "a@nodes.invalid", FakeClock().now()))
