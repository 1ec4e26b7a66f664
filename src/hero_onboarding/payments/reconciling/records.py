"""A provider's records as things to look for in the books. Pure."""

from dataclasses import dataclass, replace
from typing import Final

from hero_onboarding.payments.movement_ports import MoneyMovement, MovementKind
from hero_onboarding.payments.reconciling.findings import Item, Oddity
from hero_onboarding.payments.reconciling.ports import ListedPayment
from hero_onboarding.payments.reconciling.store import Booked

PAYMENT: Final = "payment"
_OURS_TO_POST: Final = frozenset(
    {MovementKind.FEE, MovementKind.PAYOUT, MovementKind.PAYOUT_FAILED}
)
_OF_REFUNDS: Final = frozenset({MovementKind.REFUND, MovementKind.REFUND_FAILED})


@dataclass(frozen=True, slots=True)
class Record:
    """A payment or a line, and where the books would have it.

    Attributes:
        about: What it is; a payment or refund is one thing, however often it is listed.
        key: The key of the fact about a payment that says the same; None without any.
        amount: Signed, in hundredths of ``currency``, as the payer paid or got it.
        references: The provider's ids by which a top-up may know it.
        top_up_id: The top-up that it names, as the provider was told.
        line: The line, if it is one.
    """

    about: str
    reference: str
    key: str | None
    amount: int
    currency: str
    payment_id: str | None
    references: tuple[str, ...]
    top_up_id: str | None = None
    line: MoneyMovement | None = None

    @property
    def is_ours_to_post(self) -> bool:
        """Whether it is a line that says all there is to know, about no payment."""
        return self.line is not None and self.line.kind in _OURS_TO_POST

    @property
    def refund(self) -> str | None:
        """Return the provider's id of the refund that it is a line of, or None."""
        is_refund = self.line is not None and self.line.kind in _OF_REFUNDS
        return self.line.source if is_refund and self.line is not None else None

    def is_same(self, booked: Booked) -> bool:
        """Whether the books say the same amount and currency."""
        return (abs(self.amount), self.currency) == (booked.amount, booked.currency)

    def odd(self, oddity: Oddity, booked: Booked | None = None) -> Item:
        """Name it as what can't be explained."""
        return Item(
            oddity=oddity,
            about=self.about,
            reference=self.reference,
            amount=self.amount,
            currency=self.currency,
            booked=None if booked is None else booked.amount,
            payment_id=self.payment_id,
            said="" if self.line is None else self.line.said,
        )


def record_of_payment(payment: ListedPayment) -> Record:
    """Say where the books would have a payment in the provider's list."""
    return Record(
        about=PAYMENT,
        reference=payment.payment_id,
        key=f"in:{payment.payment_id}",
        amount=payment.amount,
        currency=payment.currency,
        payment_id=payment.payment_id,
        references=(payment.payment_id, *payment.references),
        top_up_id=payment.top_up_id,
    )


def record_of_reversal(payment: ListedPayment) -> Record:
    """Say where the books would have it that a payment in the list was sent back."""
    assert payment.reversal is not None, payment
    return replace(
        record_of_payment(payment),
        about=str(MovementKind.REFUND),
        reference=payment.reversal,
        key=f"given_back:{payment.reversal}",
        amount=-payment.amount,
    )


def record_of_line(line: MoneyMovement) -> Record:
    """Say where the books would have a line of the provider's account."""
    things = {MovementKind.PAYMENT: line.payment_id, MovementKind.REFUND: line.source}
    amount, currency = line.paid
    return Record(
        about=str(line.kind),
        reference=things.get(line.kind) or line.reference,
        key=_key_of(line),
        amount=amount,
        currency=currency,
        payment_id=line.payment_id,
        references=tuple(one for one in (line.payment_id, line.source) if one is not None),
        line=line,
    )


def odd_credit(booked: Booked, oddity: Oddity, said: str = "") -> Item:
    """Name a payment in the books that the provider does not show as one that came in."""
    return Item(
        oddity=oddity,
        about=PAYMENT,
        reference=booked.payment_id or booked.key,
        amount=0,
        currency=booked.currency,
        booked=booked.amount,
        payment_id=booked.payment_id,
        said=said,
    )


def _key_of(line: MoneyMovement) -> str | None:
    names = {
        MovementKind.PAYMENT: ("in", line.payment_id),
        MovementKind.REFUND: ("given_back", line.source),
        MovementKind.REFUND_FAILED: ("came_back", line.source),
        MovementKind.DISPUTE: ("withdrawn", line.reference),
        MovementKind.DISPUTE_REVERSAL: ("reinstated", line.reference),
    }
    name, reference = names.get(line.kind, ("", None))
    return None if reference is None else f"{name}:{reference}"
