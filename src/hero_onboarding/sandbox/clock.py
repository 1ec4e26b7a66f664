"""The test clock of a stand-in: an offset that ticks and only grows."""

import threading
from datetime import datetime, timedelta

from hero_onboarding.kernel.clock import Clock
from hero_onboarding.kernel.overriding import override
from hero_onboarding.sandbox.errors import ClockBackwardsError


class SettableClock(Clock):
    """Another clock plus an offset."""

    def __init__(self, machine: Clock) -> None:
        self._machine = machine
        self._offset = timedelta()
        self._lock = threading.Lock()

    @override
    def now(self) -> datetime:
        """Return the machine's instant moved by the offset."""
        with self._lock:
            return self._machine.now() + self._offset

    def set_to(self, moment: datetime) -> datetime:
        """Move to a later aware instant.

        Raises:
            ClockBackwardsError: If it lies before what the clock shows.
        """
        with self._lock:
            step = moment - (self._machine.now() + self._offset)
            return self._move(step)

    def advance(self, seconds: float) -> datetime:
        """Move forward by some seconds.

        Raises:
            ClockBackwardsError: If they are negative.
        """
        with self._lock:
            return self._move(timedelta(seconds=seconds))

    def _move(self, step: timedelta) -> datetime:
        if step < timedelta():
            raise ClockBackwardsError(f"the clock cannot go back by {-step}")
        self._offset += step
        return self._machine.now() + self._offset
