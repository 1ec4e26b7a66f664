"""The fault of one node or repository is not the others'."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import text

from hero_onboarding.aggregation import Aggregator, PushCounts, RepositoryReader
from hero_onboarding.aggregation.layout import path_of
from hero_onboarding.database import Database
from hero_onboarding.forge import (
    Commit,
    FileChange,
    ForgeAnswerError,
    ForgeRefusedError,
    ForgeUnavailableError,
    TreeEntry,
)
from hero_onboarding.incidents import list_incidents
from hero_onboarding.kernel.overriding import override
from hero_onboarding.otoml import encode_batch
from hero_onboarding.usage import (
    Bucket,
    ChargeRight,
    Intake,
    Outcome,
    find_rights,
    give_right,
)
from hero_onboarding_schema import OTime
from tests.fakes.clock import FakeClock
from tests.fakes.forge import FakeForge, blob_of
from tests.support.world import AT, HOUR, World, a_record

PATH = path_of(Bucket("node-a", HOUR))


@dataclass
class Ailing(FakeForge):
    """A forge some of whose objects can't be had."""

    lost: set[str] = field(default_factory=set)
    malformed: set[str] = field(default_factory=set)

    @override
    def fetch_blobs(self, ids: Sequence[str], *, bytes_max: int) -> Mapping[str, bytes]:
        if self.lost & set(ids):
            raise ForgeUnavailableError("GET of a blob: 500")
        return super().fetch_blobs(ids, bytes_max=bytes_max)

    @override
    def fetch_tree(self, treeish: str) -> Sequence[TreeEntry]:
        if treeish in self.malformed:
            raise ForgeAnswerError("the directory is malformed")
        return super().fetch_tree(treeish)

    def tree_of(self, node_id: str) -> str:
        root = {entry.name: entry.id for entry in self.fetch_tree(self.heads[-1])}
        nodes = {entry.name: entry.id for entry in self.fetch_tree(root["nodes"])}
        return nodes[node_id]


@pytest.fixture
def forge() -> Ailing:
    return Ailing()


def fill(forge: FakeForge, nodes: int) -> None:
    for number in range(nodes):
        content = encode_batch([a_record("k1", node_id=f"n{number}")])
        forge.put(path_of(Bucket(f"n{number}", HOUR)), content)


def failure(world: World) -> str:
    with world.database.reading() as tx:
        return str(tx.execute(text("SELECT failure FROM repositories")).scalar_one())


@pytest.mark.parametrize("kind", ["blob", "tree"])
def test_a_node_that_cannot_be_fetched_ends_its_own_turn(
    world: World, forge: Ailing, kind: str
) -> None:
    fill(forge, 3)
    if kind == "blob":
        forge.lost = {blob_of(encode_batch([a_record("k1", node_id="n0")]))}
    else:
        forge.malformed = {forge.tree_of("n0")}

    for _ in range(2):
        counts = world.aggregate()
        assert (counts.failures, counts.unchanged) == (1, 0)
    assert world.nets(["ada"]) == {"ada": 900_000}
    assert failure(world).startswith("nodes/n0: ")

    forge.lost, forge.malformed = set(), set()
    assert world.aggregate().files_read == 1
    assert world.nets(["ada"]) == {"ada": 850_000}
    assert world.aggregate().unchanged == 1


def test_a_forge_that_is_down_is_not_asked_for_every_node(world: World, forge: Ailing) -> None:
    fill(forge, 50)
    forge.lost = set(forge.blobs)
    forge.calls.clear()

    assert world.aggregate().failures == 1

    assert len(forge.calls) < 20
    forge.lost = set()
    assert world.aggregate().records_new == 50


@dataclass
class Stealing(FakeForge):
    """While it is read, another worker takes its repository over."""

    database: Database | None = None

    @override
    def fetch_tree(self, treeish: str) -> Sequence[TreeEntry]:
        assert self.database is not None
        with self.database.transaction() as tx:
            tx.execute(text("UPDATE repositories SET epoch = epoch + 1 WHERE name = 'aaa'"))
        return super().fetch_tree(treeish)


def test_a_repository_that_was_taken_over_holds_up_no_other(
    world: World, forge: FakeForge, clock: FakeClock
) -> None:
    stealing = Stealing(database=world.database)
    fill(stealing, 1)
    forge.put(PATH, encode_batch([a_record("k1")]))
    readers = [
        RepositoryReader(world.database, forge, clock, "bbb"),
        RepositoryReader(world.database, stealing, clock, "aaa"),
    ]

    counts = Aggregator(world.database, clock, readers).aggregate()

    assert (counts.repositories, counts.failures, counts.records_new) == (2, 1, 1)
    assert world.nets(["ada"]) == {"ada": 950_000}


def test_a_node_whose_place_is_taken_fails_alone(world: World, forge: FakeForge) -> None:
    forge.put("nodes/node-a", b"a file where a folder belongs")
    world.record([a_record("k1"), a_record("k1", node_id="node-b")])

    assert world.push() == PushCounts(buckets=2, pushed=1, records=1, failures=1)

    with world.database.reading() as tx:
        assert [one.kind for one in list_incidents(tx, None).items] == ["forge_refused"]
    files = {path: file for path, file in forge.files.items() if path != "nodes/node-a"}
    forge.write(files)
    assert world.push() == PushCounts(buckets=1, pushed=1, records=1)


def test_a_bucket_that_others_filled_takes_no_more_records(world: World, forge: FakeForge) -> None:
    theirs = [a_record(f"theirs{number}") for number in range(10)]
    forge.put(PATH, encode_batch(theirs))
    cap = len(encode_batch([*theirs, a_record("k1")]))
    intake = Intake(bucket_bytes_max=cap)
    world.pusher = replace(world.pusher, bytes_max=cap)
    assert world.record([a_record("k1"), a_record("k2")], intake) == [Outcome.CREATED] * 2
    assert world.push().failures == 1

    assert world.record([a_record("k3")], intake) == [Outcome.BUCKET_FULL]
    assert world.record([a_record("k1")], intake) == [Outcome.DUPLICATE]
    later = a_record("k3", occurred_at=OTime(AT + 3600))
    assert world.record([later], intake) == [Outcome.CREATED]
    assert world.push() == PushCounts(buckets=2, pushed=1, records=1, failures=1)


def test_rights_of_others_cost_nothing(world: World, forge: FakeForge) -> None:
    with world.database.transaction() as tx:
        for number in range(300):
            right = ChargeRight(f"n{number}", f"u{number}", 5)
            give_right(tx, right, world.clock.now())
    with world.database.reading() as tx:
        found = find_rights(tx, "n7", ["u7", "u8"])

    assert {(one.node_id, one.user_sid) for one in found} == {(None, None), ("n7", "u7")}
    forge.put(PATH, encode_batch([a_record("k1")]))
    assert world.aggregate().records_new == 1


@dataclass
class Narrow(FakeForge):
    """A forge behind a proxy that takes so many bytes at once."""

    bytes_max: int = 600

    @override
    def push_files(self, changes: Sequence[FileChange], commit: Commit) -> str | None:
        if sum(len(change.content) for change in changes) > self.bytes_max:
            raise ForgeRefusedError("raise the limit of the proxy", is_too_large=True)
        return super().push_files(changes, commit)


def test_a_back_log_that_is_too_much_at_once_goes_up_in_parts(
    world: World, clock: FakeClock
) -> None:
    narrow = World(world.database, Narrow(), clock)
    records = [a_record(f"k{n}", occurred_at=OTime(AT - 3600 * n)) for n in range(30)]
    large = [a_record(f"large{n}", occurred_at=OTime(AT - 3600 * 40)) for n in range(9)]
    narrow.record([*records, *large])

    assert narrow.push() == PushCounts(buckets=31, pushed=30, records=30, failures=1)

    with world.database.reading() as tx:
        assert [one.kind for one in list_incidents(tx, None).items] == ["forge_refused"]
    assert narrow.push() == PushCounts(buckets=1, failures=1)


def test_a_bucket_whose_file_is_over_the_cap_takes_no_more_records(
    world: World, forge: FakeForge
) -> None:
    forge.put(PATH, b"#" * 3_000)
    intake = Intake(bucket_bytes_max=2_000)
    world.pusher = replace(world.pusher, bytes_max=2_000)
    assert world.record([a_record("k1")], intake) == [Outcome.CREATED]
    assert world.push() == PushCounts(buckets=1, failures=1)

    assert world.record([a_record("k2")], intake) == [Outcome.BUCKET_FULL]
