"""Attempts: a browser waits until somebody elsewhere approves what it asks for.

The browser is known by its pre-login cookie and shows a short code; whoever approves has to type
that code, so that nobody can be led to approve what they do not see.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, delete, select, tuple_, update

from hero_onboarding.database import Transaction
from hero_onboarding.identity import PublicKey
from hero_onboarding.kernel.codes import make_code
from hero_onboarding.sign_in.addresses import find_address
from hero_onboarding.sign_in.codes import TOKENS_MAX, is_name, tokens_of
from hero_onboarding.sign_in.domain import ATTEMPT_SECONDS, LIFE_SECONDS, LOGIN, ROTATE
from hero_onboarding.sign_in.sealing import SecretBox
from hero_onboarding.sign_in.store import digest_of
from hero_onboarding.sign_in.tables import approvals, attempts

CHALLENGES_MAX: Final = 5
_ID_BYTES: Final = 16
_TOGETHER: Final = timedelta(seconds=LIFE_SECONDS)
_KEPT: Final = timedelta(hours=1)
_c = attempts.c


class State(StrEnum):
    """What a waiting page shows."""

    WAITING = "waiting"
    APPROVED = "approved"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a browser asks for.

    Attributes:
        purpose: One of ``PURPOSES``.
        token: What the browser's pre-login cookie will carry for this attempt alone.
        place: The network that it is in.
        browser: Its kind, as people call it.
        session_id: The session that linking and rotating belong to.
        user_sid: Whose session that is.
    """

    purpose: str
    token: str
    place: str
    browser: str
    session_id: str | None = None
    user_sid: str | None = None


@dataclass(frozen=True, slots=True)
class Half:
    """One of the two approvals that rotating takes: by the user's old key, or by the new one.

    It counts until ``until``, and the other has to come before.
    """

    address: str
    is_old: bool
    until: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """A browser that waits.

    Attributes:
        id: Names it.
        purpose: One of ``PURPOSES``.
        code: What its page shows and whoever approves types.
        place: The network that it is in.
        browser: Its kind.
        expires_at: When it is over.
        is_approved: Whether enough approved it.
        user_sid: Whose session linking and rotating belong to, or who approved without a key.
        approved_address: What was proved last, once it is approved with a key.
        half: The newer of those who approved while rotating takes one more, over or not.
    """

    id: str
    purpose: str
    code: str
    place: str
    browser: str
    expires_at: datetime
    is_approved: bool
    user_sid: str | None
    approved_address: str | None = None
    half: Half | None = None

    def open_half(self, now: datetime) -> Half | None:
        """Return the approval that waits for the other one, None when none does."""
        return self.half if self.half is not None and self.half.until > now else None


@dataclass(frozen=True, slots=True)
class Approval:
    """A key whose holder approved, and how they proved it: ``key`` or ``message``."""

    public_key: PublicKey
    method: str


@dataclass(frozen=True, slots=True)
class Finished:
    """An attempt that was approved and is used up, as its browser's token is.

    Without approvals ``user_sid`` approved it.
    """

    purpose: str
    user_sid: str | None
    approvals: tuple[Approval, ...]
    token: str


def open_attempt(tx: Transaction, wish: Wish, box: SecretBox, now: datetime) -> Attempt:
    """Let a browser wait for ten minutes."""
    _forget_old(tx, now)
    attempt = Attempt(
        id=secrets.token_urlsafe(_ID_BYTES),
        purpose=wish.purpose,
        code=make_code(),
        place=wish.place,
        browser=wish.browser,
        expires_at=now + timedelta(seconds=ATTEMPT_SECONDS),
        is_approved=False,
        user_sid=wish.user_sid,
    )
    tx.execute(
        attempts.insert().values(
            id=attempt.id,
            purpose=attempt.purpose,
            sealed_code=box.seal(attempt.code.encode()),
            browser_digest=digest_of(wish.token),
            session_id=wish.session_id,
            user_sid=attempt.user_sid,
            place=attempt.place,
            browser=attempt.browser,
            expires_at=attempt.expires_at,
            challenges_left=CHALLENGES_MAX,
        )
    )
    return attempt


def find_attempt(tx: Transaction, attempt_id: str, cookie: str, box: SecretBox) -> Attempt | None:
    """Return an attempt to the browser that opened it, also when it is over but not forgotten."""
    if not is_name(attempt_id):
        return None
    row = tx.execute(select(attempts).where(_mine(attempt_id, cookie))).first()
    attempt = None if row is None else _attempt(row, box)
    if attempt is None:
        return None
    if not attempt.is_approved:
        return replace(attempt, half=_half(tx, attempt)) if attempt.purpose == ROTATE else attempt
    given = _approvals(tx, attempt_id)
    return (
        replace(attempt, approved_address=str(given[-1].public_key.address)) if given else attempt
    )


def state_of(attempt: Attempt, now: datetime) -> State:
    """Return what the waiting page shows."""
    if attempt.expires_at <= now:
        return State.EXPIRED
    return State.APPROVED if attempt.is_approved else State.WAITING


def is_waiting(attempt: Attempt, now: datetime) -> bool:
    """Whether it can still be approved."""
    return state_of(attempt, now) is State.WAITING


def take_challenge_of(
    tx: Transaction, attempt_id: str, box: SecretBox, now: datetime
) -> Attempt | None:
    """Use one of an attempt's five challenges; None when it has none, is over or unknown."""
    if not is_name(attempt_id):
        return None
    row = tx.execute(
        update(attempts)
        .where(_c.id == attempt_id, _c.challenges_left > 0, _is_waiting(now))
        .values(challenges_left=_c.challenges_left - 1)
        .returning(attempts)
    ).first()
    return None if row is None else _attempt(row, box)


def approve(tx: Transaction, attempt_id: str, approval: Approval, now: datetime) -> State | None:
    """Note that a key's holder approves; return what that led to, None if it waited no more.

    The first to approve is the one who signs in. Rotating takes two: a key of the user's and one
    that nobody has yet, within the life of a challenge.
    """
    row = tx.execute(
        select(attempts).where(_c.id == attempt_id, _is_waiting(now)).with_for_update()
    ).first()
    if row is None:
        return None
    c = approvals.c
    tx.execute(
        delete(approvals).where(c.attempt_id == attempt_id, c.approved_at <= now - _TOGETHER)
    )
    statement = tx.insert(approvals).values(
        attempt_id=attempt_id,
        public_key=approval.public_key.packed,
        method=approval.method,
        approved_at=now,
        expires_at=row.expires_at,
    )
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["attempt_id", "public_key"],
            set_={"approved_at": now, "method": approval.method},
        )
    )
    if not _is_enough(tx, attempt_id, row.purpose, row.user_sid):
        return State.WAITING
    tx.execute(update(attempts).where(_c.id == attempt_id).values(approved_at=now))
    return State.APPROVED


def approve_user(tx: Transaction, attempt_id: str, user_sid: str, now: datetime) -> bool:
    """Note that a user approves a sign-in without a key; return whether the attempt waited."""
    row = tx.execute(
        update(attempts)
        .where(_c.id == attempt_id, _c.purpose == LOGIN, _is_waiting(now))
        .values(approved_at=now, user_sid=user_sid)
        .returning(_c.id)
    ).first()
    return row is not None


def finish_attempt(
    tx: Transaction, attempt_id: str, cookie: str, session_id: str | None, now: datetime
) -> Finished | None:
    """Use an approved attempt up for the browser, and the session, that opened it; once."""
    if not is_name(attempt_id):
        return None
    taken = delete(attempts).where(
        _mine(attempt_id, cookie),
        _c.approved_at.is_not(None),
        _c.expires_at > now,
        _c.session_id.is_(None) | (_c.session_id == session_id),
    )
    row = tx.execute(taken.returning(attempts)).first()
    if row is None:
        return None
    given = _approvals(tx, attempt_id)
    tx.execute(delete(approvals).where(approvals.c.attempt_id == attempt_id))
    digest = bytes(row.browser_digest)
    (token,) = {one for one in tokens_of(cookie) if digest_of(one) == digest}
    return Finished(row.purpose, row.user_sid, given, token)


def _is_enough(tx: Transaction, attempt_id: str, purpose: str, user_sid: str | None) -> bool:
    """Whether those who approved suffice."""
    if purpose != ROTATE:
        return True
    keys = [approval.public_key for approval in _approvals(tx, attempt_id)]
    known = [find_address(tx, key.address) for key in keys]
    old = [one for one in known if one is not None]
    is_theirs = all(one.user_sid == user_sid and not one.is_retired for one in old)
    return (len(old), len(known)) == (1, 2) and is_theirs


def _half(tx: Transaction, attempt: Attempt) -> Half | None:
    c = approvals.c
    query = select(c.public_key, c.approved_at).where(c.attempt_id == attempt.id)
    row = tx.execute(query.order_by(c.approved_at.desc(), c.public_key).limit(1)).first()
    if row is None:
        return None
    address = PublicKey(bytes(row.public_key)).address
    known = find_address(tx, address)
    is_old = known is not None and known.user_sid == attempt.user_sid
    return Half(str(address), is_old, row.approved_at + _TOGETHER)


def _approvals(tx: Transaction, attempt_id: str) -> tuple[Approval, ...]:
    c = approvals.c
    query = select(c.public_key, c.method).where(c.attempt_id == attempt_id)
    rows = tx.execute(query.order_by(c.approved_at, c.public_key)).all()
    return tuple(Approval(PublicKey(bytes(row.public_key)), row.method) for row in rows)


def _mine(attempt_id: str, cookie: str) -> ColumnElement[bool]:
    """Whether it is an attempt of the browser that has this cookie."""
    digests = [digest_of(token) for token in tokens_of(cookie)]
    digests += [b""] * (TOKENS_MAX - len(digests))  # one statement, however many tabs wait
    return (_c.id == attempt_id) & _c.browser_digest.in_(digests)


def _is_waiting(now: datetime) -> ColumnElement[bool]:
    return _c.approved_at.is_(None) & (_c.expires_at > now)


def _attempt(row: Row[Any], box: SecretBox) -> Attempt | None:
    """Read an attempt; one that a key of ours did not seal is unknown."""
    code = box.open(bytes(row.sealed_code))
    if code is None:
        return None
    return Attempt(
        id=row.id,
        purpose=row.purpose,
        code=code.decode(),
        place=row.place,
        browser=row.browser,
        expires_at=row.expires_at,
        is_approved=row.approved_at is not None,
        user_sid=row.user_sid,
    )


def _forget_old(tx: Transaction, now: datetime) -> None:
    """Forget what ended an hour ago; what others are taking can wait."""
    for table, keys in (
        (attempts, (attempts.c.id,)),
        (approvals, (approvals.c.attempt_id, approvals.c.public_key)),
    ):
        over = select(*keys).where(table.c.expires_at <= now - _KEPT).order_by(*keys)
        tx.execute(delete(table).where(tuple_(*keys).in_(over.with_for_update(skip_locked=True))))
