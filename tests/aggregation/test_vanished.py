"""What was billed and is not there any more, or is there otherwise, is always reported."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from hero_onboarding.aggregation import PassCounts
from hero_onboarding.aggregation.layout import path_of
from hero_onboarding.database import open_database
from hero_onboarding.incidents import Incident, list_incidents
from hero_onboarding.otoml import encode_batch
from hero_onboarding.usage import Bucket
from hero_onboarding_schema import OTime, UsageRecord
from tests.conftest import NewUrl
from tests.fakes.clock import FakeClock
from tests.fakes.forge import FakeForge, blob_of
from tests.support.world import AT, HOUR, World, a_record

PATH = path_of(Bucket("node-a", HOUR))
OTHER = path_of(Bucket("node-b", HOUR))
COMMITS_MAX = 30


class CutOffError(Exception):
    """The pass ended here."""


@dataclass
class CutOff:
    """A trace that ends a pass before its n-th commit."""

    at: int = 0
    commits: int = 0

    def __call__(self, point: str) -> None:
        self.commits += point == "before commit"
        if point == "before commit" and self.commits == self.at:
            raise CutOffError


def incidents(world: World) -> list[Incident]:
    with world.database.reading() as tx:
        return list(list_incidents(tx, None).items)


def kinds(world: World) -> list[tuple[str, str]]:
    return [(one.kind, one.path) for one in reversed(incidents(world))]


def without(forge: FakeForge, *paths: str) -> None:
    forge.write({path: file for path, file in forge.files.items() if path not in paths})


def test_a_record_that_vanished_while_its_file_was_away_is_reported(
    world: World, forge: FakeForge
) -> None:
    forge.put(PATH, encode_batch([a_record("k1"), a_record("k2")]))
    forge.put(OTHER, encode_batch([a_record("k1", node_id="node-b")]))
    world.aggregate()
    without(forge, PATH)
    world.aggregate()

    forge.put(PATH, encode_batch([a_record("k2")]))
    world.aggregate()

    assert kinds(world) == [("file_vanished", PATH), ("record_vanished", PATH)]
    assert world.nets(["ada"]) == {"ada": 850_000}


@dataclass(frozen=True)
class Interrupted:
    """A first reading that ended before a commit; ``world`` is as it was left."""

    world: World
    forge: FakeForge
    is_complete: bool


def read_until(url: str, at: int) -> Interrupted:
    cut_off, forge = CutOff(), FakeForge()
    world = World(open_database(url, trace=cut_off), forge, FakeClock())
    world.allow_all()
    world.users("ada", amount=1_000_000)
    forge.put(PATH, encode_batch([a_record("k1"), a_record("k2")]))
    cut_off.at, cut_off.commits = at, 0
    is_complete = False
    try:
        world.aggregate()
        is_complete = True
    except CutOffError:
        end_lease(world)
    cut_off.at = 0
    return Interrupted(world, forge, is_complete)


def test_wherever_a_first_reading_ends_what_was_billed_and_vanished_is_reported(
    engine: str, new_database_url: NewUrl
) -> None:
    outcomes = set()
    is_complete = False
    for at in range(1, COMMITS_MAX):
        if is_complete:
            break
        left = read_until(new_database_url(engine), at)
        world, is_complete = left.world, left.is_complete

        left.forge.put(PATH, encode_batch([a_record("k2")]))
        world.aggregate()

        was_billed = world.nets(["ada"]) == {"ada": 900_000}
        assert kinds(world) == ([("record_vanished", PATH)] if was_billed else []), at
        outcomes.add(was_billed)
        world.assert_books()
        world.database.close()

    assert is_complete
    assert outcomes == {True, False}


def end_lease(world: World) -> None:
    with world.database.transaction() as tx:
        tx.execute(text("UPDATE repositories SET lease_until = 0"))


@pytest.mark.parametrize(
    "altered",
    [
        a_record("k1", node_id="node-z", amount_cents=999),
        a_record("k1", occurred_at=OTime(AT + 3600)),
        a_record("k1", corrects="k2"),
        a_record("k1", amount_cents=999),
    ],
    ids=["node", "hour", "corrects", "amount"],
)
def test_a_record_that_was_altered_in_any_way_is_a_conflict(
    world: World, forge: FakeForge, altered: UsageRecord
) -> None:
    forge.put(PATH, encode_batch([a_record("k1"), a_record("k2")]))
    world.aggregate()

    forge.put(PATH, encode_batch([a_record("k2"), altered]))
    world.aggregate()

    assert kinds(world) == [("key_conflict", PATH)]
    assert incidents(world)[0].evidence["key"] == "k1"
    assert world.nets(["ada"]) == {"ada": 900_000}


def test_a_record_that_became_unreadable_has_vanished(world: World, forge: FakeForge) -> None:
    content = encode_batch([a_record("k1"), a_record("k2")])
    forge.put(PATH, content)
    world.aggregate()

    forge.put(PATH, content.replace(b"amount_cents = 5", b"amount_cents = nan", 1))
    world.aggregate()

    assert kinds(world) == [("record_vanished", PATH)]
    assert world.nets(["ada"]) == {"ada": 900_000}


def test_a_node_whose_folder_became_a_file_has_lost_its_files(
    world: World, forge: FakeForge
) -> None:
    forge.put(PATH, encode_batch([a_record("k1")]))
    world.aggregate()

    forge.write({"nodes/node-a": ("100644", b"hi")})
    world.aggregate()

    assert set(kinds(world)) == {("file_vanished", PATH), ("unexpected_file", "nodes/node-a")}
    assert world.nets(["ada"]) == {"ada": 950_000}


def test_a_node_that_was_read_in_part_is_missed_too(world: World, forge: FakeForge) -> None:
    late = encode_batch([a_record("k2", occurred_at=OTime(AT + 3600))])
    forge.put(PATH, encode_batch([a_record("k1")]))
    forge.put(path_of(Bucket("node-a", HOUR + 1)), late)
    forge.put(OTHER, encode_batch([a_record("k1", node_id="node-b")]))
    forge.broken = {blob_of(late)}
    assert world.aggregate().failures == 1

    forge.write({path: file for path, file in forge.files.items() if "node-a" not in path})
    world.aggregate()

    assert kinds(world) == [("file_vanished", PATH)]
    assert world.nets(["ada"]) == {"ada": 900_000}


def test_a_file_of_which_nothing_was_billed_is_not_missed(world: World, forge: FakeForge) -> None:
    content = encode_batch([a_record("k1")])
    forge.put(PATH, content)
    forge.put(OTHER, encode_batch([a_record("k1", node_id="node-b")]))
    forge.broken = {blob_of(content)}
    world.aggregate()

    without(forge, PATH)

    assert world.aggregate() == PassCounts(repositories=1)
    assert incidents(world) == []


def test_a_lasting_conflict_in_a_growing_file_is_one_incident(
    world: World, forge: FakeForge
) -> None:
    forge.put(PATH, encode_batch([a_record("k1")]))
    world.aggregate()

    for count in range(3):
        news = [a_record(f"n{number}") for number in range(count)]
        forge.put(PATH, encode_batch([a_record("k1", amount_cents=50), *news]))
        world.aggregate()

    (incident,) = incidents(world)
    assert (incident.kind, incident.times) == ("key_conflict", 3)


MANY: dict[str, Callable[[int], UsageRecord]] = {
    "one key again and again": lambda number: a_record("k1", amount_cents=number + 100),
    "many claimed keys": lambda number: a_record(f"k{number}", amount_cents=77),
}


@pytest.mark.parametrize("name", MANY)
def test_thousands_of_conflicts_in_a_file_are_counted_not_listed(
    world: World, forge: FakeForge, name: str
) -> None:
    forge.put(PATH, encode_batch([a_record(f"k{number}") for number in range(2_000)]))
    world.aggregate()
    billed = world.nets(["ada"])

    blocks = [encode_batch([MANY[name](number)]) for number in range(2_000)]
    forge.put(PATH, encode_batch([a_record("k1")]) + b"\n" + b"\n".join(blocks))
    world.aggregate()

    found = [one for one in incidents(world) if one.kind == "key_conflict"]
    assert len(found) <= 21
    if name == "many claimed keys":
        assert any(one.evidence.get("keys") == 2_000 for one in found)
    assert world.nets(["ada"]) == billed
