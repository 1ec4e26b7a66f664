"""Stage B: turn users' open deltas into charges, one transfer for each user and charge number."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select, text, update

from hero_onboarding.aggregation.crediting import apply_credit
from hero_onboarding.aggregation.tables import usage_deltas
from hero_onboarding.database import Database, Transaction
from hero_onboarding.incidents import Incident, IncidentKind, open_incident
from hero_onboarding.kernel.clock import Clock
from hero_onboarding.payments import watch_later
from hero_onboarding.wallet import (
    Charge,
    Wallet,
    WalletLimitError,
    lock_wallets,
    next_charge_number,
    post_charges,
)

USERS_TOGETHER: Final = 500


def charge_users(database: Database, clock: Clock) -> int:
    """Charge all users that have open deltas; return the number of transfers posted.

    Repeating is safe, and so is running it twice at once: a user's deltas are summed and marked
    in one statement while the wallet is locked. A user whose net would leave its range is left
    as it is and reported; the others are charged.
    """
    transfers = 0
    after = ""
    skipped: set[str] = set()
    while True:
        try:
            with database.transaction() as tx:
                sids = _list_open_users(tx, after)
                if not sids:
                    return transfers
                wanted = [sid for sid in sids if sid not in skipped]
                posted = _charge_some(tx, wanted, clock.now()) if wanted else 0
        except WalletLimitError as error:
            skipped.add(error.user_sid)
            _report(database, error.user_sid, clock.now())
            continue
        transfers += posted
        after = sids[-1]


def _report(database: Database, user_sid: str, now: datetime) -> None:
    incident = Incident(IncidentKind.WALLET_LIMIT, "", "", {"user_sid": user_sid})
    with database.transaction() as tx:
        open_incident(tx, incident, now)


def _charge_some(tx: Transaction, sids: Sequence[str], now: datetime) -> int:
    """Charge some users in one transaction, their wallets locked in sorted order.

    What promotional credit pays of it comes back in the same transaction.
    """
    locked = lock_wallets(tx, sids)
    sums: dict[str, list[Row[Any]]] = {}
    for row in _mark_deltas(tx, locked):
        sums.setdefault(row.user_sid, []).append(row)
    charges = [_charge(locked[sid], rows) for sid, rows in sorted(sums.items())]
    posted = post_charges(tx, locked, charges, now)
    apply_credit(tx, sorted(sums), now)
    if posted:
        watch_later(tx, now)
    return posted


def _list_open_users(tx: Transaction, after: str) -> list[str]:
    c = usage_deltas.c
    query = (
        select(c.user_sid)
        .where(text("charge IS NULL"), c.user_sid > after)
        .distinct()
        .order_by(c.user_sid)
        .limit(USERS_TOGETHER)
    )
    return list(tx.execute(query).scalars())


def _mark_deltas(tx: Transaction, locked: Mapping[str, Wallet]) -> Sequence[Row[Any]]:
    """Mark the open deltas of locked users with their next charge number and return them."""
    c = usage_deltas.c
    number = next_charge_number(c.user_sid)
    statement = (
        update(usage_deltas)
        .where(text("charge IS NULL"), c.user_sid.in_(sorted(locked)))
        .values(charge=number)
        .returning(c.user_sid, c.resource_kind, c.amount_micros, c.records)
    )
    return tx.execute(statement).all()


def _charge(wallet: Wallet, rows: Sequence[Row[Any]]) -> Charge:
    """Sum a user's marked deltas by kind."""
    by_kind: dict[str, int] = {}
    records = 0
    for row in rows:
        by_kind[row.resource_kind] = by_kind.get(row.resource_kind, 0) + int(row.amount_micros)
        records += int(row.records)
    return Charge(wallet.user_sid, wallet.charges + 1, by_kind, records)
