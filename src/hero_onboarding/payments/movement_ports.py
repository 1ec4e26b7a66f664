"""A line of a provider's own account, as the provider lists it.

Amounts are in the hundredths of their currency, whole numbers.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MovementKind(StrEnum):
    """What a line is about; what fits nowhere else is ``other``, and a person looks at it."""

    PAYMENT = "payment"
    REFUND = "refund"
    REFUND_FAILED = "refund_failed"
    DISPUTE = "dispute"
    DISPUTE_REVERSAL = "dispute_reversal"
    FEE = "fee"
    PAYOUT = "payout"
    PAYOUT_FAILED = "payout_failed"
    EXCHANGE = "exchange"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class MoneyMovement:
    """One line.

    Attributes:
        reference: The provider's id of the line.
        amount: What it did to the account before the fee, signed: positive when money came in.
        fee: What the provider took from the account besides; negative when it gave a fee back.
        payment_id: The payment that it is about, if it is about any.
        source: What caused it there: the refund, dispute or payout.
        shown_amount: The same amount in the payer's currency where the account is kept in another.
        shown_currency: That currency; None where it is the account's.
        said: What it is in the words of the provider, for whoever has to find out.
    """

    reference: str
    kind: MovementKind
    amount: int
    fee: int
    currency: str
    at: datetime
    payment_id: str | None = None
    source: str | None = None
    shown_amount: int | None = None
    shown_currency: str | None = None
    said: str = ""

    @property
    def is_exchanged(self) -> bool:
        """Whether the account is kept in another currency than was paid."""
        return self.shown_currency not in {None, self.currency}

    @property
    def paid(self) -> tuple[int, str]:
        """Return the amount as the payer paid or got it, signed, and its currency."""
        if self.shown_amount is None or self.shown_currency is None:
            return self.amount, self.currency
        return self.shown_amount, self.shown_currency

    @property
    def cost(self) -> int:
        """Return what the provider took for itself, in hundredths."""
        return self.fee - (self.amount if self.kind is MovementKind.FEE else 0)
