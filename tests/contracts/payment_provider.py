"""What every payment provider must do, the fake as well as the real ones."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import uuid4

import pytest

from hero_onboarding.kernel.boundary import OutsideCallInTransactionError, transaction_is_open
from hero_onboarding.payments import ForgedNoticeError
from hero_onboarding.payments.domain import order_reference_of
from hero_onboarding.payments.errors import ProviderUnavailableError
from hero_onboarding.payments.ports import (
    CheckoutOrder,
    Delivery,
    OpenedCheckout,
    PaymentProvider,
    PaymentQuestion,
    PaymentState,
)


@dataclass(frozen=True)
class Habits:
    """What providers do in different ways, each of them soundly.

    Attributes:
        has_page: The payer pays on a page whose address is answered.
        repeats_answers: An order that is sent again is answered like the first time.
        knows_unpaid: It can tell an order that nobody paid from one that it never took.
        searches_unpaid: Such an order is found without what the provider called it.
    """

    has_page: bool = True
    repeats_answers: bool = True
    knows_unpaid: bool = True
    searches_unpaid: bool = True


class Peer(Protocol):
    """A provider, and hands on its other side."""

    @property
    @abstractmethod
    def provider(self) -> PaymentProvider: ...

    @property
    @abstractmethod
    def habits(self) -> Habits: ...

    @abstractmethod
    def an_order(self) -> CheckoutOrder:
        """Write an order as this provider takes it."""

    @abstractmethod
    def forgeries_of(self, delivery: Delivery) -> Sequence[Delivery]:
        """Change an authentic notice in ways that make it none."""

    @abstractmethod
    def pay(self, reference: str) -> None:
        """The payer of a checkout pays it."""

    @abstractmethod
    def expire(self, reference: str) -> None:
        """A checkout's time is over."""

    @abstractmethod
    def notice_of(self, reference: str) -> Delivery:
        """Give a notice about a checkout that was paid, as the provider sends it."""

    @abstractmethod
    def take_away(self) -> None:
        """Let the provider answer nothing any more."""


def an_order(**changes: object) -> CheckoutOrder:
    now = datetime.now(tz=UTC).replace(microsecond=0)
    top_up_id = uuid4()
    fields: dict[str, object] = {
        "top_up_id": top_up_id,
        "user_sid": "ada",
        "method": "checkout",
        "amount": 2_500,
        "currency": "USD",
        "key": f"topup-{top_up_id}-session-1",
        "expires_at": now + timedelta(hours=23),
        "return_url": f"http://localhost:9920/top-ups/{top_up_id}",
        "order_reference": order_reference_of(top_up_id),
        **changes,
    }
    return CheckoutOrder(**fields)  # type: ignore[arg-type]  # as named


def a_question(order: CheckoutOrder, reference: str | None) -> PaymentQuestion:
    return PaymentQuestion(
        top_up_id=order.top_up_id,
        reference=reference,
        asked_at=order.expires_at - timedelta(hours=23),
        expires_at=order.expires_at,
        order_reference=order.order_reference,
        method=order.method,
        amount=order.amount,
        currency=order.currency,
    )


def forgeries_of_signed(delivery: Delivery) -> Sequence[Delivery]:
    """For providers that sign the bytes of a body in a header."""
    return (
        Delivery(delivery.headers, delivery.body + b" ", delivery.received_at),
        Delivery({}, delivery.body, delivery.received_at),
    )


def opens_one_checkout_per_key(peer: Peer) -> None:
    order = peer.an_order()
    first = peer.provider.open_checkout(order)
    assert (first.redirect_url is not None) == peer.habits.has_page
    again = peer.provider.open_checkout(order)
    assert again == (first if peer.habits.repeats_answers else OpenedCheckout(first.reference))
    assert peer.provider.open_checkout(peer.an_order()).reference != first.reference


def tells_what_was_asked_for_until_it_is_paid(peer: Peer) -> None:
    order = peer.an_order()
    opened = peer.provider.open_checkout(order)
    question = a_question(order, opened.reference)

    payment = peer.provider.fetch_payment(question)
    assert payment is not None
    assert payment.state in {PaymentState.OPEN, PaymentState.PENDING}
    assert (payment.state is PaymentState.OPEN) or not peer.habits.has_page
    assert (payment.amount, payment.currency) == (order.amount, order.currency)
    assert payment.top_up_id == str(order.top_up_id)
    assert payment.reference == opened.reference
    assert payment.is_live is peer.provider.is_live
    assert payment.payment_id is None or payment.state is PaymentState.OPEN

    peer.pay(opened.reference)
    paid = peer.provider.fetch_payment(question)
    assert paid is not None
    assert paid.state is PaymentState.PAID
    assert (paid.amount, paid.currency) == (order.amount, order.currency)
    assert paid.top_up_id == str(order.top_up_id)
    assert paid.payment_id is not None
    assert paid.payment_id in paid.references


def finds_a_checkout_whose_answer_was_lost(peer: Peer) -> None:
    order = peer.an_order()
    opened = peer.provider.open_checkout(order)
    for _ in range(3):
        peer.provider.open_checkout(peer.an_order())

    if not peer.habits.searches_unpaid:
        assert peer.provider.fetch_payment(a_question(order, None)) is None
        assert peer.provider.open_checkout(order).reference == opened.reference
        peer.pay(opened.reference)
    found = peer.provider.fetch_payment(a_question(order, None))
    assert found is not None
    assert found.reference == opened.reference
    assert peer.provider.fetch_payment(a_question(peer.an_order(), None)) is None


def tells_that_a_checkout_is_over(peer: Peer) -> None:
    order = peer.an_order()
    opened = peer.provider.open_checkout(order)
    peer.expire(opened.reference)
    payment = peer.provider.fetch_payment(a_question(order, opened.reference))
    assert payment is not None
    over = PaymentState.EXPIRED if peer.habits.has_page else PaymentState.FAILED
    assert payment.state is over


def reads_its_notices_and_nobody_elses(peer: Peer) -> None:
    order = peer.an_order()
    opened = peer.provider.open_checkout(order)
    peer.pay(opened.reference)
    delivery = peer.notice_of(opened.reference)

    notice = peer.provider.read_notice(delivery)
    assert notice is not None
    assert opened.reference in notice.references
    assert peer.provider.read_notice(delivery) == notice
    forgeries = peer.forgeries_of(delivery)
    assert forgeries
    for forged in forgeries:
        with pytest.raises(ForgedNoticeError):
            peer.provider.read_notice(forged)


def calls_nobody_inside_a_transaction(peer: Peer) -> None:
    order = peer.an_order()
    with transaction_is_open():
        with pytest.raises(OutsideCallInTransactionError):
            peer.provider.open_checkout(order)
        with pytest.raises(OutsideCallInTransactionError):
            peer.provider.fetch_payment(a_question(order, order.order_reference))


def says_that_it_does_not_answer(peer: Peer) -> None:
    order = peer.an_order()
    peer.take_away()
    with pytest.raises(ProviderUnavailableError):
        peer.provider.open_checkout(order)
    with pytest.raises(ProviderUnavailableError):
        peer.provider.fetch_payment(a_question(order, order.order_reference))


def knows_nothing_of_what_it_never_opened(peer: Peer) -> None:
    order = peer.an_order()
    assert peer.provider.fetch_payment(a_question(order, None)) is None
    named = peer.provider.fetch_payment(a_question(order, order.order_reference))
    assert (named is None) == peer.habits.knows_unpaid


PROMISES = (
    opens_one_checkout_per_key,
    tells_what_was_asked_for_until_it_is_paid,
    finds_a_checkout_whose_answer_was_lost,
    tells_that_a_checkout_is_over,
    reads_its_notices_and_nobody_elses,
    calls_nobody_inside_a_transaction,
    knows_nothing_of_what_it_never_opened,
    says_that_it_does_not_answer,
)
