"""The books, checked in full and at most once a minute however many operators look."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from hero_onboarding.aggregation import Check, check_books
from hero_onboarding.database import Transaction

KEPT_FOR: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CheckedBooks:
    """Every equation as it was at an instant."""

    at: datetime
    checks: tuple[Check, ...]

    @property
    def wrong(self) -> tuple[Check, ...]:
        """The equations that don't hold."""
        return tuple(check for check in self.checks if not check.ok)


class RecentBooks:
    """Keeps the last check for a minute: a check reads every entry there is."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._checked: CheckedBooks | None = None

    def at(self, tx: Transaction, now: datetime) -> CheckedBooks:
        """Return a check that is at most a minute old, made now if there is none."""
        with self._lock:
            kept = self._checked
            if kept is None or not timedelta() <= now - kept.at < KEPT_FOR:
                kept = CheckedBooks(now, tuple(check_books(tx)))
                self._checked = kept
            return kept
