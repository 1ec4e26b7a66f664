"""Every query about passkeys."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, delete, func, select, update

from hero_onboarding.database import Transaction
from hero_onboarding.passkeys.tables import passkey_questions, passkeys

_c = passkeys.c


@dataclass(frozen=True, slots=True)
class Passkey:
    """A credential of WebAuthn that signs its user in.

    Attributes:
        credential_id: Names it, to its authenticator and here.
        user_sid: Whose it is.
        user_handle: Names the user to authenticators; it is random and opens nothing.
        public_key: What its signatures are checked with (COSE).
        sign_count: How often its authenticator said that it was used; 0 where it does not count.
        label: What its user calls it.
        created_at: Since when.
        used_at: When it was last used here.
    """

    credential_id: bytes
    user_sid: str
    user_handle: bytes
    public_key: bytes
    sign_count: int
    label: str
    created_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a browser was asked to sign, and for which user if that was known."""

    challenge: bytes
    user_sid: str | None = None
    user_handle: bytes | None = None


def insert_question(tx: Transaction, question: Question, asker: str, ends: datetime) -> None:
    """Keep a question until it is answered or over."""
    tx.execute(
        passkey_questions.insert().values(
            challenge=question.challenge,
            asked_digest=_digest(asker),
            user_sid=question.user_sid,
            user_handle=question.user_handle,
            expires_at=ends,
        )
    )


def take_question(tx: Transaction, challenge: bytes, asker: str, now: datetime) -> Question | None:
    """Take a question out; only one caller ever gets it, and only the one who was asked."""
    c = passkey_questions.c
    row = tx.execute(
        delete(passkey_questions).where(c.challenge == challenge).returning(passkey_questions)
    ).first()
    if row is None or bytes(row.asked_digest) != _digest(asker) or row.expires_at <= now:
        return None
    handle = None if row.user_handle is None else bytes(row.user_handle)
    return Question(bytes(row.challenge), row.user_sid, handle)


def forget_questions(tx: Transaction, now: datetime) -> None:
    """Forget questions that are over; what others are taking can wait."""
    c = passkey_questions.c
    over = select(c.challenge).where(c.expires_at <= now).order_by(c.challenge)
    tx.execute(
        delete(passkey_questions).where(c.challenge.in_(over.with_for_update(skip_locked=True)))
    )


def count_questions(tx: Transaction) -> int:
    """Count the questions that wait."""
    return int(tx.execute(select(func.count()).select_from(passkey_questions)).scalar_one())


def insert_passkey(tx: Transaction, passkey: Passkey) -> bool:
    """Keep a passkey; return whether its id was not there before."""
    statement = tx.insert(passkeys).on_conflict_do_nothing(index_elements=["credential_id"])
    row = tx.execute(
        statement.values(
            credential_id=passkey.credential_id,
            user_sid=passkey.user_sid,
            user_handle=passkey.user_handle,
            public_key=passkey.public_key,
            sign_count=passkey.sign_count,
            label=passkey.label,
            created_at=passkey.created_at,
        ).returning(_c.user_sid)
    ).first()
    return row is not None


def find_passkey(tx: Transaction, credential_id: bytes) -> Passkey | None:
    """Return the passkey with this id, locked until the transaction ends."""
    query = select(passkeys).where(_c.credential_id == credential_id).with_for_update()
    row = tx.execute(query).first()
    return None if row is None else _passkey(row)


def list_passkeys(tx: Transaction, user_sid: str) -> Sequence[Passkey]:
    """List a user's passkeys, the oldest first."""
    query = select(passkeys).where(_c.user_sid == user_sid)
    return [_passkey(row) for row in tx.execute(query.order_by(_c.created_at, _c.credential_id))]


def note_passkey(tx: Transaction, credential_id: bytes, count: int, now: datetime) -> None:
    """Note that a passkey was used."""
    which = update(passkeys).where(_c.credential_id == credential_id)
    tx.execute(which.values(sign_count=count, used_at=now))


def delete_passkey(tx: Transaction, user_sid: str, credential_id: bytes) -> None:
    """Remove one of a user's own passkeys; repeating is safe."""
    tx.execute(delete(passkeys).where(_c.user_sid == user_sid, _c.credential_id == credential_id))


def _passkey(row: Row[tuple[object, ...]]) -> Passkey:
    return Passkey(
        bytes(row.credential_id),
        row.user_sid,
        bytes(row.user_handle),
        bytes(row.public_key),
        row.sign_count,
        row.label,
        row.created_at,
        row.used_at,
    )


def _digest(asker: str) -> bytes:
    return hashlib.sha256(asker.encode()).digest()
