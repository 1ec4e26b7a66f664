"""Every query about mails that wait or went out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, delete, select, update

from hero_onboarding.database import Transaction
from hero_onboarding.mail.domain import Mail, code_for
from hero_onboarding.mail.tables import mails

WAITING: Final = "waiting"
SENT: Final = "sent"
GIVEN_UP: Final = "given_up"
_AT_ONCE: Final = 500
_c = mails.c


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """A mail that was not sent yet."""

    number: int
    id: str
    recipient: str = field(repr=False)
    language: str
    text: str
    parameters: bytes = field(repr=False)
    attempts: int
    created_at: datetime
    expires_at: datetime


def insert_mail(
    tx: Transaction, mail: Mail, mail_id: str, sealed: bytes, now: datetime
) -> int | None:
    """Insert a mail that waits and return its number, None if there is one with its key."""
    statement = tx.insert(mails).on_conflict_do_nothing(index_elements=["key"])
    row = tx.execute(
        statement.values(
            id=mail_id,
            key=mail.key,
            recipient=mail.recipient,
            language=code_for(mail.language),
            text=mail.text,
            parameters=sealed,
            state=WAITING,
            attempts=0,
            created_at=now,
            expires_at=now + mail.life,
        ).returning(_c.number)
    ).first()
    return None if row is None else int(row.number)


def find_waiting(tx: Transaction, number: int, attempts: int) -> WaitingMail | None:
    """Return a mail that waits after so many attempts, None if somebody came further with it."""
    is_it = (_c.number == number, _c.state == WAITING, _c.attempts == attempts)
    row = tx.execute(select(mails).where(*is_it)).first()
    return None if row is None else _waiting(row)


def list_expired(tx: Transaction, before: datetime) -> Sequence[WaitingMail]:
    """List some mails that wait and whose time ended before an instant."""
    query = select(mails).where(_c.state == WAITING, _c.expires_at <= before)
    return [_waiting(row) for row in tx.execute(query.order_by(_c.expires_at).limit(_AT_ONCE))]


def close_sent(tx: Transaction, mail: WaitingMail, now: datetime) -> None:
    """Say that a mail was sent, and forget its parameters."""
    change = update(mails).where(_c.number == mail.number, _c.state == WAITING)
    tx.execute(change.values(state=SENT, parameters=None, sent_at=now))


def close_given_up(tx: Transaction, mail: WaitingMail) -> bool:
    """Give a mail up unless somebody came further with it, and forget its parameters."""
    change = update(mails).where(_is_untouched(mail))
    return bool(tx.execute(change.values(state=GIVEN_UP, parameters=None)).rowcount)


def count_attempt(tx: Transaction, mail: WaitingMail) -> bool:
    """Count a failed attempt unless somebody came further with the mail."""
    change = update(mails).where(_is_untouched(mail))
    return bool(tx.execute(change.values(attempts=mail.attempts + 1)).rowcount)


def forget(tx: Transaction, before: datetime) -> int:
    """Delete some mails that ended and were written before an instant; return how many."""
    old = select(_c.number).where(_c.created_at < before, _c.state != WAITING).limit(_AT_ONCE)
    return int(tx.execute(delete(mails).where(_c.number.in_(old))).rowcount)


def _is_untouched(mail: WaitingMail) -> ColumnElement[bool]:
    return (_c.number == mail.number) & (_c.state == WAITING) & (_c.attempts == mail.attempts)


def _waiting(row: Row[Any]) -> WaitingMail:
    return WaitingMail(
        row.number,
        row.id,
        row.recipient,
        row.language,
        row.text,
        row.parameters,
        row.attempts,
        row.created_at,
        row.expires_at,
    )
