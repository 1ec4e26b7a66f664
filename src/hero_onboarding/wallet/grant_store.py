"""Every query of promotional credit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, bindparam, select, text, true, update

from hero_onboarding.database import Transaction
from hero_onboarding.wallet.grants import Grant
from hero_onboarding.wallet.tables import grants

_c = grants.c
_live: Final = grants.alias("live")
_OF_USER: Final = (
    select(grants).where(_c.user_sid == bindparam("user_sid")).order_by(_c.expires_at, _c.id)
)
"""Built once: most pages of a user ask it."""

_WRITE: Final = (
    update(grants)
    .where(_c.id == bindparam("grant_id"))
    .values(
        used=bindparam("is_used"),
        expired=bindparam("is_expired"),
        remaining=bindparam("is_left"),
        is_open=bindparam("stays_open"),
        sequence=bindparam("number"),
    )
)


def insert_grant(tx: Transaction, grant: Grant) -> None:
    """Insert a grant whose wallet is locked and whose id is free."""
    tx.execute(
        grants.insert().values(
            id=grant.id,
            user_sid=grant.user_sid,
            account=grant.account,
            key=grant.key,
            reason=grant.reason,
            begins_at=grant.begins_at,
            expires_at=grant.expires_at,
            granted=grant.granted,
            used=grant.used,
            expired=grant.expired,
            remaining=grant.left,
            is_open=grant.is_open,
            sequence=grant.sequence,
            granted_at=grant.granted_at,
            verified_sequence=0,
            verified_remaining=0,
        )
    )


def write_grants(tx: Transaction, changed: Sequence[Grant]) -> None:
    """Write grants whose wallets are locked as they are now."""
    tx.execute(
        _WRITE,
        [
            {
                "grant_id": grant.id,
                "is_used": grant.used,
                "is_expired": grant.expired,
                "is_left": grant.left,
                "stays_open": grant.is_open,
                "number": grant.sequence,
            }
            for grant in changed
        ],
    )


def read_grant(tx: Transaction, grant_id: UUID) -> Grant:
    """Return a grant that is there."""
    return _grant(tx.execute(select(grants).where(_c.id == grant_id)).one())


def list_grants(tx: Transaction, user_sid: str) -> list[Grant]:
    """List all grants of a user, those that expire first at the beginning."""
    return [_grant(row) for row in tx.execute(_OF_USER, {"user_sid": user_sid})]


def list_competing(tx: Transaction, user_sids: Sequence[str]) -> list[Grant]:
    """List all grants, used up or not, of those users who have something left in one."""
    sid = _live.c.user_sid
    users = select(sid).where(text("live.remaining > 0"), sid.in_(sorted(user_sids)))
    query = select(grants).where(_c.user_sid.in_(users)).order_by(_c.user_sid, _c.id)
    return [_grant(row) for row in tx.execute(query)]


def list_over(tx: Transaction, before: datetime, limit: int) -> list[Grant]:
    """List open grants whose life ended at an instant or before."""
    query = (
        select(grants)
        .where(_c.is_open == true(), _c.expires_at <= before)
        .order_by(_c.user_sid, _c.id)
        .limit(limit)
    )
    return [_grant(row) for row in tx.execute(query)]


def list_open(tx: Transaction, grant_ids: Sequence[UUID]) -> list[Grant]:
    """List those of some grants that are open still."""
    query = select(grants).where(_c.is_open == true(), _c.id.in_(grant_ids))
    return [_grant(row) for row in tx.execute(query.order_by(_c.user_sid, _c.id))]


def list_all_grants(tx: Transaction) -> list[Grant]:
    """List all grants; for the books in full."""
    return [_grant(row) for row in tx.execute(select(grants))]


def _grant(row: Row[Any]) -> Grant:
    return Grant(
        id=row.id,
        user_sid=row.user_sid,
        key=row.key,
        reason=row.reason,
        begins_at=row.begins_at,
        expires_at=row.expires_at,
        granted=int(row.granted),
        granted_at=row.granted_at,
        used=int(row.used),
        expired=int(row.expired),
        sequence=int(row.sequence),
        is_open=bool(row.is_open),
    )
