"""What reconciling needs of a provider: its own records, whatever we were told before.

Amounts are in the hundredths of their currency, whole numbers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from hero_onboarding.payments.movement_ports import MoneyMovement, MovementKind
from hero_onboarding.payments.ports import Notice, PaymentState

__all__ = [
    "ListedPayment",
    "MoneyMovement",
    "MovementKind",
    "ReconcilingProvider",
    "TellingProvider",
]


@dataclass(frozen=True, slots=True)
class ListedPayment:
    """A payment in a provider's own list.

    Attributes:
        payment_id: The id under which the money is known there.
        references: All other ids of it.
        top_up_id: Which top-up it says that it pays, as it was told; None for none of ours.
        at: When it was made.
        reversal: Which refund sent all of it back, where the list tells that: before it was
            settled no line of the account does.
    """

    payment_id: str
    references: tuple[str, ...]
    top_up_id: str | None
    amount: int
    currency: str
    state: PaymentState
    at: datetime
    reversal: str | None = None


@runtime_checkable
class ReconcilingProvider(Protocol):
    """A payment provider that shows its own records.

    Every implementation passes ``tests/contracts/reconciling_provider.py``, the fake included.
    Nothing is called before the first element is asked for, and each call is one page.
    """

    def list_movements(self, since: datetime, until: datetime) -> Iterator[MoneyMovement]:
        """List the lines of its account made from ``since`` on and before ``until``.

        Raises:
            ProviderAnswerError: If an answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        ...

    def list_payments(self, since: datetime, until: datetime) -> Iterator[ListedPayment]:
        """List the payments made from ``since`` on and before ``until``, whatever became of them.

        Raises:
            ProviderAnswerError: If an answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        ...

    def fetch_balances(self) -> Mapping[str, int]:
        """Ask what the account holds by currency, what is still to become available included.

        Raises:
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        ...


@runtime_checkable
class TellingProvider(Protocol):
    """A payment provider whose notices can be listed, so that lost ones are found."""

    def list_notices(self, since: datetime, *, is_untold: bool) -> Iterator[tuple[Notice, bytes]]:
        """List the notices of concern since an instant with their bodies.

        Args:
            since: When the first of them was made.
            is_untold: Whether to leave out those that it could deliver.

        Raises:
            ProviderAnswerError: If an answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        ...
