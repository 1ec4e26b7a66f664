"""The key that makes the first other key: each server has one in its data folder."""

from pathlib import Path
from typing import Final

from hero_onboarding.api_keys import KeyRequest, Scope, authenticate_key, create_key
from hero_onboarding.bootstrap.secret_file import read_secret_file, settle_secret_file
from hero_onboarding.bootstrap.settings import Settings
from hero_onboarding.database import Database
from hero_onboarding.kernel.clock import Clock

FILE_NAME: Final = "operator_key"
_REQUEST: Final = KeyRequest("made by a server at its start", (Scope.KEYS_WRITE,))
_CREATED_BY: Final = "server"


def operator_key_path(settings: Settings) -> Path:
    """Return where a server keeps its operator key, and commands find it."""
    return settings.data_dir / FILE_NAME


def find_operator_key(settings: Settings) -> str | None:
    """Return the operator key that a server made in this data folder."""
    return read_secret_file(operator_key_path(settings))


def make_operator_key(settings: Settings, database: Database, clock: Clock) -> None:
    """Make an operator key (mode 0600) unless the file has one that opens something here.

    The database knows a new one before the file has it, so that what the file has is always good;
    a process that dies in between leaves a key that nobody can use.
    """

    def settle(found: str | None) -> str:
        now = clock.now()
        with database.transaction() as tx:
            key = None if found is None else authenticate_key(tx, found, now)
            if found is not None and key is not None and key.has_any(_REQUEST.scopes):
                return found
            return create_key(tx, _REQUEST, _CREATED_BY, now)[1]

    settle_secret_file(operator_key_path(settings), settle)
