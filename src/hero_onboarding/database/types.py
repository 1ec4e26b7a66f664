"""Column types that mean the same on both engines."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, Dialect, Integer, Row
from sqlalchemy.types import TypeDecorator

from hero_onboarding.kernel.overriding import override

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

RowId: Final = BigInteger().with_variant(Integer, "sqlite")
"""An ascending number that the engine gives; not without gaps."""


def micros_of(moment: datetime) -> int:
    """Count microseconds since 1970 of an aware instant."""
    assert moment.tzinfo is not None, moment
    return (moment - _EPOCH) // _MICROSECOND


def values_of(row: Row[Any]) -> dict[str, Any]:
    """Return the values of a row by the names of their columns."""
    return dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it


class Instant(TypeDecorator[datetime]):
    """An aware instant in UTC, kept as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Turn the instant into a number."""
        return None if value is None else micros_of(value)

    @override
    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Turn the number back into an instant."""
        return None if value is None else _EPOCH + value * _MICROSECOND
