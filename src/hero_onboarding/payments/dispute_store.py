"""Every query about disputes."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update

from hero_onboarding.database import Transaction, values_of
from hero_onboarding.payments.dispute_ports import DisputeState, ProviderDispute
from hero_onboarding.payments.disputes import Dispute
from hero_onboarding.payments.domain import TopUp
from hero_onboarding.payments.tables import disputes

_c = disputes.c


def insert_dispute(
    tx: Transaction, top_up: TopUp, found: ProviderDispute, worth: int, now: datetime
) -> None:
    """Insert a dispute that nobody here knew of; its top-up is locked."""
    tx.execute(
        disputes.insert().values(
            id=uuid.uuid4(),
            top_up_id=top_up.id,
            provider=top_up.provider,
            reference=found.reference,
            amount=found.amount,
            currency=found.currency,
            worth=worth,
            state=found.state,
            withdrawn=0,
            movements=0,
            opened_at=now,
            changed_at=now,
        )
    )


def find_by_reference(tx: Transaction, provider: str, reference: str) -> Dispute | None:
    """Return the dispute that a provider knows by an id, or None."""
    query = select(disputes).where(_c.provider == provider, _c.reference == reference)
    row = tx.execute(query).first()
    return None if row is None else _dispute(row)


def list_disputes(tx: Transaction, top_up_id: UUID) -> Sequence[Dispute]:
    """List the disputes of a top-up, oldest first."""
    query = select(disputes).where(_c.top_up_id == top_up_id).order_by(_c.number)
    return [_dispute(row) for row in tx.execute(query)]


def change_dispute(tx: Transaction, dispute_id: UUID, **values: object) -> None:
    """Change a dispute whose top-up this transaction locked."""
    tx.execute(update(disputes).where(_c.id == dispute_id).values(**values))


def _dispute(row: Row[Any]) -> Dispute:
    values = values_of(row)
    return Dispute(**{**values, "state": DisputeState(row.state)})
