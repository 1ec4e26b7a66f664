"""Things that arrive together share one transaction.

Nothing stands between accepting a thing and storing it: a caller is answered when the transaction
that holds it is on disk. While one transaction commits, the next batch gathers. Where a transaction
costs much, two may begin some time apart: what comes after a rest waits for nothing all the same,
and under load fewer transactions hold more each.
"""

import asyncio
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeVar

from hero_onboarding.kernel.errors import UnavailableError

WAITING_MAX: Final = 20_000
TOGETHER_MAX: Final = 2_000
BUSY_SECONDS: Final = 0.1

Item = TypeVar("Item")
Done = TypeVar("Done")
_Answer = tuple["asyncio.Future[Any]", Any]


class Together(Generic[Item, Done]):
    """One thread that commits whatever is waiting, again and again.

    Args:
        commit: Stores a batch in one transaction of its own and returns when that is on disk.
        busy: Makes the failure of whoever finds too many waiting.
        most: How many share a transaction at most.
        apart: How many seconds lie between the beginnings of two transactions at least.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Item]], Sequence[Done]],
        busy: Callable[[], UnavailableError],
        most: int = TOGETHER_MAX,
        apart: float = 0,
    ) -> None:
        self._commit = commit
        self._busy = busy
        self._most = most
        self._apart = apart
        self._begun = self._came = -math.inf
        self._waiting: deque[tuple[Item, asyncio.Future[Done]]] = deque()
        self._changed = threading.Condition()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)

    @property
    def is_busy(self) -> bool:
        """Whether something came in the last tenth of a second."""
        return time.monotonic() - self._came < BUSY_SECONDS

    def start(self) -> None:
        """Begin to commit."""
        self._thread.start()

    def stop(self) -> None:
        """Commit what waits, then end."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify()
        self._thread.join()

    async def store(self, item: Item) -> Done:
        """Store one thing and return when it is on disk.

        Raises:
            UnavailableError: If too many wait already, or the server is stopping.
            Exception: Whatever its transaction failed with; its neighbours are not affected.
        """
        future: asyncio.Future[Done] = asyncio.get_running_loop().create_future()
        with self._changed:
            if self._is_stopping or len(self._waiting) >= WAITING_MAX:
                raise self._busy()
            self._waiting.append((item, future))
            self._came = time.monotonic()
            if len(self._waiting) in {1, self._most}:
                self._changed.notify()
        return await future

    def _run(self) -> None:
        while batch := self._take():
            answers = self._commit_together(batch)
            loops = {answer[0].get_loop() for answer in answers}
            for loop in loops:
                own = [answer for answer in answers if answer[0].get_loop() is loop]
                if not loop.is_closed():
                    loop.call_soon_threadsafe(_resolve, own)

    def _take(self) -> "list[tuple[Item, asyncio.Future[Done]]]":
        """Wait for things and take those that are there; none when it is time to end."""
        with self._changed:
            while not self._waiting and not self._is_stopping:
                self._changed.wait()
            self._gather()
            count = min(len(self._waiting), self._most)
            return [self._waiting.popleft() for _ in range(count)]

    def _gather(self) -> None:
        """Let more come where the last transaction began just now."""
        until = self._begun + self._apart
        while (left := until - time.monotonic()) > 0:
            if self._is_stopping or len(self._waiting) >= self._most:
                break
            self._changed.wait(left)
        self._begun = time.monotonic()

    def _commit_together(self, batch: "list[tuple[Item, asyncio.Future[Done]]]") -> list[_Answer]:
        """Commit a batch; when that fails, its halves, until the bad ones stand alone.

        An unavailable database is nobody's fault here: all are told at once, and may try again.
        """
        futures = [future for _, future in batch]
        try:
            outcomes = self._commit([item for item, _ in batch])
        except UnavailableError as error:
            return [(future, error) for future in futures]
        except Exception as error:  # noqa: BLE001 - whatever it was, every caller must be answered
            if len(batch) == 1:
                return [(futures[0], error)]
            half = len(batch) // 2
            return self._commit_together(batch[:half]) + self._commit_together(batch[half:])
        answers: list[_Answer] = list(zip(futures, outcomes, strict=True))
        return answers


def _resolve(answers: list[_Answer]) -> None:
    for future, answer in answers:
        if future.done():
            continue
        if isinstance(answer, BaseException):
            future.set_exception(answer)
        else:
            future.set_result(answer)
