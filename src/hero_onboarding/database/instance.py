"""What a database knows of itself: the mode it was made in, and the sandbox's clock."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Column, Table, Text, select, update

from hero_onboarding.database.engine import Database, Transaction
from hero_onboarding.database.errors import ClockBackwardsError, WrongModeError
from hero_onboarding.database.metadata import metadata

instance: Final = Table(
    "instance",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

_MODE: Final = "mode"
_OFFSET: Final = "clock_offset_seconds"
CLOCK_REFRESH_SECONDS: Final = 0.1


def stamp_mode(tx: Transaction, mode: str) -> bool:
    """Mark a new database with its mode; return whether it was new.

    Raises:
        WrongModeError: If it was made in the other mode.
    """
    insert = tx.insert(instance).on_conflict_do_nothing()
    new = tx.execute(insert.values(key=_MODE, value=mode).returning(instance.c.key)).first()
    stamped = _find(tx, _MODE)
    if stamped != mode:
        raise WrongModeError(f"this database was made in {stamped} mode, not in {mode} mode")
    return new is not None


def find_mode(tx: Transaction) -> str | None:
    """Return the mode a database was made in."""
    return _find(tx, _MODE)


def move_clock(tx: Transaction, offset: timedelta) -> None:
    """Set how far the sandbox's clock is ahead of the machine's; it never goes back.

    Raises:
        ClockBackwardsError: If it would.
    """
    if offset < lock_offset(tx):
        raise ClockBackwardsError("the sandbox's clock can only be set forward")
    statement = update(instance).where(instance.c.key == _OFFSET)
    tx.execute(statement.values(value=str(offset.total_seconds())))


def lock_offset(tx: Transaction) -> timedelta:
    """Return how far the sandbox's clock is ahead, and let nobody else move it meanwhile."""
    insert = tx.insert(instance).on_conflict_do_nothing()
    tx.execute(insert.values(key=_OFFSET, value="0"))
    query = select(instance.c.value).where(instance.c.key == _OFFSET).with_for_update()
    return timedelta(seconds=float(tx.execute(query).scalar_one()))


def find_offset(tx: Transaction) -> timedelta:
    """Return how far the sandbox's clock is ahead of the machine's."""
    return timedelta(seconds=float(_find(tx, _OFFSET) or "0"))


@dataclass(slots=True)
class SandboxClock:
    """A clock that ticks like the machine's, ahead by what the database says.

    All processes on one database agree within a tenth of a second of its being set.
    """

    database: Database
    _offset: timedelta = field(default=timedelta())
    _read_at: float = field(default=-1.0)

    def now(self) -> datetime:
        """Return the sandbox's present instant in UTC."""
        if time.monotonic() - self._read_at > CLOCK_REFRESH_SECONDS or self._read_at < 0:
            self.refresh()
        return datetime.now(tz=UTC) + self._offset  # noqa: TID251 - this is the Clock

    def refresh(self) -> None:
        """Read how far it is ahead."""
        with self.database.glancing() as tx:
            self._offset = find_offset(tx)
        self._read_at = time.monotonic()


def _find(tx: Transaction, key: str) -> str | None:
    return tx.execute(select(instance.c.value).where(instance.c.key == key)).scalar()
