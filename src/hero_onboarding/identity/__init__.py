"""Users: who they are, and the keys they have."""

from hero_onboarding.identity.errors import (
    SidTakenError,
    WrongAddressError,
    WrongKeyError,
    WrongNameError,
    WrongProfileError,
    WrongSidError,
)
from hero_onboarding.identity.mycelium import Address, PublicKey
from hero_onboarding.identity.profiles import Profile, get_profile, set_language, set_profile
from hero_onboarding.identity.service import create_user
from hero_onboarding.identity.sessions import (
    LIFE,
    Origin,
    Session,
    acknowledge_others,
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
    "Profile",
    "PublicKey",
    "Session",
    "SidTakenError",
    "User",
    "WrongAddressError",
    "WrongKeyError",
    "WrongNameError",
    "WrongProfileError",
    "WrongSidError",
    "acknowledge_others",
    "close_session",
    "create_user",
    "find_existing",
    "find_session",
    "find_user",
    "get_profile",
    "list_sessions",
    "list_users",
    "note_use",
    "open_session",
    "revoke_others",
    "revoke_session",
    "session_id_of",
    "set_language",
    "set_profile",
    "take_number",
]
