"""Every query about e-mail addresses of users."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, Select, delete, or_, select, text, update

from hero_onboarding.contacts.tables import user_emails
from hero_onboarding.database import Transaction

_c = user_emails.c
_CLAIM: Final = (
    *("address", "normalised", "language", "created_at"),
    *("code_digest", "code_expires_at", "code_tries"),
)


@dataclass(frozen=True, slots=True)
class UserEmail:
    """An address of a user's; a claim while ``verified_at`` is None.

    ``language`` is that of mails to it: the one that the claim was made in.
    """

    user_sid: str
    address: str = field(repr=False)
    normalised: str = field(repr=False)
    language: str
    created_at: datetime
    verified_at: datetime | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Code:
    """What checks a code, and until when."""

    digest: bytes = field(repr=False)
    expires_at: datetime


def find_verified(tx: Transaction, normalised: str) -> UserEmail | None:
    """Return the verified address of this form, whosever it is."""
    is_it = (_c.normalised == normalised, _c.verified_at.is_not(None))
    row = tx.execute(select(user_emails).where(*is_it)).first()
    return None if row is None else _email(row)


def proved_users() -> Select[tuple[str]]:
    """Return a query for the users who proved an address, each once."""
    return select(_c.user_sid).where(_c.verified_at.is_not(None)).distinct()


def list_of_user(tx: Transaction, user_sid: str) -> Sequence[UserEmail]:
    """List a user's addresses, the oldest first."""
    query = select(user_emails).where(_c.user_sid == user_sid).order_by(_c.number)
    return [_email(row) for row in tx.execute(query)]


def put_claim(tx: Transaction, email: UserEmail, code: Code, *, twice_within: timedelta) -> bool:
    """Put a claim in place of the one that its user has, if any.

    Returns:
        Whether it was put: not when the very same one was made so short a time before.
    """
    statement = tx.insert(user_emails).values(
        **_values(email), code_digest=code.digest, code_expires_at=code.expires_at, code_tries=0
    )
    new = statement.excluded
    is_another = _c.normalised != new.normalised
    put = statement.on_conflict_do_update(
        index_elements=["user_sid"],
        index_where=text("verified_at IS NULL"),
        set_={name: new[name] for name in _CLAIM},
        where=or_(is_another, _c.created_at <= email.created_at - twice_within),
    )
    return tx.execute(put.returning(_c.number)).first() is not None


def take_try(
    tx: Transaction, user_sid: str, now: datetime, *, tries_max: int
) -> tuple[UserEmail, bytes] | None:
    """Count a try at a user's claim; return it with its digest, None if none is open."""
    is_open = (
        _c.user_sid == user_sid,
        _c.verified_at.is_(None),
        _c.code_expires_at > now,
        _c.code_tries < tries_max,
    )
    change = update(user_emails).where(*is_open).values(code_tries=_c.code_tries + 1)
    row = tx.execute(change.returning(*_c)).first()
    return None if row is None else (_email(row), row.code_digest)


def insert_verified(tx: Transaction, claim: UserEmail, now: datetime) -> bool:
    """Put a verified address in place of its claim, unless it is somebody's by now."""
    tx.execute(delete(user_emails).where(_c.number == claim.number))
    statement = tx.insert(user_emails).on_conflict_do_nothing(
        index_elements=["normalised"], index_where=text("verified_at IS NOT NULL")
    )
    values = {**_values(claim), "verified_at": now}
    row = tx.execute(statement.values(**values, code_tries=0).returning(_c.number)).first()
    return row is not None


def delete_address(tx: Transaction, user_sid: str, normalised: str) -> bool:
    """Delete a user's address or claim; return whether there was one."""
    is_it = (_c.user_sid == user_sid, _c.normalised == normalised)
    return bool(tx.execute(delete(user_emails).where(*is_it)).rowcount)


def _values(email: UserEmail) -> dict[str, Any]:
    return {
        "user_sid": email.user_sid,
        "address": email.address,
        "normalised": email.normalised,
        "language": email.language,
        "created_at": email.created_at,
        "verified_at": email.verified_at,
    }


def _email(row: Row[Any]) -> UserEmail:
    return UserEmail(
        row.user_sid,
        row.address,
        row.normalised,
        row.language,
        row.created_at,
        row.verified_at,
        row.number,
    )
