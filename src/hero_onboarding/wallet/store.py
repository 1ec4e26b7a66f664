"""Every query of wallets and holds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    ScalarSelect,
    bindparam,
    exists,
    func,
    select,
    true,
    update,
)

from hero_onboarding.database import Transaction
from hero_onboarding.wallet.domain import NET_MICROS_MAX, Hold, HoldRequest, Wallet
from hero_onboarding.wallet.tables import holds, wallets

_ONE_WALLET: Final = select(wallets).where(wallets.c.user_sid == bindparam("user_sid"))
"""Built once: most requests of a page ask it."""


def insert_wallet(tx: Transaction, user_sid: str) -> None:
    """Open an empty wallet unless the user has one."""
    statement = tx.insert(wallets).on_conflict_do_nothing(index_elements=["user_sid"])
    zero = dict.fromkeys(wallets.c.keys(), 0)
    tx.execute(statement.values({**zero, "user_sid": user_sid}))


def find_wallet(tx: Transaction, user_sid: str) -> Wallet | None:
    """Return a user's wallet, or None; no sid has characters that PostgreSQL can't be asked for."""
    if not user_sid.isprintable():
        return None
    row = tx.execute(_ONE_WALLET, {"user_sid": user_sid}).first()
    return None if row is None else _wallet(row)


def lock_wallets(tx: Transaction, user_sids: Sequence[str]) -> Mapping[str, Wallet]:
    """Read wallets in sorted order and hold them until the transaction ends."""
    query = (
        select(wallets)
        .where(wallets.c.user_sid.in_(sorted(user_sids)))
        .order_by(wallets.c.user_sid)
        .with_for_update()
    )
    return {row.user_sid: _wallet(row) for row in tx.execute(query)}


def spend(
    tx: Transaction, user_sid: str, *, net: int, debt: int, guard: int | None
) -> tuple[int, int, int] | None:
    """Add to net and debt, and return the new net, debt and sequence.

    With a ``guard``, only when at least so much is available, decided and done in one statement;
    None when it is not, or when net or debt would leave their range.
    """
    c = wallets.c
    statement = (
        update(wallets)
        .where(c.user_sid == user_sid)
        .where(c.net.between(-NET_MICROS_MAX - net, NET_MICROS_MAX - net))
        .where(c.debt.between(-NET_MICROS_MAX - debt, NET_MICROS_MAX - debt))
        .values(net=c.net + net, debt=c.debt + debt, sequence=c.sequence + 1)
        .returning(c.net, c.debt, c.sequence)
    )
    if guard is not None:
        statement = statement.where(c.net - c.debt - c.held >= guard)
    row = tx.execute(statement).first()
    return None if row is None else (int(row.net), int(row.debt), int(row.sequence))


def write_charged(tx: Transaction, charged: Sequence[Wallet]) -> None:
    """Write the new net, sequence and charge number of wallets that this transaction locked."""
    c = wallets.c
    statement = (
        update(wallets)
        .where(c.user_sid == bindparam("sid"))
        .values(net=bindparam("new_net"), sequence=bindparam("seq"), charges=bindparam("number"))
    )
    tx.execute(
        statement,
        [
            {"sid": w.user_sid, "new_net": w.net, "seq": w.sequence, "number": w.charges}
            for w in charged
        ],
    )


def next_charge_number(user_sid: ColumnElement[str]) -> ScalarSelect[int]:
    """Express the number of a user's next charge, for statements that mark what it covers."""
    return select(wallets.c.charges + 1).where(wallets.c.user_sid == user_sid).scalar_subquery()


def has_less(user_sid: ColumnElement[str], than: ColumnElement[int]) -> ColumnElement[bool]:
    """Say in SQL whether a user has less available than an amount, which is above zero.

    What is available is never below zero, and less exactly when this difference is.
    """
    c = wallets.c
    return exists().where(c.user_sid == user_sid, c.net - c.debt < than + c.held)


def has_moved(user_sid: ColumnElement[str]) -> ColumnElement[bool]:
    """Say in SQL whether money ever moved in or out of a user's wallet."""
    return exists().where(wallets.c.user_sid == user_sid, wallets.c.sequence > 0)


def claim(tx: Transaction, user_sid: str, amount: int) -> bool:
    """Add to what is held if so much is available, in one statement; return whether it was."""
    c = wallets.c
    result = tx.execute(
        update(wallets)
        .where(c.user_sid == user_sid, c.net - c.debt - c.held >= amount)
        .values(held=c.held + amount)
    )
    return bool(result.rowcount)


def claim_anyway(tx: Transaction, user_sid: str, amount: int) -> None:
    """Add to what is held, whatever is available."""
    c = wallets.c
    tx.execute(update(wallets).where(c.user_sid == user_sid).values(held=c.held + amount))


def unclaim(tx: Transaction, user_sid: str, amount: int) -> None:
    """Take from what is held."""
    c = wallets.c
    tx.execute(update(wallets).where(c.user_sid == user_sid).values(held=c.held - amount))


def insert_hold(tx: Transaction, request: HoldRequest, now: datetime) -> None:
    """Insert a hold whose wallet is locked and whose id is free."""
    tx.execute(
        holds.insert().values(
            id=request.id,
            user_sid=request.user_sid,
            amount=request.amount,
            remaining=request.amount,
            purpose=request.purpose,
            expires_at=request.expires_at,
            is_open=True,
            opened_at=now,
        )
    )


def find_hold(tx: Transaction, hold_id: UUID) -> Hold | None:
    """Return a hold, or None."""
    row = tx.execute(select(holds).where(holds.c.id == hold_id)).first()
    return None if row is None else _hold(row)


def shut_hold(tx: Transaction, hold_id: UUID, now: datetime) -> int | None:
    """Close an open hold and return what it still claimed; None when it was closed before."""
    statement = (
        update(holds)
        .where(holds.c.id == hold_id, holds.c.is_open == true())
        .values(is_open=False, closed_at=now)
        .returning(holds.c.remaining)
    )
    return tx.execute(statement).scalar()


def set_remaining(tx: Transaction, hold_id: UUID, remaining: int) -> None:
    """Write what an open hold still claims."""
    tx.execute(update(holds).where(holds.c.id == hold_id).values(remaining=remaining))


def list_expired(tx: Transaction, now: datetime, limit: int) -> Sequence[Hold]:
    """List open holds whose time is over."""
    query = (
        select(holds)
        .where(holds.c.is_open == true(), holds.c.expires_at <= now)
        .order_by(holds.c.user_sid, holds.c.id)
        .limit(limit)
    )
    return [_hold(row) for row in tx.execute(query)]


def sum_open_holds(tx: Transaction) -> Mapping[str, int]:
    """Sum what the open holds of each user claim."""
    query = (
        select(holds.c.user_sid, func.sum(holds.c.remaining).label("total"))
        .where(holds.c.is_open == true())
        .group_by(holds.c.user_sid)
    )
    return {row.user_sid: int(row.total) for row in tx.execute(query)}


def list_wallets(tx: Transaction) -> Sequence[Wallet]:
    """List all wallets; for the books in full."""
    return [_wallet(row) for row in tx.execute(select(wallets).order_by(wallets.c.user_sid))]


def _wallet(row: Row[Any]) -> Wallet:
    return Wallet(
        row.user_sid, int(row.net), int(row.debt), int(row.held), row.sequence, row.charges
    )


def _hold(row: Row[Any]) -> Hold:
    return Hold(
        row.id,
        row.user_sid,
        int(row.amount),
        int(row.remaining),
        row.purpose,
        row.expires_at,
        bool(row.is_open),
    )
