"""Every query about top-ups and the facts of their payments."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, select, update

from hero_onboarding.database import Transaction, values_of
from hero_onboarding.payments.domain import TopUp, TopUpRequest, TopUpState
from hero_onboarding.payments.tables import payment_events, top_up_references, top_ups
from hero_onboarding_schema import PaymentEvent

_c = top_ups.c
_COLUMNS: Final = [column for column in _c if column.name != "digest"]
_OVERDUE_AT_ONCE: Final = 200


def insert_top_up(tx: Transaction, request: TopUpRequest, values: Mapping[str, Any]) -> bool:
    """Insert a top-up unless its user may not have it beside another; return whether it is new.

    No two have one key, and no two that wait are paid with a saved card.
    """
    statement = tx.insert(top_ups).on_conflict_do_nothing()
    row = tx.execute(
        statement.values(
            user_sid=request.user_sid,
            key=request.key,
            digest=request.digest,
            provider=request.provider,
            method=request.method,
            amount=request.amount,
            currency=request.currency,
            phone=request.phone,
            credited=0,
            state=TopUpState.OPEN,
            failure="",
            wanted=0,
            answered=0,
            **values,
        ).returning(_c.number)
    ).first()
    return row is not None


def insert_further(tx: Transaction, parent: TopUp, values: Mapping[str, Any]) -> None:
    """Insert a top-up for a payment that came in under another's checkout, unless it is there."""
    statement = tx.insert(top_ups).on_conflict_do_nothing(index_elements=["id"])
    tx.execute(
        statement.values(
            user_sid=parent.user_sid,
            provider=parent.provider,
            method=parent.method,
            credited=0,
            is_live=parent.is_live,
            state=TopUpState.OPEN,
            failure="",
            reference=parent.reference,
            wanted=0,
            answered=0,
            asked_at=parent.asked_at,
            expires_at=parent.expires_at,
            **values,
        )
    )


def find_by_key(tx: Transaction, user_sid: str, key: str) -> tuple[TopUp, bytes] | None:
    """Return the top-up of a user under a key and the digest of what was asked for."""
    row = tx.execute(select(top_ups).where(_c.user_sid == user_sid, _c.key == key)).first()
    return None if row is None else (_top_up(row), bytes(row.digest))


def find_top_up(tx: Transaction, top_up_id: UUID) -> TopUp | None:
    """Return a top-up, or None."""
    row = tx.execute(select(*_COLUMNS).where(_c.id == top_up_id)).first()
    return None if row is None else _top_up(row)


def lock_top_up(tx: Transaction, top_up_id: UUID) -> TopUp:
    """Return a top-up that is there and hold it until the transaction ends."""
    query = select(*_COLUMNS).where(_c.id == top_up_id).with_for_update()
    return _top_up(tx.execute(query).one())


def change_top_up(tx: Transaction, top_up_id: UUID, **values: object) -> None:
    """Change a top-up that this transaction locked or made."""
    tx.execute(update(top_ups).where(_c.id == top_up_id).values(**values))


def want_question(tx: Transaction, top_up_id: UUID, due_at: datetime) -> int:
    """Ask for one more question about a top-up that is there, and return its number."""
    row = tx.execute(
        update(top_ups)
        .where(_c.id == top_up_id)
        .values(wanted=_c.wanted + 1, question_due_at=due_at)
        .returning(_c.wanted)
    ).one()
    return int(row.wanted)


def list_overdue(tx: Transaction, before: datetime) -> Sequence[UUID]:
    """List some top-ups whose question was due before an instant, in one order, and hold them."""
    query = (
        select(_c.id)
        .where(_c.question_due_at < before)
        .order_by(_c.id)
        .limit(_OVERDUE_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return list(tx.execute(query).scalars())


def list_top_ups(
    tx: Transaction, user_sid: str, *, before: int | None, limit: int
) -> Sequence[TopUp]:
    """List a user's top-ups, newest first."""
    query = select(*_COLUMNS).where(_c.user_sid == user_sid)
    if before is not None:
        query = query.where(_c.number < before)
    rows = tx.execute(query.order_by(_c.number.desc()).limit(limit))
    return [_top_up(row) for row in rows]


def claim_references(tx: Transaction, top_up: TopUp, references: Sequence[str]) -> Sequence[str]:
    """Keep the ids by which a provider knows a payment; return those that are another's."""
    names = {(top_up.provider, reference) for reference in references}
    found = find_all_by_references(tx, names)
    unknown = sorted(names - found.keys())
    if unknown:
        statement = tx.insert(top_up_references).on_conflict_do_nothing()
        for provider, reference in unknown:
            values = {"provider": provider, "reference": reference, "top_up_id": top_up.id}
            tx.execute(statement.values(**values))
        found = find_all_by_references(tx, names)
    return sorted(reference for (_, reference), owner in found.items() if owner != top_up.id)


def find_by_references(tx: Transaction, provider: str, references: Sequence[str]) -> Sequence[UUID]:
    """Return the top-ups that a provider knows by any of some ids, in one order."""
    r = top_up_references.c
    query = select(r.top_up_id).where(r.provider == provider, r.reference.in_(references))
    return sorted(set(tx.execute(query).scalars()))


def find_all_by_references(
    tx: Transaction, names: Collection[tuple[str, str]]
) -> Mapping[tuple[str, str], UUID]:
    """Return the top-ups that providers know by some ids, by provider and id."""
    r = top_up_references.c
    wanted = sorted({name for _, name in names})
    if not wanted:
        return {}
    query = select(r.provider, r.reference, r.top_up_id).where(r.reference.in_(wanted))
    found = {(row.provider, row.reference): row.top_up_id for row in tx.execute(query)}
    return {name: found[name] for name in names if name in found}


def find_providers(tx: Transaction, top_up_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Return the provider of each of some top-ups that is there."""
    query = select(_c.id, _c.provider).where(_c.id.in_(sorted(top_up_ids)))
    return {row.id: row.provider for row in tx.execute(query)}


def lock_questions(tx: Transaction, top_up_ids: Collection[UUID]) -> Mapping[UUID, tuple[int, int]]:
    """Hold some top-ups in one order; return how many questions each wants and has answered."""
    query = select(_c.id, _c.wanted, _c.answered).where(_c.id.in_(sorted(top_up_ids)))
    rows = tx.execute(query.order_by(_c.id).with_for_update())
    return {row.id: (int(row.wanted), int(row.answered)) for row in rows}


def insert_event(tx: Transaction, event: PaymentEvent) -> bool:
    """Keep a fact about a payment once; return whether it was new."""
    statement = tx.insert(payment_events).on_conflict_do_nothing(index_elements=["provider", "key"])
    row = tx.execute(
        statement.values(
            provider=event.provider,
            key=event.key,
            kind=event.kind,
            top_up_id=event.top_up_id,
            user_sid=event.user_sid,
            payment_id=event.payment_id,
            amount=event.amount,
            currency=event.currency,
            is_live=event.is_live,
            recorded_at=event.recorded_at,
        ).returning(payment_events.c.number)
    ).first()
    return row is not None


def has_event(tx: Transaction, provider: str, key: str, kind: str | None = None) -> bool:
    """Whether a fact about a provider's payments is kept under a key, and of a kind if any."""
    e = payment_events.c
    query = select(e.kind).where(e.provider == provider, e.key == key)
    found = tx.execute(query).scalar_one_or_none()
    return found is not None and kind in {None, found}


def has_kind(tx: Transaction, top_up_id: UUID, kind: str) -> bool:
    """Whether a fact of a kind is kept about a top-up's payments."""
    e = payment_events.c
    query = select(e.number).where(e.top_up_id == top_up_id, e.kind == kind).limit(1)
    return tx.execute(query).first() is not None


def list_events(tx: Transaction, top_up_id: UUID) -> Sequence[PaymentEvent]:
    """List the facts about a top-up's payments, oldest first."""
    e = payment_events.c
    query = select(*(c for c in e if c.name != "number")).where(e.top_up_id == top_up_id)
    rows = tx.execute(query.order_by(e.number)).mappings()
    return [PaymentEvent(**row) for row in rows]


def sum_events(tx: Transaction, kinds: Sequence[str]) -> Mapping[tuple[str, str], int]:
    """Sum the amounts of facts of some kinds, in hundredths, by provider and currency."""
    e = payment_events.c
    query = (
        select(e.provider, e.currency, func.sum(e.amount).label("total"))
        .where(e.kind.in_(kinds))
        .group_by(e.provider, e.currency)
    )
    return {(row.provider, row.currency): int(row.total) for row in tx.execute(query)}


def _top_up(row: Row[Any]) -> TopUp:
    values = values_of(row)
    values.pop("digest", None)
    return TopUp(**{**values, "state": TopUpState(row.state)})
