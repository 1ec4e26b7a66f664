"""Server-side sessions: the browser holds a random token, the database its digest."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select

from hero_onboarding.database import Transaction
from hero_onboarding.identity.tables import sessions

LIFE: Final = timedelta(hours=12)
_TOKEN_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in: a user, or an operator when ``user_sid`` is None."""

    user_sid: str | None
    expires_at: datetime

    @property
    def is_operator(self) -> bool:
        """Whether this is an operator's session."""
        return self.user_sid is None


def open_session(tx: Transaction, user_sid: str | None, now: datetime) -> str:
    """Sign somebody in and return the token that only their browser will know."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    tx.execute(delete(sessions).where(sessions.c.expires_at <= now))
    tx.execute(
        sessions.insert().values(
            token_digest=_digest(token),
            user_sid=user_sid,
            opened_at=now,
            expires_at=now + LIFE,
        )
    )
    return token


def find_session(tx: Transaction, token: str, now: datetime) -> Session | None:
    """Return the session of a token while it lasts."""
    c = sessions.c
    query = select(c.user_sid, c.expires_at).where(
        c.token_digest == _digest(token), c.expires_at > now
    )
    row = tx.execute(query).first()
    return None if row is None else Session(row.user_sid, row.expires_at)


def close_session(tx: Transaction, token: str) -> None:
    """Sign out; repeating is safe."""
    tx.execute(delete(sessions).where(sessions.c.token_digest == _digest(token)))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
