"""Every query about alerts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, exists, literal, select, update

from hero_onboarding.contacts import proved_users
from hero_onboarding.database import Transaction, values_of
from hero_onboarding.payments.alerts.domain import DEFAULT_THRESHOLD, Alert
from hero_onboarding.payments.alerts.tables import wallet_alerts
from hero_onboarding.wallet import has_less, has_moved

_w = wallet_alerts.c
_AT_ONCE: Final = 500


def find_alert(tx: Transaction, user_sid: str) -> Alert | None:
    """Return what a user wants to be told; None if the user never said and never was."""
    query = select(_w.user_sid, _w.threshold, _w.is_on, _w.is_low, _w.changed_at)
    row = tx.execute(query.where(_w.user_sid == user_sid)).first()
    return None if row is None else Alert(**values_of(row))


def put_alert(
    tx: Transaction, user_sid: str, threshold: int, now: datetime, *, is_on: bool
) -> None:
    """Write down what a user wants to be told; the user is told anew."""
    values = {"threshold": threshold, "is_on": is_on, "is_low": False, "changed_at": now}
    statement = tx.insert(wallet_alerts).values(user_sid=user_sid, times=0, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["user_sid"], set_=values))


def begin_alerts(tx: Transaction, now: datetime) -> int:
    """Write the default down for some users who fell below it, have an address and had money."""
    proved = proved_users().subquery()
    sid = proved.c.user_sid
    query = (
        select(sid)
        .where(
            ~exists().where(_w.user_sid == sid),
            has_less(sid, literal(DEFAULT_THRESHOLD, BigInteger)),
            has_moved(sid),
        )
        .order_by(sid)
        .limit(_AT_ONCE)
    )
    sids = list(tx.execute(query).scalars())
    values = {"threshold": DEFAULT_THRESHOLD, "is_on": True, "is_low": False, "times": 0}
    rows = [{"user_sid": one, "changed_at": now, **values} for one in sids]
    if rows:
        statement = tx.insert(wallet_alerts).on_conflict_do_nothing(index_elements=["user_sid"])
        tx.execute(statement.values(rows))
    return len(rows)


def forget_lows(tx: Transaction) -> None:
    """Note who has enough again."""
    has_enough = ~has_less(_w.user_sid, _w.threshold)
    tx.execute(update(wallet_alerts).where(_w.is_low, has_enough).values(is_low=False))


def forget_low(tx: Transaction, user_sid: str) -> None:
    """Note that a user has enough again, if so."""
    has_enough = ~has_less(_w.user_sid, _w.threshold)
    is_theirs = (_w.user_sid == user_sid) & _w.is_low
    tx.execute(update(wallet_alerts).where(is_theirs, has_enough).values(is_low=False))


def take_lows(tx: Transaction) -> Sequence[tuple[str, int, int]]:
    """Note some users who fell below their thresholds; return each, the threshold and how often.

    Each fall is taken once, whoever else takes some at the same time.
    """
    fallen = (_w.is_on, ~_w.is_low, has_less(_w.user_sid, _w.threshold))
    chosen = select(_w.user_sid).where(*fallen).order_by(_w.user_sid).limit(_AT_ONCE)
    rows = tx.execute(
        update(wallet_alerts)
        .where(_w.user_sid.in_(chosen.scalar_subquery()), ~_w.is_low)
        .values(is_low=True, times=_w.times + 1)
        .returning(_w.user_sid, _w.threshold, _w.times)
    )
    return sorted((str(row.user_sid), int(row.threshold), int(row.times)) for row in rows)
