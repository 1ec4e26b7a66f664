"""Every query of reconciling: what the books have of what a provider lists."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, exists, func, or_, select, true

from hero_onboarding.database import Transaction, values_of
from hero_onboarding.payments.dispute_ports import DisputeState
from hero_onboarding.payments.domain import TopUpState
from hero_onboarding.payments.ports import RefundState
from hero_onboarding.payments.tables import (
    account_lines,
    disputes,
    payment_events,
    refunds,
    top_ups,
)

CAME_IN: Final = ("credited", "suspended", "came_back", "reinstated")
WENT_OUT: Final = ("given_back", "withdrawn")
_AT_ONCE: Final = 500
_e = payment_events.c
_l = account_lines.c


@dataclass(frozen=True, slots=True)
class Booked:
    """What the books say of a payment or of what went back; in hundredths."""

    key: str
    kind: str
    amount: int
    currency: str
    top_up_id: UUID
    payment_id: str | None
    recorded_at: datetime


def find_booked(tx: Transaction, provider: str, keys: Collection[str]) -> Mapping[str, Booked]:
    """Return the facts about payments under some keys."""
    query = _booked().where(_e.provider == provider, _e.key.in_(sorted(keys)))
    return {row.key: _read(row) for row in tx.execute(query)}


def list_credited(
    tx: Transaction, provider: str, since: datetime, until: datetime
) -> Sequence[Booked]:
    """List the payments that came in and were recorded in an interval, oldest first."""
    query = _booked().where(
        _e.provider == provider,
        _e.kind.in_(("credited", "suspended")),
        _e.recorded_at >= since,
        _e.recorded_at < until,
    )
    return [_read(row) for row in tx.execute(query.order_by(_e.number))]


def list_waiting(
    tx: Transaction, provider: str, since: datetime, until: datetime
) -> Sequence[UUID]:
    """List some top-ups of an interval that wait."""
    t = top_ups.c
    query = select(t.id).where(t.provider == provider, t.asked_at >= since, t.asked_at < until)
    query = query.where(t.state.in_([state for state in TopUpState if state.is_waiting]))
    return list(tx.execute(query.order_by(t.number).limit(_AT_ONCE)).scalars())


def list_unsettled(tx: Transaction, provider: str) -> Sequence[UUID]:
    """List some top-ups with open disputes or refunds that wait, however old."""
    t, r, d = top_ups.c, refunds.c, disputes.c
    is_going_back = exists().where(
        r.top_up_id == t.id, r.state.in_([state for state in RefundState if state.is_waiting])
    )
    is_disputed = exists().where(d.top_up_id == t.id, d.state == DisputeState.OPEN)
    query = select(t.id).where(t.provider == provider, or_(is_going_back, is_disputed))
    return list(tx.execute(query.order_by(t.number).limit(_AT_ONCE)).scalars())


def sum_in_transit(tx: Transaction, provider: str) -> Mapping[str, int]:
    """Sum what the books have and no line that agrees shows, by currency."""
    same = (_l.provider == _e.provider) & (_l.event_key == _e.key)
    is_shown = exists().where(same, _l.is_posted == true())
    query = (
        select(_e.currency, _e.kind, func.sum(_e.amount).label("total"))
        .where(_e.provider == provider, _e.kind.in_((*CAME_IN, *WENT_OUT)), ~is_shown)
        .group_by(_e.currency, _e.kind)
    )
    sums: dict[str, int] = {}
    for row in tx.execute(query):
        sign = 1 if row.kind in CAME_IN else -1
        sums[row.currency] = sums.get(row.currency, 0) + sign * int(row.total)
    return sums


def list_in_transit(tx: Transaction, provider: str) -> Mapping[str, Sequence[str]]:
    """List some payments that no line shows yet, by currency, oldest first.

    What went back in full before any line showed it is none of them.
    """
    gone = payment_events.alias("gone").c
    is_shown = exists().where(
        _l.provider == _e.provider, _l.event_key == _e.key, _l.is_posted == true()
    )
    is_gone = exists().where(
        gone.provider == _e.provider,
        gone.payment_id == _e.payment_id,
        gone.kind == "given_back",
        gone.amount == _e.amount,
    )
    query = select(_e.currency, _e.payment_id).where(
        _e.provider == provider, _e.kind.in_(("credited", "suspended")), ~is_shown, ~is_gone
    )
    found: dict[str, list[str]] = {}
    for row in tx.execute(query.order_by(_e.number).limit(_AT_ONCE)):
        found.setdefault(row.currency, []).append(str(row.payment_id))
    return found


def sum_unposted(tx: Transaction, provider: str) -> Mapping[str, int]:
    """Sum what lines show that are not in the books, fees taken off, by currency."""
    query = (
        select(_l.currency, func.sum(_l.amount - _l.fee).label("total"))
        .where(_l.provider == provider, _l.is_posted != true())
        .group_by(_l.currency)
    )
    return {row.currency: int(row.total) for row in tx.execute(query)}


def find_failed_refunds(
    tx: Transaction, provider: str, references: Collection[str]
) -> Collection[str]:
    """Say which refunds have failed: what left the provider came back there."""
    r = refunds.c
    query = select(r.reference).where(
        r.provider == provider,
        r.reference.in_(sorted(references)),
        r.state == RefundState.FAILED,
    )
    return frozenset(tx.execute(query).scalars())


def sum_gone(tx: Transaction, provider: str, payment_ids: Collection[str]) -> Mapping[str, int]:
    """Sum what of some payments was given back and no line shows: it went before it was settled."""
    is_shown = exists().where(_l.provider == _e.provider, _l.event_key == _e.key)
    query = (
        select(_e.payment_id, func.sum(_e.amount).label("total"))
        .where(_e.provider == provider, _e.kind == "given_back", ~is_shown)
        .where(_e.payment_id.in_(sorted(payment_ids)))
        .group_by(_e.payment_id)
    )
    return {row.payment_id: int(row.total) for row in tx.execute(query)}


def find_shown(tx: Transaction, provider: str, keys: Collection[str]) -> Collection[str]:
    """Say which facts about payments a line of the provider's account shows."""
    query = select(_l.event_key).where(_l.provider == provider, _l.event_key.in_(sorted(keys)))
    return frozenset(tx.execute(query).scalars())


def _booked() -> Select[Any]:
    return select(
        _e.key, _e.kind, _e.amount, _e.currency, _e.top_up_id, _e.payment_id, _e.recorded_at
    )


def _read(row: Row[Any]) -> Booked:
    return Booked(**values_of(row))
