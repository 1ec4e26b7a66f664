"""What is not billed: why, for how long, and how it leaves."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from hero_onboarding.aggregation import PassCounts, Quarantined, list_quarantine
from hero_onboarding.aggregation.layout import path_of
from hero_onboarding.database import open_database
from hero_onboarding.incidents import Incident, list_incidents
from hero_onboarding.ledger import FactKind, list_facts
from hero_onboarding.otoml import encode_batch
from hero_onboarding.usage import Bucket, ChargeRight, give_right, list_rights, take_right
from hero_onboarding_schema import OTime, UsageRecord
from tests.conftest import NewUrl
from tests.fakes.clock import FakeClock
from tests.fakes.forge import FakeForge
from tests.support.world import AT, HOUR, World, a_record

PATH = path_of(Bucket("node-a", HOUR))


def quarantined(world: World) -> list[Quarantined]:
    with world.database.reading() as tx:
        return list(list_quarantine(tx, None).items)


def incidents(world: World) -> list[Incident]:
    with world.database.reading() as tx:
        return list(list_incidents(tx, None).items)


def put(forge: FakeForge, *records: UsageRecord, path: str = PATH) -> None:
    forge.put(path, encode_batch(records))


def only_right(world: World, right: ChargeRight) -> None:
    with world.database.transaction() as tx:
        for old in list_rights(tx):
            take_right(tx, old.number)
        give_right(tx, right, world.clock.now())


def test_an_unknown_user_waits_and_is_charged_once_known(world: World, forge: FakeForge) -> None:
    put(forge, a_record("k1", user_sid="eve"), a_record("k2"))

    assert world.aggregate() == PassCounts(
        repositories=1, files_read=1, records_new=1, records_quarantined=1, transfers=1
    )
    (row,) = quarantined(world)
    assert (row.reason, row.key, row.source.path) == ("unknown_user", "k1", PATH)
    assert row.line == 1

    assert world.retry().waiting == 1
    world.users("eve", amount=100_000)
    assert world.retry().released == 1
    assert world.aggregate().transfers == 1
    assert world.nets(["eve", "ada"]) == {"eve": 50_000, "ada": 950_000}
    assert quarantined(world) == []
    assert world.retry().released == 0


def test_without_a_right_a_node_charges_nobody(world: World, forge: FakeForge) -> None:
    only_right(world, ChargeRight("node-b", None, None))
    put(forge, a_record())

    world.aggregate()

    assert [row.reason for row in quarantined(world)] == ["no_right"]
    assert world.nets(["ada"]) == {"ada": 1_000_000}


def test_the_record_that_would_pass_the_cap_waits_and_the_next_may_fit(
    world: World, forge: FakeForge
) -> None:
    only_right(world, ChargeRight("node-a", "ada", 100_000))
    put(
        forge,
        a_record("k1", amount_cents=6),
        a_record("k2", amount_cents=5),
        a_record("k3", amount_cents=4),
    )

    world.aggregate()

    assert [(row.key, row.reason) for row in quarantined(world)] == [("k2", "over_cap")]
    assert world.nets(["ada"]) == {"ada": 900_000}
    only_right(world, ChargeRight("node-a", "ada", 150_000))
    assert world.retry().released == 1
    world.aggregate()
    assert world.nets(["ada"]) == {"ada": 850_000}


def test_the_most_generous_right_counts(world: World, forge: FakeForge) -> None:
    only_right(world, ChargeRight("node-a", None, 10_000))
    with world.database.transaction() as tx:
        give_right(tx, ChargeRight(None, "ada", 50_000), world.clock.now())
    put(forge, a_record())

    world.aggregate()

    assert quarantined(world) == []


def test_a_record_ahead_of_the_clock_waits_for_its_time(world: World, forge: FakeForge) -> None:
    later = OTime(AT + 3600 * 2)
    put(forge, a_record(occurred_at=later), path=path_of(Bucket("node-a", HOUR + 2)))

    world.aggregate()
    assert [row.reason for row in quarantined(world)] == ["in_future"]
    assert world.retry().released == 0

    world.clock.advance(hours=1)
    assert world.retry().released == 1


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (a_record(node_id="node-b"), "wrong_node"),
        (a_record(occurred_at=OTime(AT + 3600)), "wrong_hour"),
        (a_record(corrects="k0"), "wrong_field"),
    ],
)
def test_what_can_never_be_billed_is_refused_and_claims_nothing(
    world: World, forge: FakeForge, record: UsageRecord, reason: str
) -> None:
    put(forge, record)
    world.aggregate()

    assert [(row.reason, row.reason.is_retriable) for row in quarantined(world)] == [
        (reason, False)
    ]
    assert world.retry().waiting == 0

    put(forge, a_record(record.idempotency_key))
    world.aggregate()
    assert world.nets(["ada"]) == {"ada": 950_000}


def test_a_waiting_record_holds_its_key(world: World, forge: FakeForge) -> None:
    put(forge, a_record("k1", user_sid="eve"))
    world.aggregate()

    put(forge, a_record("k1"))
    world.aggregate()

    assert world.nets(["ada"]) == {"ada": 1_000_000}
    assert [incident.kind for incident in incidents(world)] == ["key_conflict"]


def test_two_nodes_may_use_the_same_key(world: World, forge: FakeForge) -> None:
    put(forge, a_record("k1"))
    put(forge, a_record("k1", node_id="node-b"), path=path_of(Bucket("node-b", HOUR)))

    world.aggregate()

    assert world.nets(["ada"]) == {"ada": 900_000}


BROKEN = {
    "broken TOML": b"[[records]\n",
    "empty": b"",
    "NUL": encode_batch([a_record("k9")]) + b"\0",
    "wrong top level": b"records = 3\n",
    "another key at the top": b"a = 1\n" + encode_batch([a_record("k9")]),
    "over the cap": b"# " + b"x" * 9_000_000,
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_file_that_is_refused_as_a_whole_stops_nothing_else(
    world: World, forge: FakeForge, content: bytes
) -> None:
    forge.put(PATH, content)
    put(forge, a_record("k1", node_id="node-b"), path=path_of(Bucket("node-b", HOUR)))

    counts = world.aggregate()

    assert (counts.files_read, counts.records_new, counts.failures) == (2, 1, 0)
    assert [row.reason for row in quarantined(world)] == ["file_refused"]
    assert world.aggregate().unchanged == 1
    assert world.nets(["ada"]) == {"ada": 950_000}


FIELDS = {
    "NaN": ("amount_cents = 5", "amount_cents = nan"),
    "a float": ("amount_cents = 5", "amount_cents = 5.0"),
    "2^63": ("amount_cents = 5", "amount_cents = 9223372036854775808"),
    "negative": ("amount_cents = 5", "amount_cents = -5"),
    "a string for a number": ("amount_cents = 5", 'amount_cents = "5"'),
    "a boolean for a number": ("amount_cents = 5", "amount_cents = true"),
    "a date for a string": ('"2026-03-01 10:00:00"', "2026-03-01 10:00:00"),
    "an upper-case user": ('user_sid = "ada"', 'user_sid = "Ada"'),
    "an empty key": ('idempotency_key = "k1"', 'idempotency_key = ""'),
}


@pytest.mark.parametrize("change", FIELDS.values(), ids=FIELDS.keys())
def test_a_wrong_field_refuses_its_record_alone(
    world: World, forge: FakeForge, change: tuple[str, str]
) -> None:
    text = encode_batch([a_record("k1")]).decode().replace(*change)
    forge.put(PATH, text.encode() + b"\n" + encode_batch([a_record("k2")]))

    counts = world.aggregate()

    if counts.records_new == 0:  # the parser refuses the whole file for an integer too large
        assert [row.reason for row in quarantined(world)] == ["file_refused"]
        assert world.nets(["ada"]) == {"ada": 1_000_000}
        return
    (row,) = quarantined(world)
    assert (row.reason, row.line) == ("wrong_field", 1)
    assert world.nets(["ada"]) == {"ada": 950_000}


def test_of_very_many_refusals_the_count_is_kept(world: World, forge: FakeForge) -> None:
    good = encode_batch([a_record("k1")]).decode().splitlines()[1:]
    lines = "{a=1},\n" * 1_000_000
    forge.put(PATH, f"records=[{lines}{{{','.join(good)}}}]".encode())
    put(forge, a_record("k2", node_id="node-b"), path=path_of(Bucket("node-b", HOUR)))

    counts = world.aggregate()

    assert counts.records_new == 2
    rows = {row.reason: row for row in quarantined(world)}
    assert "1000000 records" in rows["too_many_refused"].detail  # type: ignore[index]  # a StrEnum
    assert counts.records_quarantined <= 1_001


def test_a_second_copy_of_a_key_inside_a_file_counts_once(world: World, forge: FakeForge) -> None:
    one = encode_batch([a_record("k1")])
    other = encode_batch([a_record("k1", amount_cents=9)])
    forge.put(PATH, one + b"\n" + one + b"\n" + other)

    world.aggregate()

    assert world.nets(["ada"]) == {"ada": 950_000}
    assert [incident.kind for incident in incidents(world)] == ["key_conflict"]


def test_a_retry_that_changes_nothing_writes_nothing(
    engine: str, new_database_url: NewUrl, clock: FakeClock
) -> None:
    statements: list[int] = []
    for count in (3, 300):
        points: list[str] = []
        database = open_database(new_database_url(engine), trace=points.append)
        own = FakeForge()
        world = World(database, own, clock)
        world.allow_all()
        put(own, *(a_record(f"k{number}", user_sid="eve") for number in range(count)))
        world.aggregate()
        before, batch = points.count("before statement"), batch_of(world)

        assert world.retry().waiting == count

        statements.append(points.count("before statement") - before - 1)
        assert batch_of(world) == batch
        database.close()

    assert statements[0] == statements[1] < 15


def batch_of(world: World) -> int:
    with world.database.reading() as tx:
        return int(tx.execute(text("SELECT batch FROM node_hours")).scalar_one())


def test_two_retries_at_once_release_each_record_once(world: World, forge: FakeForge) -> None:
    put(forge, *(a_record(f"k{number}", user_sid="eve") for number in range(200)))
    world.aggregate()
    world.users("eve", amount=100_000_000)

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: world.retry(), range(4)))

    assert sum(one.released for one in counts) == 200
    world.aggregate()
    assert world.nets(["eve"]) == {"eve": 90_000_000}
    with world.database.reading() as tx:
        assert len(list_facts(tx, FactKind.RELEASE)) == 200
