"""Users: who they are, and the keys they have."""

from hero_onboarding.identity.errors import (
    KeyFileMissingError,
    KeyFileShortError,
    KeyFileUnreadableError,
    SidTakenError,
    WrongAddressError,
    WrongKeyError,
    WrongNameError,
    WrongSidError,
)
from hero_onboarding.identity.key_file import KeyFile, read_key_file, usual_places
from hero_onboarding.identity.mycelium import Address, PublicKey
from hero_onboarding.identity.service import create_user
from hero_onboarding.identity.sessions import (
    LIFE,
    Session,
    close_session,
    find_session,
    open_session,
)
from hero_onboarding.identity.store import User, find_existing, find_user, list_users

__all__ = [
    "LIFE",
    "Address",
    "KeyFile",
    "KeyFileMissingError",
    "KeyFileShortError",
    "KeyFileUnreadableError",
    "PublicKey",
    "Session",
    "SidTakenError",
    "User",
    "WrongAddressError",
    "WrongKeyError",
    "WrongNameError",
    "WrongSidError",
    "close_session",
    "create_user",
    "find_existing",
    "find_session",
    "find_user",
    "list_users",
    "open_session",
    "read_key_file",
    "usual_places",
]
