"""Every query about challenges and links."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from hero_onboarding.database import Transaction
from hero_onboarding.identity import Address, PublicKey
from hero_onboarding.sign_in.domain import Transcript
from hero_onboarding.sign_in.tables import challenges, sign_in_links


@dataclass(frozen=True, slots=True)
class Taken:
    """A challenge that was taken out: nobody else gets it.

    Attributes:
        transcript: What is to be proved.
        sealed_secret: The server's key of this challenge, sealed.
        attempt_id: The attempt that it belongs to, if any.
    """

    transcript: Transcript
    sealed_secret: bytes
    attempt_id: str | None


@dataclass(frozen=True, slots=True)
class Link:
    """Whom a link signs in, and the address that was proved for it."""

    user_sid: str
    address: Address


def insert_challenge(
    tx: Transaction, transcript: Transcript, sealed_secret: bytes, attempt_id: str | None
) -> None:
    """Keep a challenge until it is answered or over."""
    tx.execute(
        challenges.insert().values(
            id=transcript.challenge_id,
            purpose=transcript.purpose,
            origin=transcript.origin,
            public_key=transcript.public_key.packed,
            sealed_secret=sealed_secret,
            server_public_key=transcript.server_public_key,
            nonce=transcript.nonce,
            issued_at=transcript.issued_at,
            expires_at=transcript.expires_at,
            binding=transcript.binding,
            attempt_id=attempt_id,
        )
    )


def take_challenge(tx: Transaction, challenge_id: str) -> Taken | None:
    """Take a challenge out; only one caller ever gets it."""
    row = tx.execute(
        delete(challenges).where(challenges.c.id == challenge_id).returning(challenges)
    ).first()
    if row is None:
        return None
    transcript = Transcript(
        purpose=row.purpose,
        origin=row.origin,
        challenge_id=row.id,
        public_key=PublicKey(bytes(row.public_key)),
        server_public_key=bytes(row.server_public_key),
        nonce=bytes(row.nonce),
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        binding=bytes(row.binding),
    )
    return Taken(transcript, bytes(row.sealed_secret), row.attempt_id)


def forget_old(tx: Transaction, unix_seconds: int, now: datetime) -> None:
    """Forget challenges and links that are over; what others are taking can wait."""
    over = select(challenges.c.id).where(challenges.c.expires_at <= unix_seconds)
    locked = over.order_by(challenges.c.id).with_for_update(skip_locked=True)
    tx.execute(delete(challenges).where(challenges.c.id.in_(locked)))
    c = sign_in_links.c
    links = select(c.token_digest).where(c.expires_at <= now).order_by(c.token_digest)
    tx.execute(
        delete(sign_in_links).where(c.token_digest.in_(links.with_for_update(skip_locked=True)))
    )


def count_challenges(tx: Transaction) -> int:
    """Count the challenges that wait."""
    return int(tx.execute(select(func.count()).select_from(challenges)).scalar_one())


def insert_link(tx: Transaction, token: str, link: Link, expires_at: datetime) -> None:
    """Keep the digest of a link's token."""
    tx.execute(
        sign_in_links.insert().values(
            token_digest=digest_of(token),
            user_sid=link.user_sid,
            address=link.address.packed,
            expires_at=expires_at,
        )
    )


def find_link(tx: Transaction, token: str, now: datetime) -> Link | None:
    """Return whom a link signs in, while it lasts."""
    c = sign_in_links.c
    query = select(c.user_sid, c.address).where(
        c.token_digest == digest_of(token), c.expires_at > now
    )
    row = tx.execute(query).first()
    return None if row is None else Link(row.user_sid, Address(bytes(row.address)))


def take_link(tx: Transaction, token: str, now: datetime) -> Link | None:
    """Use a link up; only one caller ever gets it."""
    c = sign_in_links.c
    taken = delete(sign_in_links).where(c.token_digest == digest_of(token), c.expires_at > now)
    row = tx.execute(taken.returning(c.user_sid, c.address)).first()
    return None if row is None else Link(row.user_sid, Address(bytes(row.address)))


def digest_of(token: str) -> bytes:
    """Return what the database knows of a secret."""
    return hashlib.sha256(token.encode()).digest()
