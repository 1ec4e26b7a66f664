"""Push: what goes up, what stays, and what happens when others write or the forge is away."""

from collections.abc import Sequence

import pytest

from hero_onboarding.aggregation import PushCounts
from hero_onboarding.aggregation.layout import kept_path_of, path_of
from hero_onboarding.database import Database, open_database
from hero_onboarding.forge import (
    Commit,
    FileChange,
    ForgeMovedError,
    ForgeRefusedError,
    ForgeUnavailableError,
)
from hero_onboarding.incidents import Incident, list_incidents
from hero_onboarding.kernel.overriding import override
from hero_onboarding.otoml import decode_file, encode_batch
from hero_onboarding.usage import Bucket, Intake, Outcome
from hero_onboarding_schema import OTime
from tests.conftest import NewUrl
from tests.fakes.clock import FakeClock
from tests.fakes.forge import FakeForge, blob_of
from tests.support.world import AT, HOUR, World, a_record

BUCKET = Bucket("node-a", HOUR)
PATH = path_of(BUCKET)


def incidents(world: World) -> list[Incident]:
    with world.database.reading() as tx:
        return list(list_incidents(tx, None).items)


class Unsteady(FakeForge):
    """Fails as told at the next pushes, before or after the effect."""

    def __init__(self, *failures: tuple[str, Exception]) -> None:
        super().__init__()
        self.failures = list(failures)

    @override
    def push_files(self, changes: Sequence[FileChange], commit: Commit) -> str | None:
        if not self.failures:
            return super().push_files(changes, commit)
        when, failure = self.failures.pop(0)
        if when == "after":
            super().push_files(changes, commit)
        raise failure


def test_only_changed_buckets_are_looked_at(world: World) -> None:
    world.record([a_record("k1"), a_record("k2", occurred_at=OTime(AT + 3600))])
    assert world.push().pushed == 2

    world.record([a_record("k3")])

    assert world.push() == PushCounts(buckets=1, pushed=1, records=1)


def test_the_file_is_the_codecs_bytes(world: World, forge: FakeForge) -> None:
    records = [a_record("b"), a_record("a"), a_record("c", extras={"zone": "eu"})]

    world.record(records)
    world.push()

    assert forge.files[PATH] == ("100644", encode_batch(records))


def test_records_of_others_in_the_file_stay(world: World, forge: FakeForge) -> None:
    theirs = a_record("theirs", extras={"zone": "eu"})
    forge.put(PATH, encode_batch([theirs]))
    world.record([a_record("mine")])

    assert world.push() == PushCounts(buckets=1, pushed=1, records=1)
    assert forge.files[PATH][1] == encode_batch([theirs, a_record("mine")])


def test_unknown_keys_alone_cause_no_upload(world: World, forge: FakeForge) -> None:
    forge.put(PATH, encode_batch([a_record("k1", extras={"zone": "eu"})]))
    world.record([a_record("k1", extras={"zone": "us"})])

    assert world.push() == PushCounts(buckets=1, unchanged=1)
    assert len(forge.heads) == 1


def test_a_conflict_is_reported_once_and_kept_locally(world: World, forge: FakeForge) -> None:
    forge.put(PATH, encode_batch([a_record("k1", amount_cents=9)]))
    world.record([a_record("k1"), a_record("k2")])

    assert world.push() == PushCounts(buckets=1, pushed=1, records=1, conflicts=1)
    assert world.push(full=True) == PushCounts(buckets=1, unchanged=1)
    assert decode_file(forge.files[PATH][1]).records == (
        a_record("k1", amount_cents=9),
        a_record("k2"),
    )
    assert [one.kind for one in incidents(world)] == ["key_conflict"]


@pytest.mark.parametrize(
    "broken",
    [
        b"[[records]\n",
        encode_batch([a_record("old")]) + b'\n[[records]]\nnode_id = "node-a"\n',
        encode_batch([a_record("old")]) + b"\n" + encode_batch([a_record("old")]),
    ],
    ids=["no TOML", "a refused record", "a second copy"],
)
def test_a_file_with_faults_is_kept_before_it_is_replaced(
    world: World, forge: FakeForge, broken: bytes
) -> None:
    forge.put(PATH, broken)
    world.record([a_record("new")])

    assert world.push() == PushCounts(buckets=1, pushed=1, records=1)

    kept = kept_path_of(BUCKET, blob_of(broken))
    assert forge.files[kept] == ("100644", broken)
    old = [a_record("old")] if b"old" in broken else []
    assert forge.files[PATH][1] == encode_batch([*old, a_record("new")])
    assert [one.kind for one in incidents(world)] == ["file_replaced"]


def test_a_file_with_faults_is_left_alone_while_nothing_is_added(
    world: World, forge: FakeForge
) -> None:
    broken = encode_batch([a_record("k1")]) + b'\n[[records]]\nnode_id = "node-a"\n'
    forge.put(PATH, broken)
    world.record([a_record("k1")])

    assert world.push() == PushCounts(buckets=1, unchanged=1)
    assert forge.files == {PATH: ("100644", broken)}


def test_a_file_over_the_cap_or_not_to_be_trusted_is_never_overwritten(
    world: World, forge: FakeForge
) -> None:
    large = b"#" * 9_000_000
    forge.put(PATH, large)
    broken = encode_batch([a_record("x", node_id="node-b")])
    forge.put(path_of(Bucket("node-b", HOUR)), broken)
    forge.broken = {blob_of(broken)}
    world.record([a_record("k1"), a_record("k2", node_id="node-b")])
    before = forge.files

    assert world.push() == PushCounts(buckets=2, failures=2)
    assert forge.files == before
    assert {one.kind for one in incidents(world)} == {"bucket_failed"}
    assert world.push().failures == 2


def test_an_outage_leaves_everything_pending(database: Database, clock: FakeClock) -> None:
    away = ForgeUnavailableError("away")
    forge = Unsteady(*[("before", away)] * 3)
    world = World(database, forge, clock)
    world.record([a_record("k1")])

    assert world.push() == PushCounts(buckets=1, failures=1)
    assert forge.files == {}
    assert world.push() == PushCounts(buckets=1, pushed=1, records=1)
    assert incidents(world) == []


def test_a_lost_reply_is_looked_up_and_not_written_twice(
    database: Database, clock: FakeClock
) -> None:
    forge = Unsteady(("after", ForgeUnavailableError("no reply")))
    world = World(database, forge, clock)
    world.record([a_record("k1")])

    assert world.push() == PushCounts(buckets=1, pushed=1, records=1)
    assert len(forge.heads) == 1


def test_a_lost_race_is_merged_and_tried_again(database: Database, clock: FakeClock) -> None:
    forge = Unsteady(*[("before", ForgeMovedError("moved"))] * 4)
    world = World(database, forge, clock)
    world.record([a_record("k1")])

    assert world.push() == PushCounts(buckets=1, pushed=1, records=1)


def test_a_refusal_is_an_incident_and_stays_pending(database: Database, clock: FakeClock) -> None:
    forge = Unsteady(("before", ForgeRefusedError("the token is wrong")))
    world = World(database, forge, clock)
    world.record([a_record("k1")])

    assert world.push() == PushCounts(buckets=1, failures=1)
    assert [one.kind for one in incidents(world)] == ["forge_refused"]
    assert world.push().pushed == 1


def test_a_database_that_was_lost_pushes_nothing_new(
    world: World, forge: FakeForge, engine: str, new_database_url: NewUrl, clock: FakeClock
) -> None:
    records = [a_record("k1"), a_record("k2")]
    world.record(records)
    world.push()
    head = forge.heads[-1]

    database = open_database(new_database_url(engine))
    refilled = World(database, forge, clock)
    assert refilled.record(records) == [Outcome.CREATED, Outcome.CREATED]
    assert refilled.push() == PushCounts(buckets=1, unchanged=1)
    database.close()

    assert forge.heads[-1] == head
    world.aggregate()
    world.aggregate()
    assert world.nets(["ada"]) == {"ada": 900_000}


def test_what_others_put_in_a_file_counts_against_the_cap(world: World, forge: FakeForge) -> None:
    theirs = [a_record(f"theirs{n}") for n in range(20)]
    forge.put(PATH, encode_batch(theirs))
    cap = Intake(bucket_bytes_max=len(encode_batch([*theirs, a_record("k1")])) + 10)
    assert world.record([a_record("k1")], cap) == [Outcome.CREATED]
    world.push()

    assert world.record([a_record("k2")], cap) == [Outcome.BUCKET_FULL]
