"""Every query about automatic top-ups."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, case, exists, func, or_, select, update

from hero_onboarding.database import Transaction, values_of
from hero_onboarding.payments.automatic.domain import (
    AutomaticState,
    AutomaticTopUp,
    AutomaticWish,
    Failure,
    day_of,
    month_of,
)
from hero_onboarding.payments.automatic.tables import automatic_top_ups
from hero_onboarding.payments.dispute_ports import DisputeState
from hero_onboarding.payments.domain import TopUpState
from hero_onboarding.payments.ports import SAVED_CARD
from hero_onboarding.payments.tables import disputes, payment_events, top_ups
from hero_onboarding.wallet import has_less

_a = automatic_top_ups.c
_t = top_ups.c
_AUTOMATIC: Final = _t.method == SAVED_CARD
_WAITING: Final = tuple(state for state in TopUpState if state.is_waiting)
_NOT_SPENT: Final = (TopUpState.FAILED, TopUpState.EXPIRED)
_USERS_AT_ONCE: Final = 500
_FAILURES: Final = 5


def find_setting(tx: Transaction, user_sid: str) -> AutomaticTopUp | None:
    """Return what a user agreed to, or None."""
    row = tx.execute(select(automatic_top_ups).where(_a.user_sid == user_sid)).first()
    return None if row is None else _setting(row)


def lock_setting(tx: Transaction, user_sid: str) -> AutomaticTopUp | None:
    """Return what a user agreed to and hold it until the transaction ends; None without it."""
    query = select(automatic_top_ups).where(_a.user_sid == user_sid).with_for_update()
    row = tx.execute(query).first()
    return None if row is None else _setting(row)


def put_setting(tx: Transaction, wish: AutomaticWish, consent: str, now: datetime) -> None:
    """Write down what a user agrees to, in the place of what was agreed before."""
    values = {
        "card_id": wish.card_id,
        "threshold": wish.threshold,
        "amount": wish.amount,
        "daily_cap": wish.daily_cap,
        "monthly_cap": wish.monthly_cap,
        "consent": consent,
        "consented_at": now,
        "state": AutomaticState.ON,
        "pause_reason": "",
        "changed_at": now,
    }
    statement = tx.insert(automatic_top_ups).values(user_sid=wish.user_sid, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["user_sid"], set_=values))


def change_setting(tx: Transaction, user_sid: str, **values: object) -> None:
    """Change a setting that this transaction locked."""
    tx.execute(update(automatic_top_ups).where(_a.user_sid == user_sid).values(**values))


def list_low(tx: Transaction, after: str) -> Sequence[str]:
    """List some users, in order, that have less than their thresholds and nothing that waits."""
    waiting = exists().where(_t.user_sid == _a.user_sid, _AUTOMATIC, _t.state.in_(_WAITING))
    query = (
        select(_a.user_sid)
        .where(_a.state == AutomaticState.ON, _a.user_sid > after, ~waiting)
        .where(has_less(_a.user_sid, _a.threshold))
        .order_by(_a.user_sid)
        .limit(_USERS_AT_ONCE)
    )
    return list(tx.execute(query).scalars())


def sum_coming(tx: Transaction, user_sid: str, aside: str) -> int:
    """Sum what a user's pending payments will add, in micro-dollars, but for those set aside."""
    query = select(func.coalesce(func.sum(_t.credit), 0)).where(
        _t.user_sid == user_sid, _t.state == TopUpState.PENDING, _t.failure != aside
    )
    return int(tx.execute(query).scalar_one())


def sum_spent(tx: Transaction, user_sid: str, now: datetime) -> tuple[int, int]:
    """Sum a user's automatic top-ups of this day and month that may be or were paid, in cents."""
    today = case((_t.asked_at >= day_of(now), _t.amount), else_=0)
    query = select(
        func.coalesce(func.sum(today), 0).label("today"),
        func.coalesce(func.sum(_t.amount), 0).label("month"),
    ).where(
        _t.user_sid == user_sid,
        _AUTOMATIC,
        _t.state.not_in(_NOT_SPENT),
        _t.asked_at >= month_of(now),
    )
    row = tx.execute(query).one()
    return int(row.today), int(row.month)


def count_since(tx: Transaction, user_sid: str, since: datetime) -> int:
    """Count a user's automatic top-ups since an instant, whatever became of them."""
    query = select(func.count()).where(_t.user_sid == user_sid, _AUTOMATIC, _t.asked_at >= since)
    return int(tx.execute(query).scalar_one())


def has_dispute(tx: Transaction, user_sid: str) -> bool:
    """Whether the bank of any payment of a user asks for it back; one that is lost is over.

    A disputed top-up of which no dispute is known counts too: not every provider tells of them.
    """
    d = disputes.c
    known = exists().where(d.top_up_id == _t.id)
    is_open = exists().where(d.top_up_id == _t.id, d.state == DisputeState.OPEN)
    frozen = or_(is_open, and_(_t.state == TopUpState.DISPUTED, ~known))
    query = select(_t.id).where(_t.user_sid == user_sid, frozen)
    return tx.execute(query.limit(1)).first() is not None


def list_failures(tx: Transaction, user_sid: str) -> Sequence[Failure]:
    """List the latest failures since money of a user's last came in, newest first."""
    e = payment_events.c
    last_in = (
        select(func.max(e.recorded_at))
        .join(top_ups, _t.id == e.top_up_id)
        .where(_t.user_sid == user_sid, e.kind == "credited")
    )
    since = tx.execute(last_in).scalar_one()
    query = select(_t.failure, _t.changed_at).where(
        _t.user_sid == user_sid, _AUTOMATIC, _t.state == TopUpState.FAILED
    )
    if since is not None:
        query = query.where(_t.changed_at >= since)
    rows = tx.execute(query.order_by(_t.changed_at.desc(), _t.number.desc()).limit(_FAILURES))
    return [Failure(row.failure, row.changed_at) for row in rows]


def _setting(row: Row[Any]) -> AutomaticTopUp:
    values = values_of(row)
    return AutomaticTopUp(**{**values, "state": AutomaticState(row.state)})
