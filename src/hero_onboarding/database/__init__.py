"""The database: engine, transaction, catalogue, the lock of the data folder."""

from hero_onboarding.database.engine import (
    Database,
    Trace,
    Transaction,
    open_database,
    sqlite_module,
)
from hero_onboarding.database.errors import (
    ClockBackwardsError,
    DatabaseHeldError,
    DatabaseUnavailableError,
    WrongModeError,
)
from hero_onboarding.database.instance import (
    SandboxClock,
    find_mode,
    find_offset,
    lock_offset,
    move_clock,
    stamp_mode,
)
from hero_onboarding.database.lock import own_data_folder
from hero_onboarding.database.metadata import metadata
from hero_onboarding.database.types import Instant, RowId, micros_of

__all__ = [
    "ClockBackwardsError",
    "Database",
    "DatabaseHeldError",
    "DatabaseUnavailableError",
    "Instant",
    "RowId",
    "SandboxClock",
    "Trace",
    "Transaction",
    "WrongModeError",
    "find_mode",
    "find_offset",
    "lock_offset",
    "metadata",
    "micros_of",
    "move_clock",
    "open_database",
    "own_data_folder",
    "sqlite_module",
    "stamp_mode",
]
