"""Every query about API keys."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, or_, select, update

from hero_onboarding.api_keys.domain import (
    USE_NOTED_EVERY,
    ApiKey,
    KeyRequest,
    KeyText,
    Scope,
)
from hero_onboarding.api_keys.tables import api_keys
from hero_onboarding.database import Transaction
from hero_onboarding.kernel.paging import PAGE_ITEMS, Page, page_of, read_cursor


def insert_key(
    tx: Transaction, request: KeyRequest, text: KeyText, created_by: str, now: datetime
) -> ApiKey:
    """Insert a new key."""
    days = request.expires_days
    statement = api_keys.insert().values(
        id=text.id,
        secret_digest=text.digest,
        label=request.label,
        scopes=" ".join(request.scopes),
        node_id=request.node_id,
        user_sid=request.user_sid,
        created_at=now,
        created_by=created_by,
        expires_at=None if days is None else now + timedelta(days=days),
    )
    return _key(tx.execute(statement.returning(api_keys)).one())


def find_key(tx: Transaction, key_id: str) -> tuple[ApiKey, bytes] | None:
    """Return a key and the digest of its secret by one look into one index, or None."""
    row = tx.execute(select(api_keys).where(api_keys.c.id == key_id)).first()
    return None if row is None else (_key(row), bytes(row.secret_digest))


def list_keys(tx: Transaction, cursor: str | None, *, size: int = PAGE_ITEMS) -> Page[ApiKey]:
    """List all keys, newest first, those that are revoked or over too.

    Raises:
        WrongCursorError: If the cursor is none of an earlier page.
    """
    c = api_keys.c
    query = select(api_keys).order_by(c.number.desc()).limit(size + 1)
    before = read_cursor(cursor)
    if before is not None:
        query = query.where(c.number < before)
    return page_of([_key(row) for row in tx.execute(query)], lambda key: key.number, size=size)


def list_user_keys(tx: Transaction, user_sid: str, now: datetime) -> Sequence[ApiKey]:
    """List the keys that count for a user alone and are valid, newest first."""
    c = api_keys.c
    is_valid = (c.revoked_at.is_(None), or_(c.expires_at.is_(None), c.expires_at > now))
    query = select(api_keys).where(c.user_sid == user_sid, *is_valid).order_by(c.number.desc())
    return [_key(row) for row in tx.execute(query)]


def shut_key(tx: Transaction, key_id: str, now: datetime) -> None:
    """Revoke a key unless it is; the first time stays."""
    c = api_keys.c
    tx.execute(
        update(api_keys).where(c.id == key_id, c.revoked_at.is_(None)).values(revoked_at=now)
    )


def note_use(tx: Transaction, key: ApiKey, now: datetime) -> None:
    """Write when a key was used, unless another request just did."""
    c = api_keys.c
    is_due = or_(c.last_used_at.is_(None), c.last_used_at <= now - USE_NOTED_EVERY)
    tx.execute(update(api_keys).where(c.number == key.number, is_due).values(last_used_at=now))


def _key(row: Row[Any]) -> ApiKey:
    """Read a row; a scope that a newer server knows and this one does not opens nothing here."""
    names = row.scopes.split()
    return ApiKey(
        row.number,
        row.id,
        row.label,
        tuple(scope for scope in Scope if scope in names),
        row.node_id,
        row.user_sid,
        row.created_at,
        row.created_by,
        row.expires_at,
        row.last_used_at,
        row.revoked_at,
    )
