"""What pages show of the ledger; queries that read only."""

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, func, select, type_coerce

from hero_onboarding.database import Transaction
from hero_onboarding.ledger.domain import Operation
from hero_onboarding.ledger.tables import ledger_entries, ledger_transfers

_HOUR_MICROS: Final = 3_600_000_000


def sum_charged_by_hour(tx: Transaction, since: datetime, until: datetime) -> dict[int, int]:
    """Sum what all owners were charged, by the hour of posting counted from 1970.

    Args:
        tx: The open transaction.
        since: The first instant that counts.
        until: The first instant that no longer counts.
    """
    entries, transfers = ledger_entries.c, ledger_transfers.c
    hour = (type_coerce(transfers.posted_at, BigInteger) // _HOUR_MICROS).label("hour")
    query = (
        select(hour, func.sum(entries.amount).label("total"))
        .join_from(ledger_transfers, ledger_entries)
        .where(transfers.posted_at >= since, transfers.posted_at < until)
        .where(transfers.operation == Operation.CHARGE, entries.sequence.is_not(None))
        .group_by(hour)
    )
    return {int(row.hour): -int(row.total) for row in tx.execute(query)}
