"""Every query about customers at providers and saved cards."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select, update

from hero_onboarding.database import Transaction, values_of
from hero_onboarding.payments.cards.domain import CardState, Customer, SavedCard
from hero_onboarding.payments.cards.tables import payment_customers, saved_cards
from hero_onboarding.payments.ports import KeptCard

_c = saved_cards.c
_AT_ONCE: Final = 200


def claim_customer(tx: Transaction, user_sid: str, provider: str, now: datetime) -> Customer:
    """Return the customer that a user is at a provider; write it down if there is none."""
    tx.execute(
        tx.insert(payment_customers)
        .on_conflict_do_nothing(index_elements=["user_sid", "provider"])
        .values(user_sid=user_sid, provider=provider, id=uuid.uuid4(), asked_at=now)
    )
    p = payment_customers.c
    query = select(payment_customers).where(p.user_sid == user_sid, p.provider == provider)
    return Customer(**tx.execute(query).mappings().one())


def name_customer(tx: Transaction, customer: Customer, reference: str) -> str:
    """Keep a provider's name for a customer; return the one that was kept first."""
    p = payment_customers.c
    unnamed = (p.id == customer.id) & p.reference.is_(None)
    tx.execute(update(payment_customers).where(unnamed).values(reference=reference))
    kept = tx.execute(select(p.reference).where(p.id == customer.id)).scalar_one()
    return str(kept)


def insert_card(
    tx: Transaction, user_sid: str, provider: str, card: KeptCard, now: datetime
) -> bool:
    """Insert a card unless it was saved before; return whether it is new."""
    statement = tx.insert(saved_cards).on_conflict_do_nothing(
        index_elements=["provider", "reference"]
    )
    row = tx.execute(
        statement.values(
            id=uuid.uuid4(),
            user_sid=user_sid,
            provider=provider,
            reference=card.reference,
            customer=card.customer,
            brand=card.brand,
            last4=card.last4,
            expires_month=card.expires_month,
            expires_year=card.expires_year,
            state=CardState.ACTIVE,
            saved_at=now,
            changed_at=now,
        ).returning(_c.id)
    ).first()
    return row is not None


def find_card(tx: Transaction, card_id: UUID) -> SavedCard | None:
    """Return a card, or None."""
    row = tx.execute(select(saved_cards).where(_c.id == card_id)).first()
    return None if row is None else _card(row)


def lock_own_card(tx: Transaction, user_sid: str, card_id: UUID) -> SavedCard | None:
    """Return a user's own card and hold it until the transaction ends; None if it is not."""
    query = select(saved_cards).where(_c.id == card_id, _c.user_sid == user_sid)
    row = tx.execute(query.with_for_update()).first()
    return None if row is None else _card(row)


def find_by_reference(tx: Transaction, provider: str, reference: str) -> SavedCard | None:
    """Return the card that a provider knows by a name, or None."""
    query = select(saved_cards).where(_c.provider == provider, _c.reference == reference)
    row = tx.execute(query).first()
    return None if row is None else _card(row)


def list_cards(tx: Transaction, user_sid: str) -> Sequence[SavedCard]:
    """List a user's cards that were not removed, oldest first."""
    query = select(saved_cards).where(_c.user_sid == user_sid, _c.state != CardState.REMOVED)
    return [_card(row) for row in tx.execute(query.order_by(_c.saved_at, _c.id))]


def change_card(tx: Transaction, card_id: UUID, **values: object) -> None:
    """Change a card."""
    tx.execute(update(saved_cards).where(_c.id == card_id).values(**values))


def list_kept_abroad(tx: Transaction, before: datetime) -> Sequence[UUID]:
    """List some cards removed before an instant that their provider has not forgotten."""
    query = select(_c.id).where(
        _c.state == CardState.REMOVED, _c.detached_at.is_(None), _c.changed_at < before
    )
    return list(tx.execute(query.order_by(_c.id).limit(_AT_ONCE)).scalars())


def _card(row: Row[Any]) -> SavedCard:
    values = values_of(row)
    return SavedCard(**{**values, "state": CardState(row.state)})
