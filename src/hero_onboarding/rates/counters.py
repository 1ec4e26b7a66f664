"""A storage of the ``limits`` library that counts in our database."""

from datetime import datetime, timedelta
from typing import Final

from limits.storage import Storage
from sqlalchemy import case, delete, select

from hero_onboarding.database import Transaction
from hero_onboarding.kernel.overriding import override
from hero_onboarding.rates.tables import rate_counters

_SWEPT_AT_ONCE: Final = 50
_c = rate_counters.c


class Counters(Storage):
    """Counters of fixed windows, each begun by its first hit, seen by one transaction."""

    STORAGE_SCHEME = None

    def __init__(self, tx: Transaction, now: datetime) -> None:
        super().__init__()
        self._tx = tx
        self._now = now

    @property
    @override
    def base_exceptions(self) -> type[Exception]:
        """Nothing is wrapped: failures of the database stay what they are."""
        return ArithmeticError

    @override
    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count in one statement, so that callers at once can't miss each other."""
        ends = self._now + timedelta(seconds=expiry)
        begun = self._tx.insert(rate_counters).values(key=key, count=amount, expires_at=ends)
        is_over = _c.expires_at <= self._now
        counted = begun.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "count": case((is_over, amount), else_=_c.count + amount),
                "expires_at": case((is_over, begun.excluded.expires_at), else_=_c.expires_at),
            },
        )
        return int(self._tx.execute(counted.returning(_c.count)).scalar_one())

    @override
    def get(self, key: str) -> int:
        """Return a counter's value; an unknown one is 0."""
        query = select(_c.count).where(_c.key == key, _c.expires_at > self._now)
        return int(self._tx.execute(query).scalar() or 0)

    @override
    def get_expiry(self, key: str) -> float:
        """Return when a counter's window ends, in Unix seconds."""
        ends = self._tx.execute(select(_c.expires_at).where(_c.key == key)).scalar()
        return (self._now if ends is None else ends).timestamp()

    @override
    def check(self) -> bool:
        """Whether counting works: the transaction is open."""
        return True

    @override
    def reset(self) -> int:
        """Forget all counters and return how many there were."""
        return int(self._tx.execute(delete(rate_counters)).rowcount)

    def sweep(self) -> None:
        """Forget some counters whose window is over; those that others have hold of can wait."""
        over = (
            select(_c.key).where(_c.expires_at <= self._now).order_by(_c.key).limit(_SWEPT_AT_ONCE)
        )
        self._tx.execute(
            delete(rate_counters).where(_c.key.in_(over.with_for_update(skip_locked=True)))
        )

    @override
    def clear(self, key: str) -> None:
        """Forget one counter."""
        self._tx.execute(delete(rate_counters).where(_c.key == key))
