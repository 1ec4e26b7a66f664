"""Set and find prices."""

from datetime import datetime
from typing import Final

from sqlalchemy import select

from hero_onboarding.database import Transaction
from hero_onboarding.pricing.domain import PriceTable
from hero_onboarding.pricing.tables import price_tables

_c = price_tables.c
_NEWEST: Final = (
    select(_c.compute_micros, _c.storage_micros, _c.tzs_per_usd).order_by(_c.number.desc()).limit(1)
)


def set_prices(tx: Transaction, table: PriceTable, now: datetime) -> None:
    """Set the prices that count from now on; earlier tables stay.

    Raises:
        WrongPriceError: If a price could not be charged.
    """
    table.require_sound()
    tx.execute(
        price_tables.insert().values(
            compute_micros=table.compute_micros,
            storage_micros=table.storage_micros,
            tzs_per_usd=table.tzs_per_usd,
            set_at=now,
        )
    )


def find_prices(tx: Transaction) -> PriceTable | None:
    """Return the prices that count, None before any were set."""
    row = tx.execute(_NEWEST).first()
    if row is None:
        return None
    return PriceTable(row.compute_micros, row.storage_micros, row.tzs_per_usd)
