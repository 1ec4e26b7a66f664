"""Rewritten history, vanished records and what can't be read: incidents, never silent unbilling."""

from hero_onboarding.aggregation import PassCounts, list_heads
from hero_onboarding.aggregation.layout import path_of
from hero_onboarding.forge import REGULAR_FILE_MODE
from hero_onboarding.incidents import Incident, list_incidents
from hero_onboarding.otoml import encode_batch
from hero_onboarding.usage import Bucket
from tests.fakes.forge import FakeForge, blob_of
from tests.support.world import HOUR, REPOSITORY, World, a_record

PATH = path_of(Bucket("node-a", HOUR))
OTHER = path_of(Bucket("node-b", HOUR))


def incidents(world: World) -> list[Incident]:
    with world.database.reading() as tx:
        return list(list_incidents(tx, None).items)


def test_a_record_that_vanished_stays_billed_and_is_reported(
    world: World, forge: FakeForge
) -> None:
    forge.put(PATH, encode_batch([a_record("k1"), a_record("k2")]))
    world.aggregate()

    forge.put(PATH, encode_batch([a_record("k2")]))
    world.aggregate()

    assert world.nets(["ada"]) == {"ada": 900_000}
    (incident,) = incidents(world)
    assert (incident.kind, incident.path) == ("record_vanished", PATH)
    assert incident.evidence["keys"] == ["k1"]


def test_a_record_that_changed_keeps_what_was_first(world: World, forge: FakeForge) -> None:
    forge.put(PATH, encode_batch([a_record("k1")]))
    world.aggregate()

    forge.put(PATH, encode_batch([a_record("k1", amount_cents=50)]))
    world.aggregate()
    world.aggregate()

    assert world.nets(["ada"]) == {"ada": 950_000}
    assert [(one.kind, one.times) for one in incidents(world)] == [("key_conflict", 1)]


def test_a_file_that_vanished_is_reported_once_and_read_anew_when_back(
    world: World, forge: FakeForge
) -> None:
    content = encode_batch([a_record("k1")])
    forge.put(PATH, content)
    forge.put(OTHER, encode_batch([a_record("k1", node_id="node-b")]))
    world.aggregate()

    files = forge.files
    del files[PATH]
    forge.write(files)
    world.aggregate()
    assert [one.kind for one in incidents(world)] == ["file_vanished"]

    forge.put(PATH, content)
    assert world.aggregate().records_new == 0
    assert world.nets(["ada"]) == {"ada": 900_000}


def test_a_rewritten_history_is_reported_and_bills_nothing_twice(
    world: World, forge: FakeForge
) -> None:
    forge.put(PATH, encode_batch([a_record("k1")]))
    world.aggregate()
    first = forge.heads[-1]

    forge.write(
        {PATH: (REGULAR_FILE_MODE, encode_batch([a_record("k1"), a_record("k2")]))},
        rewritten=True,
    )
    world.aggregate()

    assert world.nets(["ada"]) == {"ada": 900_000}
    (incident,) = incidents(world)
    assert incident.kind == "history_rewritten"
    assert incident.evidence == {"head_before": first, "head": forge.heads[-1]}


def test_a_branch_that_is_gone_is_reported(world: World, forge: FakeForge) -> None:
    forge.put(PATH, encode_batch([a_record("k1")]))
    world.aggregate()

    forge.heads.clear()
    counts = world.aggregate()

    assert counts.failures == 1
    assert [one.kind for one in incidents(world)] == ["branch_missing"]


def test_every_processed_head_is_logged_in_order(world: World, forge: FakeForge) -> None:
    for number in range(3):
        forge.put(PATH, encode_batch([a_record(f"k{n}") for n in range(number + 1)]))
        world.aggregate()

    with world.database.reading() as tx:
        assert list_heads(tx, REPOSITORY) == forge.heads


def test_an_equal_head_costs_one_request(world: World, forge: FakeForge) -> None:
    forge.put(PATH, encode_batch([a_record("k1")]))
    world.aggregate()
    forge.calls.clear()

    world.aggregate()

    assert forge.calls == ["fetch_head"]


def test_a_blob_that_cannot_be_trusted_ends_its_node_and_no_other(
    world: World, forge: FakeForge
) -> None:
    content = encode_batch([a_record("k1")])
    forge.put(PATH, content)
    forge.put(OTHER, encode_batch([a_record("k1", node_id="node-b")]))
    forge.broken = {blob_of(content)}

    assert world.aggregate() == PassCounts(
        repositories=1, files_read=1, records_new=1, transfers=1, failures=1
    )

    forge.broken = set()
    assert world.aggregate() == PassCounts(repositories=1, files_read=1, records_new=1, transfers=1)
    assert world.nets(["ada"]) == {"ada": 900_000}


def test_strange_files_are_reported_and_not_read(world: World, forge: FakeForge) -> None:
    content = encode_batch([a_record("k1")])
    forge.put("nodes/node-a/notes.txt", b"hello")
    forge.put(PATH, content, mode="120000")
    forge.put("nodes/Node-B/usage_2026-03-01-10.otoml", content)
    forge.put("nodes/node-a/usage_2026-03-01-25.otoml", content)

    counts = world.aggregate()

    assert counts.files_read == 0
    assert {one.path for one in incidents(world)} == {
        "nodes/node-a/notes.txt",
        PATH,
        "nodes/Node-B",
        "nodes/node-a/usage_2026-03-01-25.otoml",
    }


def test_smoke_nodes_and_kept_files_are_ignored(world: World, forge: FakeForge) -> None:
    record = a_record("k1", node_id="smoke-1")
    forge.put(path_of(Bucket("smoke-1", HOUR)), encode_batch([record]))
    forge.put("nodes/node-a/kept/usage_2026-03-01-10.0123.otoml", b"anything")

    world.aggregate()

    assert incidents(world) == []
    assert world.nets(["ada"]) == {"ada": 1_000_000}
