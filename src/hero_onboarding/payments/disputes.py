"""Disputes as values, and the rules that decide what becomes of them. Pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hero_onboarding.payments.dispute_ports import DisputeState, ProviderDispute
from hero_onboarding.wallet import NEVER, HoldRequest

PURPOSE = "dispute"
"""What freezes are for that disputes place."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute as it stands.

    Attributes:
        reference: The provider's id of it.
        amount: What the payer wants back, in hundredths of ``currency``.
        worth: What that was credited for, in micro-dollars.
        withdrawn: What the provider took from us for it and has not reinstated, in hundredths.
        movements: How many lines of the provider's account it caused.
    """

    number: int
    id: UUID
    top_up_id: UUID
    provider: str
    reference: str
    amount: int
    currency: str
    worth: int
    state: DisputeState
    withdrawn: int
    movements: int
    opened_at: datetime
    changed_at: datetime

    @property
    def is_frozen(self) -> bool:
        """Whether so much must not be spent: it may be withdrawn and was not yet."""
        return self.state.is_against_us and self.movements == 0

    def freeze(self, user_sid: str) -> HoldRequest:
        """Ask for what is disputed to be held until more is known."""
        return HoldRequest(user_sid, self.worth, PURPOSE, f"dispute:{self.id}", NEVER)

    def worth_of(self, amount: int) -> int:
        """Return what a part of it was credited for, in micro-dollars; the same both ways."""
        return -(-amount * self.worth // self.amount)

    def may_become(self, found: ProviderDispute, *, is_overtaken: bool) -> bool:
        """Whether an answer says something newer than what is known.

        States go both ways, since what is lost may be appealed: what the provider has moved only
        grows, and an answer from before the last one counts no more.
        """
        is_older = is_overtaken or len(found.movements) < self.movements
        return found.state is not self.state and not is_older
