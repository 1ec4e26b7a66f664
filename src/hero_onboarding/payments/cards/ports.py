"""What saved cards need from outside: a provider that keeps them."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable
from uuid import UUID

from hero_onboarding.payments.ports import OpenedCheckout


@dataclass(frozen=True, slots=True)
class CustomerOrder:
    """A payer whom a provider is to know; the same each time it is sent.

    Attributes:
        key: The idempotency key towards the provider.
    """

    user_sid: str
    key: str


@dataclass(frozen=True, slots=True)
class ChargeOrder:
    """A charge of a saved card whose holder is away; the same each time it is sent.

    Attributes:
        amount: In hundredths of ``currency``.
        customer: The provider's name for the payer.
        card: The provider's name for the card.
        key: The idempotency key towards the provider.
    """

    top_up_id: UUID
    user_sid: str
    amount: int
    currency: str
    customer: str
    card: str
    key: str


@runtime_checkable
class CardKeepingProvider(Protocol):
    """A payment provider that keeps cards; one that can't does not pretend to.

    A checkout that saves a card says so in its order, and the card comes with the payment. Every
    implementation passes ``tests/contracts/card_keeping_provider.py``, the fake included.
    """

    def open_customer(self, order: CustomerOrder) -> str:
        """Make one customer per key, however often it is called; return the provider's name.

        Raises:
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came; whether there is one is unknown.
        """
        ...

    def charge_card(self, order: ChargeOrder) -> OpenedCheckout:
        """Charge once per key, however often it is called; whether it was paid is asked later.

        Raises:
            CheckoutRefusedError: If it will not take this order; nothing was charged.
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came; whether it was charged is unknown.
        """
        ...

    def detach_card(self, reference: str) -> None:
        """Let the provider forget a card, for good; one that it has forgotten is no failure.

        Raises:
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        ...
