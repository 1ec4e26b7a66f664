"""The database: engine, transaction, catalogue, the locks of folder and file."""

from hero_onboarding.database.engine import (
    Database,
    Trace,
    Transaction,
    open_database,
    sqlite_module,
    sqlite_path,
)
from hero_onboarding.database.errors import (
    ClockBackwardsError,
    DatabaseHeldError,
    DatabaseUnavailableError,
    DatabaseUnusableError,
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
from hero_onboarding.database.lock import find_owner, own_data_folder, own_database_file
from hero_onboarding.database.metadata import metadata
from hero_onboarding.database.together import Together
from hero_onboarding.database.types import Instant, RowId, micros_of, values_of

__all__ = [
    "ClockBackwardsError",
    "Database",
    "DatabaseHeldError",
    "DatabaseUnavailableError",
    "DatabaseUnusableError",
    "Instant",
    "RowId",
    "SandboxClock",
    "Together",
    "Trace",
    "Transaction",
    "WrongModeError",
    "find_mode",
    "find_offset",
    "find_owner",
    "lock_offset",
    "metadata",
    "micros_of",
    "move_clock",
    "open_database",
    "own_data_folder",
    "own_database_file",
    "sqlite_module",
    "sqlite_path",
    "stamp_mode",
    "values_of",
]
