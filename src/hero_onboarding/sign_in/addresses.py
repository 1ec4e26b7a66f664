"""Which addresses belong to whom; the first proof of one registers a user."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from hero_onboarding.database import Transaction
from hero_onboarding.identity import Address, PublicKey, take_number
from hero_onboarding.incidents import Incident, IncidentKind, open_incident
from hero_onboarding.sign_in.errors import AddressTakenError
from hero_onboarding.sign_in.tables import known_addresses
from hero_onboarding.wallet import open_user

_c = known_addresses.c


@dataclass(frozen=True, slots=True)
class KnownAddress:
    """An address, the key that proved it first, and whose it is.

    Attributes:
        address: The address.
        public_key: The key that proved it first; no other may ever.
        user_sid: Whose it is.
        linked_at: Since when.
        is_retired: Whether its key was replaced: it signs nobody in any more.
    """

    address: Address
    public_key: PublicKey
    user_sid: str
    linked_at: datetime
    is_retired: bool


def list_addresses(tx: Transaction, user_sid: str) -> Sequence[KnownAddress]:
    """List the addresses that sign a user in, the first proved first."""
    query = select(known_addresses).where(_c.user_sid == user_sid, _c.retired_at.is_(None))
    rows = tx.execute(query.order_by(_c.linked_at, _c.address))
    return [
        KnownAddress(
            Address(bytes(row.address)),
            PublicKey(bytes(row.public_key)),
            row.user_sid,
            row.linked_at,
            is_retired=False,
        )
        for row in rows
    ]


def user_of(tx: Transaction, key: PublicKey, now: datetime) -> str | None:
    """Return the user of a proved key, registered now if nobody had its address before.

    None when the key was replaced by another, or when another key proved this address before:
    that is an incident, which must be committed.
    """
    known = _find_or_lock(tx, key.address)
    if known is None:
        user, _ = open_user(tx, sid=None, name="", now=now)
        _insert(tx, key, user.sid, now)
        return user.sid
    if known.public_key != key:
        _report_collision(tx, known, key, now)
        return None
    return None if known.is_retired else known.user_sid


def link_address(tx: Transaction, key: PublicKey, user_sid: str, now: datetime) -> None:
    """Give a proved address to a user; one that is theirs already stays.

    Raises:
        AddressTakenError: If it belongs to somebody else, or was retired.
    """
    known = _find_or_lock(tx, key.address)
    if known is None:
        _insert(tx, key, user_sid, now)
    elif known.is_retired or known.user_sid != user_sid or known.public_key != key:
        raise AddressTakenError


def retire_address(tx: Transaction, address: Address, now: datetime) -> None:
    """Let an address sign nobody in any more."""
    tx.execute(update(known_addresses).where(_c.address == address.packed).values(retired_at=now))


def find_address(tx: Transaction, address: Address) -> KnownAddress | None:
    """Return whose address it is, None when nobody proved it yet."""
    row = tx.execute(select(known_addresses).where(_c.address == address.packed)).first()
    if row is None:
        return None
    is_retired = row.retired_at is not None
    key = PublicKey(bytes(row.public_key))
    return KnownAddress(address, key, row.user_sid, row.linked_at, is_retired)


def _find_or_lock(tx: Transaction, address: Address) -> KnownAddress | None:
    """Find an address; where nobody has it, let nobody else take it during this transaction."""
    known = find_address(tx, address)
    if known is None:
        take_number(tx, "registrations")  # its row stays locked: registrations queue up
        known = find_address(tx, address)
    return known


def _report_collision(tx: Transaction, known: KnownAddress, key: PublicKey, now: datetime) -> None:
    evidence = {
        "address": str(key.address),
        "user_sid": known.user_sid,
        "known_key": str(known.public_key),
        "proved_key": str(key),
    }
    open_incident(tx, Incident(IncidentKind.ADDRESS_COLLISION, "", "", evidence), now)


def _insert(tx: Transaction, key: PublicKey, user_sid: str, now: datetime) -> None:
    tx.execute(
        known_addresses.insert().values(
            address=key.address.packed,
            public_key=key.packed,
            user_sid=user_sid,
            linked_at=now,
        )
    )
