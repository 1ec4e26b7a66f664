"""Claim what is due, do it, mark it done; a dead worker's job is taken over."""

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from hero_onboarding.database import Database, Transaction
from hero_onboarding.jobs import (
    ClaimedJob,
    LeaseLostError,
    claim_due,
    complete,
    give_back,
)
from hero_onboarding.kernel.clock import Clock
from hero_onboarding.scheduling.actions import Handler

_log = logging.getLogger(__name__)


def attempt(do: Callable[[], object]) -> Exception | None:
    """Do something and return what it raised: nothing may end the thread that runs jobs."""
    try:
        do()
    except Exception as error:  # noqa: BLE001 - a failing job must never end the runner
        return error
    return None


def _go_on(_: float) -> None:
    """Rest not at all."""


@dataclass(frozen=True, slots=True)
class JobRunner:
    """Does jobs one after another.

    Attributes:
        rest: Told after each job how many seconds it took; returns when the next one may begin.
    """

    database: Database
    clock: Clock
    handlers: Mapping[str, Handler]
    chance: random.Random = field(default_factory=random.Random)
    rest: Callable[[float], None] = _go_on

    def run_due(self, *, is_stopping: Callable[[], bool] = lambda: False) -> tuple[int, int]:
        """Run jobs until none is due or it is to stop; return how many ran and how many failed."""
        ran = failed = 0
        job = None if is_stopping() else self._claim()
        while job is not None:
            begun = time.monotonic()
            error = attempt(partial(self.handlers[job.kind], job.payload))
            ran, failed = ran + 1, failed + (error is not None)
            if error is not None:
                self._give_back(job, error)
            self.rest(time.monotonic() - begun)
            is_over = is_stopping()
            if error is None:
                job = self._complete(job, claims=not is_over)
            else:
                job = None if is_over else self._claim()
        return ran, failed

    def _claim(self) -> ClaimedJob | None:
        with self.database.transaction() as tx:
            return self._claim_in(tx)

    def _claim_in(self, tx: Transaction) -> ClaimedJob | None:
        claimed = claim_due(tx, self.clock.now(), kinds=list(self.handlers), limit=1)
        return claimed[0] if claimed else None

    def _complete(self, job: ClaimedJob, *, claims: bool) -> ClaimedJob | None:
        """Mark a job done and claim the next one in the same transaction; return that."""
        try:
            with self.database.transaction() as tx:
                complete(tx, job)
                return self._claim_in(tx) if claims else None
        except LeaseLostError:
            _log.warning("job %s was taken over while it ran", job.kind)
        return self._claim() if claims else None

    def _give_back(self, job: ClaimedJob, error: Exception) -> None:
        """Let the job wait for another try; what another worker took over is its own."""
        _log.warning("job %s failed at attempt %d: %s", job.kind, job.attempts, error)
        try:
            with self.database.transaction() as tx:
                text = f"{type(error).__name__}: {error}"
                give_back(tx, job, text, self.chance)
        except LeaseLostError:
            _log.warning("job %s was taken over while it failed", job.kind)
