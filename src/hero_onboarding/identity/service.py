"""Create users."""

import re
from datetime import datetime
from typing import Final

from hero_onboarding.database import Transaction
from hero_onboarding.identity import store
from hero_onboarding.identity.errors import SidTakenError, WrongNameError, WrongSidError
from hero_onboarding.identity.store import User
from hero_onboarding.kernel.ids import sid_from_counter

RESERVED_SIDS: Final = frozenset({"smoke"})
NAME_CHARACTERS_MAX: Final = 100
_SID: Final = re.compile(r"[a-z0-9_-]{1,64}")


def create_user(tx: Transaction, sid: str | None, name: str, now: datetime) -> tuple[User, bool]:
    """Create a user and say whether it is new; without a sid the next free one is taken.

    Raises:
        SidTakenError: If a user with this sid has another name.
        WrongNameError: If the name is too long or has control characters.
        WrongSidError: If the sid has another form or is reserved.
    """
    if len(name) > NAME_CHARACTERS_MAX or not (name == "" or name.isprintable()):
        raise WrongNameError(f"a name has at most {NAME_CHARACTERS_MAX} printable characters")
    if sid is None:
        return _create_next(tx, name, now), True
    if _SID.fullmatch(sid) is None:
        raise WrongSidError("a sid has 1 to 64 of [a-z0-9_-]")
    if sid in RESERVED_SIDS:
        raise WrongSidError(f"the sid {sid!r} is reserved")
    created = store.insert_user(tx, sid, name, now)
    user = store.find_user(tx, sid)
    assert user is not None, sid
    if user.name != name:
        raise SidTakenError(sid)
    return user, created


def _create_next(tx: Transaction, name: str, now: datetime) -> User:
    """Create a user under the next sid that nobody chose by hand."""
    while True:
        sid = sid_from_counter(store.take_number(tx, "users"))
        if sid not in RESERVED_SIDS and store.insert_user(tx, sid, name, now):
            user = store.find_user(tx, sid)
            assert user is not None, sid
            return user
