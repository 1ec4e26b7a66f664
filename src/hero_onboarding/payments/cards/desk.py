"""Where saved cards meet their providers: asked outside of any transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from hero_onboarding.database import Database
from hero_onboarding.kernel.clock import Clock
from hero_onboarding.payments.cards import store
from hero_onboarding.payments.cards.domain import CardState, Customer
from hero_onboarding.payments.cards.ports import CardKeepingProvider
from hero_onboarding.payments.cards.service import want_detached
from hero_onboarding.payments.ports import PaymentProvider

OVERDUE: Final = timedelta(hours=1)
"""A card that a provider has not forgotten for so long lost its job."""


@dataclass(frozen=True, slots=True)
class CardDesk:
    """Has providers know users and forget cards."""

    database: Database
    clock: Clock
    providers: Mapping[str, PaymentProvider]

    def name_of(self, provider: CardKeepingProvider, customer: Customer) -> str:
        """Return the provider's name for a customer; where it has none yet, it is asked.

        Raises:
            ProviderAnswerError: If its answer makes no sense.
            ProviderUnavailableError: If it did not answer; asking again makes no second one.
        """
        if customer.reference is not None:
            return customer.reference
        reference = provider.open_customer(customer.order)
        with self.database.transaction() as tx:
            return store.name_customer(tx, customer, reference)

    def detach(self, card_id: UUID) -> None:
        """Have the provider forget a card that was removed; the work of a job.

        Where the provider is not set any more, it is tried again as long as it is not.

        Raises:
            ProviderAnswerError: If its answer makes no sense.
            ProviderUnavailableError: If it did not answer.
        """
        with self.database.reading() as tx:
            card = store.find_card(tx, card_id)
        if card is None or card.state is not CardState.REMOVED or card.detached_at is not None:
            return
        provider = self.providers.get(card.provider)
        if not isinstance(provider, CardKeepingProvider):
            return
        provider.detach_card(card.reference)
        with self.database.transaction() as tx:
            store.change_card(tx, card_id, detached_at=self.clock.now())

    def sweep(self) -> int:
        """Have cards forgotten whose jobs were lost; return how many."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            late = store.list_kept_abroad(tx, now - OVERDUE)
            for card_id in late:
                want_detached(tx, card_id, now)
        return len(late)
