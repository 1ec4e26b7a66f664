"""Every query about users."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select

from hero_onboarding.database import Transaction
from hero_onboarding.identity.tables import counters, users
from hero_onboarding.kernel.paging import PAGE_ITEMS, Page, page_of, read_cursor

_USER: Final = select(users).where(users.c.sid == bindparam("sid"))
"""Built once: the start page asks it of everybody who is signed in."""


@dataclass(frozen=True, slots=True)
class User:
    """A person with a wallet; ``name`` may be empty."""

    sid: str
    name: str
    created_at: datetime
    number: int


def insert_user(tx: Transaction, sid: str, name: str, now: datetime) -> bool:
    """Insert a user unless the sid is taken; return whether it was not."""
    statement = tx.insert(users).on_conflict_do_nothing(index_elements=["sid"])
    row = tx.execute(
        statement.values(sid=sid, name=name, created_at=now).returning(users.c.number)
    ).first()
    return row is not None


def find_user(tx: Transaction, sid: str) -> User | None:
    """Return the user with this sid, or None; no sid holds what PostgreSQL can't be asked for."""
    if not sid.isprintable():
        return None
    row = tx.execute(_USER, {"sid": sid}).first()
    return None if row is None else User(row.sid, row.name, row.created_at, row.number)


def find_existing(tx: Transaction, sids: Iterable[str]) -> frozenset[str]:
    """Return those of the sids that belong to users."""
    query = select(users.c.sid).where(users.c.sid.in_(sorted(set(sids))))
    return frozenset(tx.execute(query).scalars())


def list_users(tx: Transaction, cursor: str | None, *, size: int = PAGE_ITEMS) -> Page[User]:
    """List users, newest first."""
    query = select(users).order_by(users.c.number.desc()).limit(size + 1)
    before = read_cursor(cursor)
    if before is not None:
        query = query.where(users.c.number < before)
    rows = [User(row.sid, row.name, row.created_at, row.number) for row in tx.execute(query)]
    return page_of(rows, lambda user: user.number, size=size)


def take_number(tx: Transaction, counter: str) -> int:
    """Return a number that this counter never gave before, from 0; its row stays locked."""
    statement = tx.insert(counters).values(name=counter, value=1)
    taken = tx.execute(
        statement.on_conflict_do_update(
            index_elements=["name"], set_={"value": counters.c.value + 1}
        ).returning(counters.c.value)
    ).scalar_one()
    return int(taken) - 1
