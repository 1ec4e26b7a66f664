"""Keep a card that a payer agreed to keep, list cards, and let go of one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from hero_onboarding.database import Transaction
from hero_onboarding.jobs import Job, enqueue
from hero_onboarding.payments.cards import store
from hero_onboarding.payments.cards.domain import CardState, SavedCard
from hero_onboarding.payments.domain import TopUp
from hero_onboarding.payments.errors import CardNotFoundError
from hero_onboarding.payments.ports import PaymentState, ProviderPayment

DETACH_CARD: Final = "detach_card"
"""Jobs of this kind have a provider forget a card that was removed here."""


def keep_card(tx: Transaction, top_up: TopUp, payment: ProviderPayment, now: datetime) -> bool:
    """Keep the card that came with a payment whose payer agreed; return whether it is new.

    One that was removed here stays removed, however often its payment is read again.
    """
    card = payment.card
    is_ours = card is not None and top_up.saves_card and card.customer == top_up.customer
    if card is None or not is_ours or payment.state is not PaymentState.PAID:
        return False
    return store.insert_card(tx, top_up.user_sid, top_up.provider, card, now)


def list_cards(tx: Transaction, user_sid: str) -> Sequence[SavedCard]:
    """List a user's cards that were not removed, oldest first."""
    return store.list_cards(tx, user_sid)


def get_own_card(tx: Transaction, user_sid: str, card_id: UUID) -> SavedCard:
    """Return a user's own card that was not removed, and hold it until the transaction ends.

    Raises:
        CardNotFoundError: If there is none.
    """
    card = store.lock_own_card(tx, user_sid, card_id)
    if card is None or card.state is CardState.REMOVED:
        raise CardNotFoundError(str(card_id))
    return card


def read_card(tx: Transaction, card_id: UUID) -> SavedCard:
    """Return a card that is there, whatever became of it."""
    card = store.find_card(tx, card_id)
    assert card is not None, card_id
    return card


def fail_card(tx: Transaction, provider: str, reference: str, now: datetime) -> None:
    """Note that a bank refuses a card for good; one that was removed stays so."""
    card = store.find_by_reference(tx, provider, reference)
    if card is not None and card.state is CardState.ACTIVE:
        store.change_card(tx, card.id, state=CardState.FAILED, changed_at=now)


def remove_card(tx: Transaction, user_sid: str, card_id: UUID, now: datetime) -> bool:
    """Let go of a user's own card; return whether it was still there. Repeating is safe.

    Nothing is charged to it from now on; a job has the provider forget it.

    Raises:
        CardNotFoundError: If the user never had such a card.
    """
    card = store.lock_own_card(tx, user_sid, card_id)
    if card is None:
        raise CardNotFoundError(str(card_id))
    if card.state is CardState.REMOVED:
        return False
    store.change_card(tx, card_id, state=CardState.REMOVED, changed_at=now)
    want_detached(tx, card_id, now)
    return True


def want_detached(tx: Transaction, card_id: UUID, now: datetime) -> None:
    """Have the provider forget a card."""
    enqueue(tx, Job(DETACH_CARD, str(card_id), now, {"card": str(card_id)}))
