"""Server-side sessions: the browser holds a random token, the database its digest.

A session ends when it was not used for a while, at the latest some days after it was opened (an
operator's some hours), and when it is revoked. One that somebody else may have started is limited
at first: it may look and pay, and nothing that would give the account away.
"""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, exists, func, select, update

from hero_onboarding.database import Transaction
from hero_onboarding.identity.tables import sessions, users

LIFE: Final = timedelta(days=7)
OPERATOR_LIFE: Final = timedelta(hours=12)
IDLE: Final = timedelta(hours=12)
LIMITED: Final = timedelta(hours=24)
_SEEN_STEP: Final = timedelta(minutes=5)
_TOKEN_BYTES: Final = 32
_ID_BYTES: Final = 9


_c = sessions.c
_SEEN_AT: Final = func.coalesce(_c.seen_at, _c.opened_at, type_=_c.opened_at.type)
_others: Final = sessions.alias("others")
_IS_WATCHED: Final = exists().where(
    _others.c.user_sid == _c.user_sid,
    _others.c.token_digest != _c.token_digest,
    _others.c.limited_until.is_not(None),
    _others.c.acknowledged_at.is_(None),
    _others.c.expires_at > bindparam("now"),
)
_LASTING: Final = (
    select(sessions, users.c.language, users.c.time_zone, _IS_WATCHED.label("is_watched"))
    .select_from(sessions.outerjoin(users, users.c.sid == _c.user_sid))
    .where(
        _c.expires_at > bindparam("now"),
        bindparam("idle_since", type_=_c.opened_at.type) < _SEEN_AT,
    )
)
_ONE_SESSION: Final = _LASTING.where(_c.token_digest == bindparam("token_digest"))
"""Built once: every request of a browser asks it."""


@dataclass(frozen=True, slots=True)
class Origin:
    """How and where a session was opened.

    Attributes:
        method: ``key``, ``code``, ``message``, ``email``, ``passkey``, ``sandbox`` or ``secret``.
        place: The network that the browser is in.
        browser: Its kind, as people call it.
    """

    method: str
    place: str = ""
    browser: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in: a user, or an operator when ``user_sid`` is None.

    Attributes:
        id: Names the session to its owner; it opens nothing.
        user_sid: Whose it is.
        opened_at: When it was opened.
        seen_at: When it was last used, to within five minutes.
        expires_at: When it ends though it is used.
        limited_until: Until when it may only look and pay, None for a full one.
        origin: How and where it was opened.
        language: What its user reads, None if they never chose.
        time_zone: The zone that its user chose, by name.
        is_watched: Whether a code opened another session of the user's, who has not said yet that
            it is theirs: somebody else may have opened it.
        is_acknowledged: Whether the user said so of this one, or nobody has to.
    """

    id: str
    user_sid: str | None
    opened_at: datetime
    seen_at: datetime
    expires_at: datetime
    limited_until: datetime | None
    origin: Origin
    language: str | None = None
    time_zone: str | None = None
    is_watched: bool = False
    is_acknowledged: bool = True

    @property
    def is_operator(self) -> bool:
        """Whether this is an operator's session."""
        return self.user_sid is None

    @property
    def sid(self) -> str:
        """Return the user's sid of a session that is no operator's."""
        assert self.user_sid is not None, "a user's session has a user"
        return self.user_sid

    def is_full(self, now: datetime) -> bool:
        """Whether it may do everything that its user may."""
        return self.limited_until is None or self.limited_until <= now

    def is_seen_late(self, now: datetime) -> bool:
        """Whether its use is worth noting again."""
        return now - self.seen_at >= _SEEN_STEP


def open_session(
    tx: Transaction,
    user_sid: str | None,
    now: datetime,
    origin: Origin,
    *,
    is_limited: bool = False,
) -> str:
    """Sign somebody in and return the token that only their browser will know."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    tx.execute(delete(sessions).where(sessions.c.expires_at <= now))
    tx.execute(
        sessions.insert().values(
            token_digest=_digest(token),
            user_sid=user_sid,
            opened_at=now,
            expires_at=now + (OPERATOR_LIFE if user_sid is None else LIFE),
            seen_at=now,
            limited_until=now + LIMITED if is_limited else None,
            method=origin.method,
            place=origin.place,
            browser=origin.browser,
        )
    )
    return token


def find_session(tx: Transaction, token: str, now: datetime) -> Session | None:
    """Return the session of a token while it lasts."""
    given = {"token_digest": _digest(token), **_instants(now)}
    row = tx.execute(_ONE_SESSION, given).first()
    return None if row is None else _session(row)


def list_sessions(tx: Transaction, user_sid: str, now: datetime) -> Sequence[Session]:
    """List a user's sessions that last, newest first."""
    c = sessions.c
    query = _LASTING.where(c.user_sid == user_sid).order_by(c.opened_at.desc(), c.token_digest)
    return [_session(row) for row in tx.execute(query, _instants(now))]


def note_use(tx: Transaction, token: str, now: datetime) -> None:
    """Note that a session is used, so that it does not end for being idle."""
    c = sessions.c
    tx.execute(update(sessions).where(c.token_digest == _digest(token)).values(seen_at=now))


def close_session(tx: Transaction, token: str) -> None:
    """Sign out; repeating is safe."""
    tx.execute(delete(sessions).where(sessions.c.token_digest == _digest(token)))


def revoke_session(tx: Transaction, user_sid: str, session_id: str) -> None:
    """End one of a user's own sessions, named by its id; repeating is safe."""
    c = sessions.c
    for digest in tx.execute(select(c.token_digest).where(c.user_sid == user_sid)).scalars().all():
        if _id_of(bytes(digest)) == session_id:
            tx.execute(delete(sessions).where(c.token_digest == digest))


def acknowledge_others(tx: Transaction, user_sid: str, token: str, now: datetime) -> None:
    """Note that a user knows all their sessions but the one of a token; repeating is safe."""
    c = sessions.c
    is_open = (c.user_sid == user_sid, c.token_digest != _digest(token))
    tx.execute(
        update(sessions).where(*is_open, c.acknowledged_at.is_(None)).values(acknowledged_at=now)
    )


def revoke_others(tx: Transaction, user_sid: str, token: str) -> None:
    """End all of a user's sessions but the one of a token."""
    c = sessions.c
    tx.execute(delete(sessions).where(c.user_sid == user_sid, c.token_digest != _digest(token)))


def session_id_of(token: str) -> str:
    """Return the id of the session that a token opens."""
    return _id_of(_digest(token))


def _instants(now: datetime) -> dict[str, datetime]:
    return {"now": now, "idle_since": now - IDLE}


def _session(row: Row[Any]) -> Session:
    return Session(
        id=_id_of(bytes(row.token_digest)),
        user_sid=row.user_sid,
        opened_at=row.opened_at,
        seen_at=row.seen_at or row.opened_at,
        expires_at=row.expires_at,
        limited_until=row.limited_until,
        origin=Origin(row.method, row.place, row.browser),
        language=row.language,
        time_zone=row.time_zone,
        is_watched=bool(row.is_watched),
        is_acknowledged=row.limited_until is None or row.acknowledged_at is not None,
    )


def _id_of(digest: bytes) -> str:
    """Name a session by part of its digest, which says nothing about its token."""
    return base64.urlsafe_b64encode(digest[:_ID_BYTES]).decode()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
