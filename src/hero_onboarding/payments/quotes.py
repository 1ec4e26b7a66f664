"""What a payment in another currency is worth: a quote while it holds, then the day's rate."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select

from hero_onboarding.database import Transaction
from hero_onboarding.exchange import Rate, find_rate, micros_of, rate_at, read_published
from hero_onboarding.kernel.money import USD, micros_from_cents
from hero_onboarding.ledger import FactKind, find_fact, keyed_id
from hero_onboarding.payments.domain import TopUp
from hero_onboarding.payments.ports import ProviderPayment
from hero_onboarding.payments.tables import top_up_quotes

QUOTE_LIFE: Final = timedelta(minutes=30)
"""How long after it was asked for a payment may be made by the rate that was shown."""

_c = top_up_quotes.c


@dataclass(frozen=True, slots=True)
class Quote:
    """The rate that was shown before paying.

    Attributes:
        rate: The number of the published rate; mid and margin are as published.
        applied: What the payer pays for a dollar, in millionths of the currency.
        rated_at: From when on that rate counted.
        expires_at: Payments made until then are worth what was shown.
    """

    top_up_id: UUID
    rate: int
    source: str
    mid: int
    margin: int
    applied: int
    rated_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Worth:
    """What a payment is worth in micro-dollars, and the rate that says so; 0 for dollars."""

    micros: int
    rate: int = 0
    applied: int = 0


def quote_of(tx: Transaction, top_up_id: UUID, currency: str, now: datetime) -> Quote | None:
    """Make the quote of a new top-up; None for dollars, which need none.

    Raises:
        NoRateError: If no rate of the currency is there to go by.
    """
    if currency == USD.code:
        return None
    rate = find_rate(tx, currency, now)
    return Quote(
        top_up_id=top_up_id,
        rate=rate.number,
        source=rate.source,
        mid=rate.mid,
        margin=rate.margin,
        applied=rate.applied,
        rated_at=rate.published_at,
        expires_at=now + QUOTE_LIFE,
    )


def insert_quote(tx: Transaction, quote: Quote, currency: str) -> None:
    """Keep the quote of a top-up that this transaction made, unless it is kept."""
    tx.execute(
        tx.insert(top_up_quotes)
        .on_conflict_do_nothing()
        .values(
            top_up_id=quote.top_up_id,
            currency=currency,
            rate=quote.rate,
            source=quote.source,
            mid=quote.mid,
            margin=quote.margin,
            applied=quote.applied,
            rated_at=quote.rated_at,
            expires_at=quote.expires_at,
        )
    )


def find_quote(tx: Transaction, top_up_id: UUID) -> Quote | None:
    """Return what was shown before paying a top-up, or None."""
    row = tx.execute(select(top_up_quotes).where(_c.top_up_id == top_up_id)).first()
    return None if row is None else _quote(row)


def find_counting(tx: Transaction, top_up: TopUp) -> Quote | None:
    """Return the quote of a top-up, with the rate by which it was credited once it was.

    That is another one where it was paid after its quote was over. None for dollars.
    """
    quote = find_quote(tx, top_up.id)
    if quote is None or top_up.payment_id is None:
        return quote
    key = f"{top_up.provider}:{top_up.payment_id}"
    credited = find_fact(tx, keyed_id(FactKind.TOP_UP, top_up.user_sid, key))
    assert credited is not None, top_up
    rate = read_published(tx, int(credited["rate"]))
    return replace(
        quote,
        rate=rate.number,
        source=rate.source,
        mid=rate.mid,
        margin=rate.margin,
        applied=rate.applied,
        rated_at=rate.published_at,
    )


def shown_worth(amount: int, currency: str, quote: Quote | None) -> int:
    """Return what an amount in hundredths is worth by its quote, in micro-dollars."""
    if quote is None:
        assert currency == USD.code, currency
        return micros_from_cents(amount)
    return micros_of(amount, quote.applied)


def worth_of_payment(
    tx: Transaction, top_up: TopUp, payment: ProviderPayment, now: datetime
) -> Worth:
    """Say what a payment is worth: by its quote, else by the rate that counted when it was made.

    Follows from what is kept and what the provider says, and not from when it is asked.
    """
    if payment.currency == USD.code:
        return Worth(micros_from_cents(payment.amount))
    quote = find_quote(tx, top_up.id)
    assert quote is not None, top_up
    paid_at = payment.paid_at or now
    later = rate_at(tx, payment.currency, paid_at) if paid_at > quote.expires_at else None
    number, applied = _chosen(quote, later)
    return Worth(micros_of(payment.amount, applied), number, applied)


def _chosen(quote: Quote, later: Rate | None) -> tuple[int, int]:
    """A rate from before the quote's own is none of the time of the payment."""
    if later is None or later.number < quote.rate:
        return quote.rate, quote.applied
    return later.number, later.applied


def _quote(row: Row[Any]) -> Quote:
    return Quote(
        top_up_id=row.top_up_id,
        rate=int(row.rate),
        source=row.source,
        mid=int(row.mid),
        margin=int(row.margin),
        applied=int(row.applied),
        rated_at=row.rated_at,
        expires_at=row.expires_at,
    )
