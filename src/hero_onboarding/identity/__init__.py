"""Users: who they are, and the keys they have."""

from hero_onboarding.identity.errors import (
    SidTakenError,
    WrongAddressError,
    WrongKeyError,
    WrongNameError,
    WrongSidError,
)
from hero_onboarding.identity.mycelium import Address, PublicKey
from hero_onboarding.identity.service import create_user
from hero_onboarding.identity.sessions import (
    LIFE,
    Origin,
    Session,
    close_session,
    find_session,
    list_sessions,
    note_use,
    open_session,
    revoke_others,
    revoke_session,
    session_id_of,
)
from hero_onboarding.identity.store import User, find_existing, find_user, list_users, take_number

__all__ = [
    "LIFE",
    "Address",
    "Origin",
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
    "list_sessions",
    "list_users",
    "note_use",
    "open_session",
    "revoke_others",
    "revoke_session",
    "session_id_of",
    "take_number",
]
