"""What arrives together shares a transaction, and transactions may begin some time apart."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hero_onboarding.database import Together
from hero_onboarding.kernel.errors import UnavailableError

LONG_SECONDS = 60.0
"""So far apart that no test ends in time which waits for it."""


class FullError(UnavailableError):
    """Too many wait."""

    code = "test.full"


def a_together(sizes: list[int], apart: float, most: int = 1_000) -> Together[int, int]:
    """Make something that remembers how many things each of its transactions held."""

    def commit(items: Sequence[int]) -> Sequence[int]:
        sizes.append(len(items))
        return items

    return Together(commit, FullError, most, apart)


@contextmanager
def storing(sizes: list[int], apart: float, most: int = 1_000) -> Iterator[Together[int, int]]:
    together = a_together(sizes, apart, most)
    together.start()
    try:
        yield together
    finally:
        together.stop()


async def one_by_one(together: Together[int, int], count: int) -> list[int]:
    """Store things that come a millisecond apart, each without waiting for the one before."""
    tasks = []
    for number in range(count):
        tasks.append(asyncio.create_task(together.store(number)))
        await asyncio.sleep(0.001)
    return await asyncio.gather(*tasks)


def test_what_comes_soon_after_a_transaction_gathers_for_the_next() -> None:
    sizes: list[int] = []

    with storing(sizes, apart=0.05) as together:
        found = asyncio.run(one_by_one(together, 100))

    assert found == list(range(100))
    assert sum(sizes) == 100
    assert sizes[0] <= 2, "the first waits for nobody"
    assert len(sizes) < 20, sizes


def test_what_comes_after_a_rest_waits_for_nothing() -> None:
    with storing([], apart=LONG_SECONDS) as together:
        assert asyncio.run(asyncio.wait_for(together.store(1), timeout=10)) == 1


def test_as_many_as_share_a_transaction_are_not_kept_waiting() -> None:
    sizes: list[int] = []

    async def store_all(together: Together[int, int]) -> list[int]:
        first = await together.store(0)
        return [first, *await asyncio.gather(*(together.store(one) for one in range(1, 6)))]

    with storing(sizes, apart=LONG_SECONDS, most=5) as together:
        found = asyncio.run(asyncio.wait_for(store_all(together), timeout=10))

    assert (found, sizes) == ([0, 1, 2, 3, 4, 5], [1, 5])


def test_what_gathers_when_it_stops_is_stored_at_once() -> None:
    sizes: list[int] = []

    async def store_and_stop(together: Together[int, int]) -> int:
        await together.store(0)
        waiting = asyncio.create_task(together.store(1))
        await asyncio.sleep(0.01)
        await asyncio.to_thread(together.stop)
        return await waiting

    begun = time.monotonic()
    together = a_together(sizes, LONG_SECONDS)
    together.start()
    found = asyncio.run(store_and_stop(together))

    assert (found, sizes) == (1, [1, 1])
    assert time.monotonic() - begun < LONG_SECONDS / 2


def test_it_is_busy_while_things_come() -> None:
    with storing([], apart=0) as together:
        before = together.is_busy
        asyncio.run(together.store(1))
        at_once = together.is_busy
        time.sleep(0.15)
        later = together.is_busy

    assert (before, at_once, later) == (False, True, False)
