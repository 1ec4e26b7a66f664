"""Every query about consents, codes and access tokens."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Table, delete, select

from hero_onboarding.database import Transaction
from hero_onboarding.openid.domain import (
    Client,
    Code,
    Consent,
    Token,
    host_of,
    read_scopes,
    sector_of,
)
from hero_onboarding.openid.tables import clients, codes, consents, tokens


def find_consent(tx: Transaction, user_sid: str, client_id: str) -> tuple[str, ...]:
    """Return the scopes that a user once let a client have, none before that."""
    c = consents.c
    query = select(c.scopes).where(c.user_sid == user_sid, c.client_id == client_id)
    return read_scopes(tx.execute(query).scalar_one_or_none() or "")


def record_consent(
    tx: Transaction, user_sid: str, client_id: str, scopes: Sequence[str], now: datetime
) -> None:
    """Remember that a client may have scopes, with those that it had before."""
    known = {*find_consent(tx, user_sid, client_id), *scopes}
    text = " ".join(read_scopes(" ".join(known)))
    statement = tx.insert(consents).values(
        user_sid=user_sid, client_id=client_id, scopes=text, given_at=now
    )
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["user_sid", "client_id"], set_={"scopes": text, "given_at": now}
        )
    )


def list_consents(tx: Transaction, user_sid: str) -> Sequence[Consent]:
    """List the services that a user signs in to, by name."""
    c = clients.c
    query = (
        select(consents, c.name, c.redirect_uris)
        .join(clients, c.id == consents.c.client_id)
        .where(consents.c.user_sid == user_sid, c.revoked_at.is_(None))
        .order_by(c.name, c.id)
    )
    return [
        Consent(
            row.client_id,
            row.name,
            host_of(row.redirect_uris.split()[0]),
            read_scopes(row.scopes),
            row.given_at,
        )
        for row in tx.execute(query)
    ]


def revoke_consent(tx: Transaction, user_sid: str, client_id: str) -> None:
    """Forget a consent, and end all that was given by it; repeating is safe."""
    for table in (codes, tokens, consents):
        c = table.c
        tx.execute(delete(table).where(c.user_sid == user_sid, c.client_id == client_id))


def insert_code(tx: Transaction, code: Code, client_id: str, now: datetime) -> None:
    """Keep a code until it is exchanged or over."""
    _forget_old(tx, codes, now)
    tx.execute(
        codes.insert().values(
            code_digest=code.digest,
            client_id=client_id,
            user_sid=code.user_sid,
            session_id=code.session_id,
            redirect_uri=code.redirect_uri,
            scopes=code.scopes,
            nonce=code.nonce,
            challenge=code.challenge,
            signed_in_at=code.signed_in_at,
            expires_at=code.expires_at,
        )
    )


def take_code(tx: Transaction, digest: bytes, client_id: str, now: datetime) -> Code | None:
    """Take a client's code out; only one caller ever gets it, and none when it is over.

    Whoever comes second ends what the first was given: one of the two stole the code.
    """
    c = codes.c
    taken = delete(codes).where(c.code_digest == digest, c.client_id == client_id)
    row = tx.execute(taken.returning(codes)).first()
    if row is None:
        t = tokens.c
        tx.execute(delete(tokens).where(t.code_digest == digest, t.client_id == client_id))
        return None
    if row.expires_at <= now:
        return None
    return Code(
        digest=digest,
        user_sid=row.user_sid,
        session_id=row.session_id,
        redirect_uri=row.redirect_uri,
        scopes=row.scopes,
        nonce=row.nonce,
        challenge=row.challenge,
        signed_in_at=row.signed_in_at,
        expires_at=row.expires_at,
    )


def insert_token(
    tx: Transaction, digest: bytes, client: Client, code: Code, instants: tuple[datetime, datetime]
) -> None:
    """Keep an access token; ``instants`` are now, and when it is over."""
    now, expires_at = instants
    _forget_old(tx, tokens, now)
    tx.execute(
        tokens.insert().values(
            token_digest=digest,
            code_digest=code.digest,
            client_id=client.id,
            user_sid=code.user_sid,
            scopes=code.scopes,
            expires_at=expires_at,
        )
    )


def find_token(tx: Transaction, digest: bytes, now: datetime) -> Token | None:
    """Return what an access token opens, while it lasts and its client counts."""
    t, c = tokens.c, clients.c
    query = (
        select(t.client_id, t.user_sid, t.scopes, c.redirect_uris)
        .join(clients, c.id == t.client_id)
        .where(t.token_digest == digest, t.expires_at > now, c.revoked_at.is_(None))
    )
    row = tx.execute(query).first()
    if row is None:
        return None
    sector = sector_of(row.redirect_uris.split())
    return Token(row.client_id, row.user_sid, row.scopes, sector)


def close_token(tx: Transaction, digest: bytes, client_id: str) -> None:
    """End a client's access token; repeating is safe, and other clients' tokens stay."""
    t = tokens.c
    tx.execute(delete(tokens).where(t.token_digest == digest, t.client_id == client_id))


def _forget_old(tx: Transaction, table: Table, now: datetime) -> None:
    """Forget what is over; what others are taking can wait."""
    (key,) = table.primary_key.columns
    over = select(key).where(table.c.expires_at <= now).order_by(key)
    tx.execute(delete(table).where(key.in_(over.with_for_update(skip_locked=True))))
