"""Where promotional credit meets use: what was charged in each hour decides what a grant pays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, bindparam, cast, func, select, text, union_all

from hero_onboarding.aggregation.tables import usage_deltas, usage_totals
from hero_onboarding.database import Transaction
from hero_onboarding.wallet import (
    Grant,
    GrantRequest,
    allot,
    find_competing,
    open_grant,
    read_grant,
    use_grants,
)

_totals, _deltas = usage_totals.c, usage_deltas.c
_KNOWN: Final = union_all(
    select(_totals.hour, _totals.amount_micros).where(
        _totals.user_sid == bindparam("user_sid"),
        _totals.hour.between(bindparam("first_hour"), bindparam("last_hour")),
    ),
    select(_deltas.hour, (-_deltas.amount_micros).label("amount_micros")).where(
        text("charge IS NULL"),
        _deltas.user_sid == bindparam("user_sid"),
        _deltas.hour.between(bindparam("first_hour"), bindparam("last_hour")),
    ),
).subquery()
_CHARGED: Final = select(
    _KNOWN.c.hour, cast(func.sum(_KNOWN.c.amount_micros), BigInteger).label("micros")
).group_by(_KNOWN.c.hour)
"""What was accepted less what is not charged yet, in one statement that sees one state of both."""


def grant_credit(tx: Transaction, request: GrantRequest, now: datetime) -> tuple[Grant, bool]:
    """Give a user promotional credit once, and let it pay what was charged in its life already.

    Raises:
        KeyReusedError: If the key was used before for other content.
        WalletLimitError: If the net would leave its range.
        WalletNotFoundError: If there is no such user.
        WrongGrantTimeError: If its life would be over.
    """
    grant, created = open_grant(tx, request, now)
    if created:
        apply_credit(tx, [request.user_sid], now)
        grant = read_grant(tx, request.id)
    return grant, created


def apply_credit(tx: Transaction, user_sids: Sequence[str], now: datetime) -> None:
    """Let grants pay for what was charged; the users' wallets are locked by this transaction.

    All users without credit together cost one query. A grant that has something left lies in a
    span of hours in which all use is paid for, so that few rows are read for it.

    Raises:
        WalletLimitError: If a net would leave its range; roll back.
    """
    uses: list[tuple[Grant, int]] = []
    for grants in find_competing(tx, user_sids):
        uses += allot(grants, _charged_by_hour(tx, grants))
    use_grants(tx, uses, now)


def _charged_by_hour(tx: Transaction, grants: Sequence[Grant]) -> dict[int, int]:
    """Sum what a user was charged in each hour of the lives of some grants, in micro-dollars."""
    given = {
        "user_sid": grants[0].user_sid,
        "first_hour": min(grant.hours.start for grant in grants),
        "last_hour": max(grant.hours.stop for grant in grants) - 1,
    }
    return {int(row.hour): int(row.micros) for row in tx.execute(_CHARGED, given)}
