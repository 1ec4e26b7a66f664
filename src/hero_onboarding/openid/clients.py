"""Register clients, know them again, revoke them."""

import hmac
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, select, update

from hero_onboarding.database import Transaction
from hero_onboarding.kernel.paging import PAGE_ITEMS, Page, page_of, read_cursor
from hero_onboarding.openid.domain import (
    Client,
    ClientRequest,
    digest_of,
    is_client_id,
    new_client_id,
    new_secret,
)
from hero_onboarding.openid.errors import ClientNotFoundError
from hero_onboarding.openid.tables import clients, codes, consents, tokens

_NO_DIGEST: Final = bytes(32)
_c = clients.c


def create_client(
    tx: Transaction, request: ClientRequest, created_by: str, now: datetime
) -> tuple[Client, str | None]:
    """Register a client; return it with its secret, which nothing can tell again.

    A public client has none.

    Raises:
        WrongClientError: If name or redirect URIs can't be.
    """
    request.require_sound()
    secret = None if request.is_public else new_secret()
    statement = clients.insert().values(
        id=new_client_id(),
        secret_digest=None if secret is None else digest_of(secret),
        name=request.name,
        redirect_uris=" ".join(request.redirect_uris),
        algorithm=request.algorithm,
        created_at=now,
        created_by=created_by,
    )
    return _client(tx.execute(statement.returning(clients)).one()), secret


def find_client(tx: Transaction, client_id: str) -> Client | None:
    """Return a client that counts, None when there is none or it was revoked."""
    if not is_client_id(client_id):
        return None
    query = select(clients).where(_c.id == client_id, _c.revoked_at.is_(None))
    row = tx.execute(query).first()
    return None if row is None else _client(row)


def is_secret_of(tx: Transaction, client_id: str, secret: str) -> bool:
    """Whether a secret is a client's, in constant time."""
    query = select(_c.secret_digest).where(_c.id == client_id)
    digest = tx.execute(query).scalar_one_or_none()
    known = _NO_DIGEST if digest is None else bytes(digest)
    return hmac.compare_digest(digest_of(secret), known)


def list_clients(tx: Transaction, cursor: str | None, *, size: int = PAGE_ITEMS) -> Page[Client]:
    """List all clients, newest first, those that are revoked too.

    Raises:
        WrongCursorError: If the cursor is none of an earlier page.
    """
    query = select(clients).order_by(_c.number.desc()).limit(size + 1)
    before = read_cursor(cursor)
    if before is not None:
        query = query.where(_c.number < before)
    return page_of([_client(row) for row in tx.execute(query)], lambda one: one.number, size=size)


def revoke_client(tx: Transaction, client_id: str, now: datetime) -> Client:
    """Revoke a client for ever, with all that it was given; the first time stays.

    Raises:
        ClientNotFoundError: If no client has this id.
    """
    if not is_client_id(client_id):
        raise ClientNotFoundError(client_id)
    tx.execute(
        update(clients).where(_c.id == client_id, _c.revoked_at.is_(None)).values(revoked_at=now)
    )
    row = tx.execute(select(clients).where(_c.id == client_id)).first()
    if row is None:
        raise ClientNotFoundError(client_id)
    for table in (codes, tokens, consents):
        tx.execute(delete(table).where(table.c.client_id == client_id))
    return _client(row)


def _client(row: Row[Any]) -> Client:
    return Client(
        number=row.number,
        id=row.id,
        name=row.name,
        redirect_uris=tuple(row.redirect_uris.split()),
        algorithm=row.algorithm,
        is_public=row.secret_digest is None,
        created_at=row.created_at,
        created_by=row.created_by,
        revoked_at=row.revoked_at,
    )
