"""What payments need from outside: a provider, and the values that are spoken with it.

Amounts are in the hundredths of their currency, whole numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol, runtime_checkable
from uuid import UUID

SHORT_NOTICE_BYTES_MAX: Final = 64 * 1024
"""The most that a notice has whose provider tells of one payment in it."""
SAVED_CARD: Final = "saved_card"
"""How a top-up is paid that nobody asks for: it comes by itself when a balance is low."""


class PaymentState(StrEnum):
    """What a provider says of a payment."""

    OPEN = "open"
    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    REFUNDED = "refunded"
    DISPUTED = "disputed"

    @property
    def has_come_in(self) -> bool:
        """Whether the payer's money reached the provider, whatever became of it since."""
        return self in {PaymentState.PAID, PaymentState.REFUNDED, PaymentState.DISPUTED}


@dataclass(frozen=True, slots=True)
class Hundredths:
    """An amount in the hundredths of a currency."""

    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class CheckoutOrder:
    """A checkout to open.

    Every field follows from what was written down when the top-up was asked for, so that an order
    that is sent again is the same order.

    Attributes:
        key: The idempotency key towards the provider.
        expires_at: Until when the payer may pay, in whole seconds.
        return_url: Where the provider sends the payer afterwards, whatever happened.
        order_reference: Our own name for the order: ``TU`` and 18 letters and digits, used once.
        phone: Whom to ask by a prompt: 255 and nine digits; None for all other ways.
        customer: The provider's name for the payer, where a card is to be saved.
        saves_card: Whether the payer agreed that the card is kept for payments without them.
    """

    top_up_id: UUID
    user_sid: str
    method: str
    amount: int
    currency: str
    key: str
    expires_at: datetime
    return_url: str
    order_reference: str = ""
    phone: str | None = field(default=None, repr=False)
    customer: str | None = None
    saves_card: bool = False


@dataclass(frozen=True, slots=True)
class OpenedCheckout:
    """A checkout that waits for its payer; ``reference`` is the provider's name for it.

    Attributes:
        redirect_url: Where the payer pays, for ways that have a page.
        control_number: What the payer types at their bank or operator, for ways that have one.
    """

    reference: str
    redirect_url: str | None = None
    control_number: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentQuestion:
    """Which payment is asked about.

    Attributes:
        reference: What the provider called the checkout; None when no answer to the order came.
        asked_at: When the top-up was asked for: a search begins there.
        expires_at: Until when the payer could pay: a search ends there.
        order_reference: Our own name for the order, as in ``CheckoutOrder``.
        method: Which way it was to be paid.
        amount: What was asked for, in hundredths, for providers that know nothing before a payment.
        currency: Of that.
        payment_id: The payment that was credited, where one was: one checkout may take several.
        customer: The provider's name for the payer, where one was named in the order.
    """

    top_up_id: UUID
    reference: str | None
    asked_at: datetime
    expires_at: datetime
    order_reference: str = ""
    method: str = "checkout"
    amount: int = 0
    currency: str = "USD"
    payment_id: str | None = None
    customer: str | None = None


@dataclass(frozen=True, slots=True)
class KeptCard:
    """A card that a provider keeps for a payer who agreed; nothing of its number but the end.

    Attributes:
        reference: The provider's name for it.
        customer: Whose it is there.
        expires_month: From 1 to 12, of ``expires_year``: the last in which it is good.
    """

    reference: str
    customer: str
    brand: str
    last4: str
    expires_month: int
    expires_year: int


@dataclass(frozen=True, slots=True)
class ProviderPayment:
    """What a provider says of one top-up's payment when it is asked.

    Attributes:
        amount: What the payer was asked for, in ``currency``, or what else came in.
        payment_id: The id under which the money is known there; set once any has come in.
        top_up_id: Which top-up it says that this pays, as it was told; None for none of ours.
        reference: What it calls the checkout.
        references: All other ids by which its notices may name this payment.
        is_live: Whether this is real money.
        redirect_url: Where the payer goes on, while the checkout is open.
        failure: Why it failed, a word of the provider's.
        refunded: How much of it went back or is on its way there.
        is_disputed: Whether the payer's bank ever asked for it, whatever became of that.
        paid_at: When the payer paid, as the provider says; None where it does not.
        others: Further payments that came in under the same checkout, each with an id of its own.
        card: The card that was kept with it, where the payer agreed.
        held: What it holds for us where it exchanged what the payer was asked for.
    """

    state: PaymentState
    amount: int
    currency: str
    top_up_id: str | None
    is_live: bool
    reference: str
    payment_id: str | None = None
    references: tuple[str, ...] = ()
    redirect_url: str | None = None
    failure: str = ""
    refunded: int = 0
    is_disputed: bool = False
    paid_at: datetime | None = None
    others: "tuple[ProviderPayment, ...]" = ()
    card: KeptCard | None = None
    held: Hundredths | None = None

    @property
    def received(self) -> Hundredths:
        """What the provider holds of it, in the currency in which it holds it."""
        return self.held or Hundredths(self.amount, self.currency)


class RefundState(StrEnum):
    """What became of a refund; ``asked`` is ours alone: no provider has answered yet."""

    ASKED = "asked"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"

    @property
    def is_waiting(self) -> bool:
        """Whether the provider is asked again by itself."""
        return self in {RefundState.ASKED, RefundState.PENDING}


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """Part or all of a payment to give back; the same each time it is sent.

    Attributes:
        payment_id: The provider's payment that it is taken from.
        key: The idempotency key towards the provider.
    """

    refund_id: UUID
    top_up_id: UUID
    user_sid: str
    payment_id: str
    amount: int
    currency: str
    key: str


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    """What a provider says of one refund.

    Attributes:
        reference: The provider's id of it.
        refund_id: Which refund of ours it says that this is, as it was told; None for none.
        failure: Why it failed, a word of the provider's.
    """

    reference: str
    state: RefundState
    amount: int
    currency: str
    refund_id: str | None = None
    failure: str = ""


def reversal_reference(payment_id: str) -> str:
    """Name the refund that a payment which was sent back is: its provider has no id of it."""
    return f"{payment_id}:reversal"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request to a webhook as it came; names of headers are in lower case."""

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """What an authentic delivery is about; a hint to ask, never a reason to move money.

    Attributes:
        event_id: The provider's id of the event, or a digest where it gives none.
        kind: What it says that happened, in the provider's words.
        references: The provider's ids that it names.
        top_up_id: The top-up that it names, as the provider was told.
    """

    event_id: str
    kind: str
    references: tuple[str, ...]
    top_up_id: str | None = None


class PaymentProvider(Protocol):
    """A company that collects money for us.

    Every implementation passes ``tests/contracts/payment_provider.py``, the fake included.
    """

    @property
    def name(self) -> str:
        """Name used in settings, routes and account paths, such as ``stripe``."""
        ...

    @property
    def is_live(self) -> bool:
        """Whether its keys move real money."""
        ...

    def open_checkout(self, order: CheckoutOrder) -> OpenedCheckout:
        """Open one checkout per key, however often it is called.

        Raises:
            CheckoutRefusedError: If it will not take this order; nothing was opened.
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came; whether it was opened is unknown.
        """
        ...

    def read_notice(self, delivery: Delivery) -> Notice | None:
        """Check that a delivery is authentic, then say what it is about; calls nobody.

        Returns None for authentic deliveries about something that is of no concern.

        Raises:
            ForgedNoticeError: If its signature is missing, wrong, stale or from the future.
            MalformedNoticeError: If it is authentic and can't be read.
            PaymentsOffError: If no secret is set that notices could be signed with.
        """
        ...

    def fetch_payment(self, question: PaymentQuestion) -> ProviderPayment | None:
        """Ask for the truth about a payment; without a reference, search for it.

        Returns None when there is certainly no checkout of this top-up.

        Raises:
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        ...


@dataclass(frozen=True, slots=True)
class PhoneWay:
    """A mobile-money operator that could ask a phone.

    Attributes:
        name: The provider's name of it, such as ``M-PESA``.
        fee: What it takes from the payer on top, an estimate in hundredths; None while it can't.
    """

    name: str
    fee: int | None


@runtime_checkable
class AskingProvider(Protocol):
    """A payment provider that asks payers on their phones, and tells before what that costs."""

    def preview_phone(self, amount: int, order_reference: str, phone: str) -> Sequence[PhoneWay]:
        """Say which operator would ask a phone for hundredths of a shilling; nothing is asked.

        Raises:
            CheckoutRefusedError: If the phone or the amount is refused.
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        ...


@runtime_checkable
class RefundingProvider(Protocol):
    """A payment provider that can give payments back; one that can't does not pretend to.

    Every implementation passes ``tests/contracts/refunding_provider.py``, the fake included.
    """

    def open_refund(self, order: RefundOrder) -> ProviderRefund:
        """Open one refund per key, however often it is called.

        Raises:
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came; whether it was opened is unknown.
            RefundRefusedError: If it will not give this back; nothing was opened.
        """
        ...

    def fetch_refunds(self, payment_id: str) -> Sequence[ProviderRefund]:
        """Ask for the truth about all refunds of a payment, whoever made them.

        Raises:
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        ...


@runtime_checkable
class BudgetedProvider(Protocol):
    """A payment provider that answers only so many calls, from all of our processes together."""

    @property
    def questions_per_minute(self) -> int:
        """How many calls questions may make in any minute; what people wait for is not counted."""
        ...
