"""Users: who they are."""

from hero_onboarding.identity.errors import (
    SidTakenError,
    WrongNameError,
    WrongSidError,
)
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
    "Session",
    "SidTakenError",
    "User",
    "WrongNameError",
    "WrongSidError",
    "close_session",
    "create_user",
    "find_existing",
    "find_session",
    "find_user",
    "list_users",
    "open_session",
]
