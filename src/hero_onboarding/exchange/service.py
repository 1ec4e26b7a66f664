"""Publish rates, find the one that counts, and ask whoever says what a dollar is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, select

from hero_onboarding.database import Database, Transaction
from hero_onboarding.exchange.domain import Rate, require_margin, require_rate
from hero_onboarding.exchange.errors import NoRateError, WrongRateError
from hero_onboarding.exchange.ports import RateSource
from hero_onboarding.exchange.tables import exchange_rates
from hero_onboarding.kernel.clock import Clock
from hero_onboarding.ledger import Fact, FactKind, record_fact

OPERATOR: Final = "operator"
"""The source of rates that an operator sets; they count until another is published."""

CURRENCIES: Final = frozenset({"TZS"})
"""The currencies that rates are kept of."""

AGE_MAX: Final = timedelta(days=3)
"""How old a rate of a provider may be that quotes are made by."""

_c = exchange_rates.c


def publish_rate(tx: Transaction, rate: Rate) -> Rate:
    """Publish a rate from its instant on; one that says the same as the present one is not kept.

    Raises:
        WrongRateError: If it can't be.
    """
    require_rate(rate.mid)
    require_margin(rate.margin)
    require_currency(rate.currency)
    present = rate_at(tx, rate.currency, rate.published_at)
    if present is not None and (present.mid, present.margin, present.source) == _said(rate):
        return _renewed(tx, present, rate)
    return _insert(tx, rate)


def rate_at(tx: Transaction, currency: str, instant: datetime) -> Rate | None:
    """Return the rate of a currency that counted at an instant, or None."""
    query = (
        select(exchange_rates)
        .where(_c.currency == currency, _c.published_at <= instant)
        .order_by(_c.published_at.desc())
        .limit(1)
    )
    row = tx.execute(query).first()
    return None if row is None else _rate(row)


def read_published(tx: Transaction, number: int) -> Rate:
    """Return a rate that was published."""
    return _rate(tx.execute(select(exchange_rates).where(_c.number == number)).one())


def find_rate(tx: Transaction, currency: str, now: datetime) -> Rate:
    """Return the rate by which quotes are made now.

    Raises:
        NoRateError: If none is published, or a provider's is too old to go by.
    """
    rate = rate_at(tx, currency, now)
    if rate is None or (rate.source != OPERATOR and rate.published_at < now - AGE_MAX):
        raise NoRateError(currency)
    return rate


def require_currency(currency: str) -> None:
    """Go on only with a currency that rates are kept of.

    Raises:
        WrongRateError: If it is none.
    """
    if currency not in CURRENCIES:
        raise WrongRateError(f"currency must be one of {', '.join(sorted(CURRENCIES))}")


@dataclass(frozen=True, slots=True)
class RateKeeper:
    """Asks a source for its rates every hour.

    Attributes:
        source: Who is asked; None where nobody is, and rates are an operator's alone.
        margin: What we take on top, in hundredths of a percent.
    """

    database: Database
    clock: Clock
    source: RateSource | None
    margin: int

    def publish(self, currency: str, mid: int, source: str = OPERATOR) -> Rate:
        """Publish a rate from now on, with this server's margin.

        Raises:
            WrongRateError: If it can't be.
        """
        now = self.clock.now()
        with self.database.transaction() as tx:
            return publish_rate(tx, Rate(0, currency, source, mid, self.margin, now))

    def refresh(self) -> int:
        """Ask the source and publish what it says; return how many rates were asked for.

        A currency whose present rate an operator set is left alone.
        """
        if self.source is None:
            return 0
        wanted = self._wanted()
        for currency in wanted:
            self.publish(currency, self.source.fetch_rate(currency), self.source.name)
        return len(wanted)

    def follow(self, currency: str) -> Rate:
        """Have the source's rates count again, from now on.

        Raises:
            NoRateError: If there is no source.
            WrongRateError: If no rates are kept of the currency.
        """
        if self.source is None:
            raise NoRateError(currency)
        require_currency(currency)
        return self.publish(currency, self.source.fetch_rate(currency), self.source.name)

    def _wanted(self) -> Sequence[str]:
        now = self.clock.now()
        with self.database.reading() as tx:
            rates = {currency: rate_at(tx, currency, now) for currency in sorted(CURRENCIES)}
        return [c for c, rate in rates.items() if rate is None or rate.source != OPERATOR]


def _said(rate: Rate) -> tuple[int, int, str]:
    return (rate.mid, rate.margin, rate.source)


def _renewed(tx: Transaction, present: Rate, rate: Rate) -> Rate:
    """Keep a rate again that is half as old as it may become, so that it stays young."""
    if rate.published_at < present.published_at + AGE_MAX / 2:
        return present
    return _insert(tx, rate)


def _insert(tx: Transaction, rate: Rate) -> Rate:
    values = {
        "currency": rate.currency,
        "source": rate.source,
        "mid": rate.mid,
        "margin": rate.margin,
        "published_at": rate.published_at,
    }
    index = ["currency", "published_at"]
    statement = tx.insert(exchange_rates).on_conflict_do_nothing(index_elements=index)
    row = tx.execute(statement.values(**values).returning(_c.number)).first()
    if row is None:
        found = rate_at(tx, rate.currency, rate.published_at)
        assert found is not None, rate
        return found
    content = {**values, "published_at": rate.published_at.isoformat()}
    key = str(row.number)
    fact = Fact(FactKind.RATE, f"fx:{rate.currency}", key, content, rate.published_at)
    record_fact(tx, fact, rate.published_at)
    return Rate(int(row.number), *list(values.values()))  # type: ignore[arg-type]  # as listed


def _rate(row: Row[Any]) -> Rate:
    return Rate(
        int(row.number),
        row.currency,
        row.source,
        int(row.mid),
        int(row.margin),
        row.published_at,
    )
