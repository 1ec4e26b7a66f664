"""The scheduler inside the server: elects each slot in the database, so many may run at once."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from hero_onboarding.database import Database, Transaction
from hero_onboarding.jobs import Job, elect_slot, enqueue, newest_slot
from hero_onboarding.kernel.clock import Clock, unix_seconds
from hero_onboarding.kernel.errors import HeroError
from hero_onboarding.scheduling.ports import Action
from hero_onboarding.scheduling.runner import JobRunner, attempt

TICK_SECONDS: Final = 1.0
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class EmbeddedScheduler:
    """Looks once a tick whether an action's next slot has begun, then runs what is due.

    Times are the product's clock, so setting the sandbox's clock forward brings the next slot. Of
    several slots that passed unseen only the newest is run: each run does all there is to do.
    """

    database: Database
    clock: Clock
    runner: JobRunner
    tick_seconds: float = TICK_SECONDS
    actions: dict[str, Action] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def register(self, action: Action) -> None:
        """Begin to run an action; the slot of the present moment counts as run."""
        with self.database.transaction() as tx:
            if newest_slot(tx, action.name) is None:
                now = self.clock.now()
                elect_slot(tx, action.name, action.slot_of(unix_seconds(now)), now)
        self.actions[action.name] = action

    def unregister(self, name: str) -> None:
        """Stop running an action."""
        self.actions.pop(name, None)

    def list_actions(self) -> Sequence[str]:
        """Return the names of the registered actions."""
        return sorted(self.actions)

    def start(self) -> None:
        """Begin to look, in a thread of its own."""
        self.thread = threading.Thread(target=self._run, name="scheduler", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Finish the job at hand and end."""
        self.stopping.set()
        if self.thread is not None:
            self.thread.join()

    def enqueue_slots(self) -> int:
        """Enqueue the jobs of actions whose slot has begun and nobody was elected for."""
        enqueued = 0
        for action in list(self.actions.values()):
            with self.database.transaction() as tx:
                enqueued += self._enqueue_slot(tx, action)
        return enqueued

    def _enqueue_slot(self, tx: Transaction, action: Action) -> int:
        now = self.clock.now()
        slot = action.slot_of(unix_seconds(now))
        newest = newest_slot(tx, action.name)
        if newest is not None and newest >= slot:
            return 0
        if not elect_slot(tx, action.name, slot, now):
            return 0
        return sum(enqueue(tx, Job(kind, action.name, now)) for kind in action.jobs)

    def _run(self) -> None:
        while not self.stopping.wait(self.tick_seconds):
            error = attempt(self._tick)
            if error is not None:
                trace = None if isinstance(error, HeroError) else error
                _log.warning("the scheduler could not look: %s", error, exc_info=trace)

    def _tick(self) -> None:
        self.enqueue_slots()
        self.runner.run_due(is_stopping=self.stopping.is_set)
