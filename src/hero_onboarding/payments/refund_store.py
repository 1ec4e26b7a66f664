"""Every query about refunds."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, select, update

from hero_onboarding.database import Transaction, values_of
from hero_onboarding.payments.domain import TopUp, units_of
from hero_onboarding.payments.ports import ProviderRefund, RefundState
from hero_onboarding.payments.refunds import Refund, RefundRequest, worth_of
from hero_onboarding.payments.tables import refunds

_c = refunds.c
_COLUMNS: Final = [column for column in _c if column.name != "digest"]
_WAITING: Final = tuple(state for state in RefundState if state.is_waiting)


def insert_asked(tx: Transaction, top_up: TopUp, request: RefundRequest, now: datetime) -> Refund:
    """Insert a refund that is asked for here; its top-up is locked and its key is free."""
    origin = {"key": request.key, "digest": request.digest, "asked_at": now}
    return _insert(tx, top_up, request.amount, origin)


def insert_found(
    tx: Transaction, top_up: TopUp, found: ProviderRefund, now: datetime
) -> Refund | None:
    """Insert a refund that was made at the provider; None when another top-up has it.

    It is in the currency of its top-up.
    """
    assert found.currency == top_up.currency, found
    if find_by_reference(tx, top_up.provider, found.reference) is not None:
        return None
    return _insert(tx, top_up, found.amount, {"reference": found.reference, "asked_at": now})


def find_by_key(tx: Transaction, top_up_id: UUID, key: str) -> tuple[Refund, bytes] | None:
    """Return the refund of a top-up under a key and the digest of what was asked for."""
    row = tx.execute(select(refunds).where(_c.top_up_id == top_up_id, _c.key == key)).first()
    return None if row is None else (_refund(row), bytes(row.digest))


def find_by_reference(tx: Transaction, provider: str, reference: str) -> Refund | None:
    """Return the refund that a provider knows by an id, or None."""
    query = select(*_COLUMNS).where(_c.provider == provider, _c.reference == reference)
    row = tx.execute(query).first()
    return None if row is None else _refund(row)


def read_refund(tx: Transaction, refund_id: UUID) -> Refund:
    """Return a refund that is there."""
    return _refund(tx.execute(select(*_COLUMNS).where(_c.id == refund_id)).one())


def list_refunds(tx: Transaction, top_up_id: UUID) -> Sequence[Refund]:
    """List the refunds of a top-up, oldest first."""
    query = select(*_COLUMNS).where(_c.top_up_id == top_up_id).order_by(_c.number)
    return [_refund(row) for row in tx.execute(query)]


def change_refund(tx: Transaction, refund_id: UUID, **values: object) -> None:
    """Change a refund whose top-up this transaction locked."""
    tx.execute(update(refunds).where(_c.id == refund_id).values(**values))


def last_waiting_since(tx: Transaction, top_up_id: UUID) -> datetime | None:
    """Return when the youngest refund was asked for that has not ended; None without any."""
    query = select(func.max(_c.asked_at)).where(_c.top_up_id == top_up_id, _c.state.in_(_WAITING))
    found = tx.execute(query).scalar_one()
    assert found is None or isinstance(found, datetime), found
    return found


def sum_in_transit(tx: Transaction) -> Mapping[tuple[str, str], int]:
    """Sum what was asked for here and has not ended, in hundredths, by provider and currency."""
    query = (
        select(_c.provider, _c.currency, func.sum(_c.amount).label("total"))
        .where(_c.key.is_not(None), _c.state.in_(_WAITING))
        .group_by(_c.provider, _c.currency)
    )
    return {(row.provider, row.currency): int(row.total) for row in tx.execute(query)}


def _insert(tx: Transaction, top_up: TopUp, amount: int, values: Mapping[str, Any]) -> Refund:
    refund_id = uuid.uuid4()
    worth = worth_of(top_up, list_refunds(tx, top_up.id), amount)
    tx.execute(
        refunds.insert().values(
            id=refund_id,
            top_up_id=top_up.id,
            provider=top_up.provider,
            amount=amount,
            currency=top_up.currency,
            worth=worth,
            state=RefundState.ASKED,
            failure="",
            changed_at=values["asked_at"],
            **values,
        )
    )
    return read_refund(tx, refund_id)


def _refund(row: Row[Any]) -> Refund:
    values = values_of(row)
    values.pop("digest", None)
    worth = units_of(row.amount, row.currency) if row.worth is None else int(row.worth)
    return Refund(**{**values, "state": RefundState(row.state), "worth": worth})
