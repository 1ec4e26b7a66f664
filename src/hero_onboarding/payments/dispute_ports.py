"""What payments need of a provider whose payers can ask their bank for the money back.

Amounts are in the hundredths of their currency, whole numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable


class DisputeState(StrEnum):
    """What became of a dispute; ``closed`` ones moved no money: inquiries, and prevented ones."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"

    @property
    def is_against_us(self) -> bool:
        """Whether the payer's bank has the money, or may take it."""
        return self in {DisputeState.OPEN, DisputeState.LOST}


@dataclass(frozen=True, slots=True)
class DisputeMovement:
    """A line of the provider's account that a dispute caused.

    Attributes:
        reference: The provider's id of the line.
        amount: Signed: negative when money was withdrawn, positive when it was reinstated.
        fee: What the provider took for it besides; negative when it gave a fee back.
        shown_amount: The same amount in the payer's currency where the account is kept in another.
        shown_currency: That currency; None where it is the account's.
    """

    reference: str
    amount: int
    fee: int
    currency: str
    shown_amount: int | None = None
    shown_currency: str | None = None

    @property
    def paid(self) -> tuple[int, str]:
        """Return the amount as the payer paid it, signed, and its currency."""
        if self.shown_amount is None or self.shown_currency is None:
            return self.amount, self.currency
        return self.shown_amount, self.shown_currency


@dataclass(frozen=True, slots=True)
class ProviderDispute:
    """What a provider says of one dispute.

    Attributes:
        reference: The provider's id of it.
        amount: What the payer wants back.
        movements: What it did to the provider's account so far, oldest first; often nothing.
    """

    reference: str
    state: DisputeState
    amount: int
    currency: str
    movements: tuple[DisputeMovement, ...] = ()


@runtime_checkable
class DisputingProvider(Protocol):
    """A payment provider that tells of each dispute and what it moved.

    Every implementation passes ``tests/contracts/disputing_provider.py``, the fake included.
    """

    def fetch_disputes(self, payment_id: str) -> Sequence[ProviderDispute]:
        """Ask for the truth about all disputes of a payment.

        Raises:
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        ...
