"""Refunds as values, and the rules that decide what becomes of them. Pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from hero_onboarding.ledger import Operation
from hero_onboarding.payments.domain import (
    KEY_CHARACTERS_MAX,
    RESEND_LIFE,
    TopUp,
    TopUpState,
)
from hero_onboarding.payments.errors import (
    NotRefundableError,
    RefundTooLargeError,
    WrongRefundError,
)
from hero_onboarding.payments.ports import (
    Hundredths,
    ProviderPayment,
    ProviderRefund,
    RefundOrder,
    RefundState,
    reversal_reference,
)

SEARCH_LIFE: Final = RESEND_LIFE + timedelta(hours=1)
"""After this an order of which the provider knows nothing never arrived.

An hour longer than it is sent again, so that no call can still be on its way.
"""

NOT_FOUND: Final = "not_found"
"""Why a refund failed whose order never arrived."""

_RANK: Final = {state: rank for rank, state in enumerate(RefundState)}
"""States only move up: an answer that was overtaken takes nothing back."""


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """A part of a top-up that somebody wants back; ``amount`` is in the paid hundredths."""

    top_up_id: UUID
    amount: int
    key: str

    def require_sound(self) -> None:
        """Check everything that can be checked without asking anybody.

        Raises:
            WrongRefundError: Saying what can't be.
        """
        assert type(self.amount) is int, self
        if self.amount < 1:
            raise WrongRefundError("amount must be 1 or more hundredths of what was paid")
        if not 1 <= len(self.key) <= KEY_CHARACTERS_MAX or not self.key.isprintable():
            detail = f"idempotency_key must have 1 to {KEY_CHARACTERS_MAX} printable characters"
            raise WrongRefundError(detail)

    @property
    def digest(self) -> bytes:
        """Digest the content, so that a repeat with other content is noticed."""
        return hashlib.blake2b(msgspec.json.encode([self.amount]), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund as it stands.

    Attributes:
        key: Under which it was asked for here; None when it was made at the provider.
        amount: What goes back, in hundredths of ``currency``.
        worth: What it takes from the wallet, in micro-dollars.
        reference: The provider's id, None before the provider answered.
    """

    number: int
    id: UUID
    top_up_id: UUID
    key: str | None
    provider: str
    amount: int
    currency: str
    worth: int
    state: RefundState
    failure: str
    reference: str | None
    asked_at: datetime
    changed_at: datetime

    @property
    def is_ours(self) -> bool:
        """Whether it was asked for here, so that the wallet paid for it."""
        return self.key is not None

    def order(self, top_up: TopUp) -> RefundOrder:
        """Write the order that opens it; the same each time."""
        assert top_up.payment_id is not None, top_up
        return RefundOrder(
            refund_id=self.id,
            top_up_id=top_up.id,
            user_sid=top_up.user_sid,
            payment_id=top_up.payment_id,
            amount=self.amount,
            currency=self.currency,
            key=f"refund-{self.id}",
        )

    def may_resend(self, now: datetime) -> bool:
        """Whether an order without an answer is sent again rather than searched for."""
        is_open = self.state is RefundState.ASKED and self.reference is None
        return is_open and now < self.asked_at + RESEND_LIFE

    def is_lost(self, now: datetime) -> bool:
        """Whether an order that the provider knows nothing of never arrived."""
        is_open = self.state is RefundState.ASKED and self.reference is None
        return is_open and now >= self.asked_at + SEARCH_LIFE

    def is_news(self, state: RefundState) -> bool:
        """Whether a state is further than where it is."""
        return _RANK[state] > _RANK[self.state]


def left_of(top_up: TopUp, refunds: Sequence[Refund]) -> int:
    """Return what can still be given back of a payment, in hundredths; nothing of one not paid."""
    if not can_give_back(top_up):
        return 0
    going = sum(refund.amount for refund in refunds if refund.state is not RefundState.FAILED)
    return max(top_up.amount - going, 0)


def can_give_back(top_up: TopUp) -> bool:
    """Whether a top-up is one of which something can be given back.

    What its provider exchanged goes back whole, and there alone.
    """
    is_paid = top_up.state is TopUpState.PAID and top_up.payment_id is not None
    return is_paid and top_up.held is None


def require_refundable(top_up: TopUp, refunds: Sequence[Refund], amount: int) -> None:
    """Go on only where so much is left of a payment.

    Raises:
        NotRefundableError: If nothing of this top-up can be given back.
        RefundTooLargeError: If less is left.
    """
    if top_up.state is not TopUpState.PAID:
        raise NotRefundableError(f"it is {top_up.state}; paid ones can")
    if top_up.held is not None:
        raise NotRefundableError(f"{top_up.provider} exchanged it")
    left = left_of(top_up, refunds)
    if amount > left:
        raise RefundTooLargeError(requested=amount, left=left)


def worth_of(top_up: TopUp, refunds: Sequence[Refund], amount: int) -> int:
    """Return what the next hundredths that go back take from the wallet, in micro-dollars.

    Cumulative: whoever gets all of a payment back gives back all that was credited for it, in
    however many parts; and what was returned is never more than
    ``floor(paid * refunded so far / credited)``.
    """
    going = [refund for refund in refunds if refund.state is not RefundState.FAILED]
    returned = sum(refund.amount for refund in going) + amount
    worth = -(-returned * top_up.credited // top_up.amount)
    return max(worth - sum(refund.worth for refund in going), 0)


def least_worth(top_up: TopUp, available: int) -> int:
    """Return how many hundredths of a payment so many micro-dollars can give back at most."""
    return available * top_up.amount // top_up.credited if top_up.credited else 0


def movements_of(refund: Refund, state: RefundState) -> Sequence[Operation]:
    """Say what money moves when a refund goes on to a state.

    What was asked for here was taken from the wallet and comes back when it fails; what was made
    at the provider is owed, and no longer when it fails.
    """
    was_paid = refund.state is RefundState.SUCCEEDED
    if state is RefundState.SUCCEEDED:
        return (Operation.REFUND_PAID if refund.is_ours else Operation.TAKEN_BACK,)
    if state is not RefundState.FAILED:
        return ()
    if refund.is_ours:
        reversed_first = (Operation.REFUND_REVERSED,) if was_paid else ()
        return (*reversed_first, Operation.REFUND_RETURNED)
    return (Operation.TAKEN_BACK_RETURNED,) if was_paid else ()


def match_refund(refunds: Sequence[Refund], found: ProviderRefund) -> Refund | None:
    """Find the row that a refund of the provider's is: by its id, else by ours.

    One that names a refund of ours which has ended or has another id there is none of ours.
    """
    for refund in refunds:
        if refund.reference == found.reference:
            return refund
    for refund in refunds:
        is_open = refund.state is RefundState.ASKED and refund.reference is None
        if is_open and str(refund.id) == found.refund_id:
            return refund
    return None


def reversals_of(payment: ProviderPayment) -> Sequence[ProviderRefund]:
    """Read what a payment says of having been sent back, where nobody can list its refunds."""
    if payment.payment_id is None or not payment.refunded:
        return ()
    reference = reversal_reference(payment.payment_id)
    succeeded = RefundState.SUCCEEDED
    return (ProviderRefund(reference, succeeded, payment.refunded, payment.currency),)


def may_be_refund_of(top_up: TopUp, found: ProviderRefund) -> bool:
    """Whether a refund that was made at the provider can be one of a top-up's payment.

    What the provider exchanged goes back whole: nobody says what a part of it would be.
    """
    is_part = top_up.held is not None and found.amount != top_up.amount
    return found.currency == top_up.currency and found.amount > 0 and not is_part


def sent_back(top_up: TopUp, refund: Refund) -> Hundredths:
    """Say what of a refund leaves the provider: of what it exchanged, all that it holds."""
    assert top_up.held is None or refund.amount == top_up.amount, refund
    return top_up.held or Hundredths(refund.amount, refund.currency)


def given_back(refunds: Sequence[Refund]) -> int:
    """Sum what went back for good, in hundredths."""
    return sum(refund.amount for refund in refunds if refund.state is RefundState.SUCCEEDED)
