"""Saved cards as values. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from hero_onboarding.payments.cards.ports import ChargeOrder, CustomerOrder
from hero_onboarding.payments.domain import TopUp

_MONTHS = 12


class CardState(StrEnum):
    """What became of a saved card; one that failed was refused for good by its bank."""

    ACTIVE = "active"
    FAILED = "failed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Customer:
    """A user as a provider knows them; ``reference`` is None before it answered."""

    id: UUID
    user_sid: str
    provider: str
    reference: str | None
    asked_at: datetime

    @property
    def order(self) -> CustomerOrder:
        """Write the order that makes it; the same each time."""
        return CustomerOrder(self.user_sid, f"customer-{self.id}")


@dataclass(frozen=True, slots=True)
class SavedCard:
    """A card that a provider keeps for a user, with nothing of its number but the end.

    Attributes:
        reference: The provider's name for it.
        customer: The provider's name for the user.
        detached_at: When the provider forgot it; None before.
    """

    id: UUID
    user_sid: str
    provider: str
    reference: str
    customer: str
    brand: str
    last4: str
    expires_month: int
    expires_year: int
    state: CardState
    saved_at: datetime
    changed_at: datetime
    detached_at: datetime | None

    @property
    def shown(self) -> str:
        """Name it to its holder, in words that need no translation."""
        return f"{self.brand.replace('_', ' ').title()} •••• {self.last4}"

    def is_over(self, now: datetime) -> bool:
        """Whether the month in which it was last good is past."""
        last = self.expires_year * _MONTHS + self.expires_month
        return now.year * _MONTHS + now.month > last

    def is_usable(self, now: datetime) -> bool:
        """Whether it can be charged."""
        return self.state is CardState.ACTIVE and not self.is_over(now)


def charge_of(top_up: TopUp) -> ChargeOrder:
    """Write the order that charges the saved card of a top-up; the same each time."""
    assert top_up.customer is not None, top_up
    assert top_up.card is not None, top_up
    return ChargeOrder(
        top_up_id=top_up.id,
        user_sid=top_up.user_sid,
        amount=top_up.amount,
        currency=top_up.currency,
        customer=top_up.customer,
        card=top_up.card,
        key=f"topup-{top_up.id}-pi-1",
    )
