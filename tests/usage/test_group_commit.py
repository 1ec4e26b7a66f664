"""Single records that arrive together share a transaction, and each gets its own answer."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager

import pytest

from hero_onboarding.database import Database, DatabaseUnavailableError
from hero_onboarding.database import together as module
from hero_onboarding.usage import GroupCommit, Intake, Outcome, count_journal, record_usage
from hero_onboarding.usage.errors import IngestBusyError
from hero_onboarding_schema import UsageRecord
from tests.support.world import a_record

Commit = Callable[[Sequence[UsageRecord]], Sequence[Outcome]]


@contextmanager
def running(commit: Commit) -> Iterator[GroupCommit]:
    group = GroupCommit(commit)
    group.start()
    try:
        yield group
    finally:
        group.stop()


def commit_to(database: Database, sizes: list[int]) -> Commit:
    def commit(batch: Sequence[UsageRecord]) -> Sequence[Outcome]:
        with database.transaction() as tx:
            outcomes = record_usage(tx, batch, Intake())
        sizes.append(len(batch))
        return outcomes

    return commit


async def all_of(
    records: Sequence[Coroutine[None, None, Outcome]],
) -> list[Outcome | BaseException]:
    return list(await asyncio.gather(*records, return_exceptions=True))


def test_records_that_wait_together_share_a_commit(database: Database) -> None:
    sizes: list[int] = []

    with running(commit_to(database, sizes)) as group:
        found = asyncio.run(all_of([group.record(a_record(f"k{n}")) for n in range(500)]))

    assert found == [Outcome.CREATED] * 500
    assert sum(sizes) == 500
    assert len(sizes) < 50, sizes
    with database.reading() as tx:
        assert count_journal(tx) == (500, 1)


def test_copies_in_one_group_are_answered_each_for_itself(database: Database) -> None:
    with running(commit_to(database, [])) as group:
        found = asyncio.run(
            all_of(
                [
                    group.record(a_record("k1")),
                    group.record(a_record("k1")),
                    group.record(a_record("k1", amount_cents=6)),
                    group.record(a_record("k2")),
                ]
            )
        )

    assert found == [Outcome.CREATED, Outcome.DUPLICATE, Outcome.CONFLICT, Outcome.CREATED]


def test_many_servers_at_once_create_each_key_once(database: Database) -> None:
    """Each with its own group, on connections of its own."""
    ready, created = threading.Barrier(4, timeout=30), []

    def work() -> None:
        with running(commit_to(database, [])) as group:
            ready.wait()
            found = asyncio.run(all_of([group.record(a_record(f"k{n}")) for n in range(200)]))
        assert set(found) <= {Outcome.CREATED, Outcome.DUPLICATE}
        created.append(found.count(Outcome.CREATED))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(created) == 200
    with database.reading() as tx:
        assert count_journal(tx) == (200, 1)


def test_a_record_that_breaks_its_group_fails_alone(database: Database) -> None:
    committed = commit_to(database, [])

    def commit(batch: Sequence[UsageRecord]) -> Sequence[Outcome]:
        if any(record.idempotency_key == "k7" for record in batch):
            raise RuntimeError("planted")
        return committed(batch)

    with running(commit) as group:
        found = asyncio.run(all_of([group.record(a_record(f"k{n}")) for n in range(20)]))

    assert [n for n, one in enumerate(found) if one is not Outcome.CREATED] == [7]
    assert repr(found[7]) == "RuntimeError('planted')"
    with database.reading() as tx:
        assert count_journal(tx) == (19, 1)


def test_what_waits_when_it_stops_is_committed_first(database: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()
    committed = commit_to(database, [])

    def commit(batch: Sequence[UsageRecord]) -> Sequence[Outcome]:
        begun.set()
        assert go_on.wait(30)
        return committed(batch)

    async def use(group: GroupCommit) -> list[Outcome | BaseException]:
        first = asyncio.create_task(group.record(a_record("k1")))
        await asyncio.to_thread(begun.wait, 30)
        second = asyncio.create_task(group.record(a_record("k2")))
        await asyncio.sleep(0)
        stopping = asyncio.create_task(asyncio.to_thread(group.stop))
        await asyncio.sleep(0.05)
        with pytest.raises(IngestBusyError):
            await group.record(a_record("k3"))
        go_on.set()
        await stopping
        return [await first, await second]

    group = GroupCommit(commit)
    group.start()
    found = asyncio.run(use(group))

    assert found == [Outcome.CREATED, Outcome.CREATED]
    with database.reading() as tx:
        assert count_journal(tx) == (2, 1)


def test_more_than_may_wait_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING_MAX", 3)
    begun, go_on = threading.Event(), threading.Event()

    def commit(batch: Sequence[UsageRecord]) -> Sequence[Outcome]:
        begun.set()
        assert go_on.wait(30)
        return [Outcome.CREATED for _ in batch]

    async def use(group: GroupCommit) -> list[Outcome | BaseException]:
        first = asyncio.create_task(group.record(a_record("first")))
        await asyncio.to_thread(begun.wait, 30)
        others = [asyncio.create_task(group.record(a_record(f"k{n}"))) for n in range(5)]
        await asyncio.sleep(0)
        go_on.set()
        return list(await asyncio.gather(first, *others, return_exceptions=True))

    with running(commit) as group:
        found = asyncio.run(use(group))

    assert found[:4] == [Outcome.CREATED] * 4
    assert [type(one) for one in found[4:]] == [IngestBusyError] * 2


def test_an_outage_is_told_to_all_at_once() -> None:
    sizes: list[int] = []

    def commit(batch: Sequence[UsageRecord]) -> Sequence[Outcome]:
        sizes.append(len(batch))
        raise DatabaseUnavailableError("all connections stayed busy")

    with running(commit) as group:
        found = asyncio.run(all_of([group.record(a_record(f"k{n}")) for n in range(200)]))

    assert {type(answer) for answer in found} == {DatabaseUnavailableError}
    assert len(found) == 200
    assert sum(sizes) == 200


def test_bad_records_are_found_by_halves(database: Database) -> None:
    sizes: list[int] = []
    good = commit_to(database, sizes)
    tried: list[int] = []

    def commit(batch: Sequence[UsageRecord]) -> Sequence[Outcome]:
        tried.append(len(batch))
        if any(record.idempotency_key == "k77" for record in batch):
            raise ValueError("k77")
        return good(batch)

    with running(commit) as group:
        found = asyncio.run(all_of([group.record(a_record(f"k{n}")) for n in range(200)]))

    assert [type(answer) for answer in found].count(ValueError) == 1
    assert found.count(Outcome.CREATED) == 199
    assert len(tried) < 40
