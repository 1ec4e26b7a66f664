"""What every provider that gives payments back must do, the fake as well as the real ones."""

from abc import abstractmethod
from dataclasses import replace
from typing import Protocol
from uuid import uuid4

import pytest

from hero_onboarding.kernel.boundary import OutsideCallInTransactionError, transaction_is_open
from hero_onboarding.payments import RefundingProvider
from hero_onboarding.payments.errors import (
    ProviderAnswerError,
    ProviderUnavailableError,
    RefundRefusedError,
)
from hero_onboarding.payments.ports import PaymentState, ProviderPayment, RefundOrder, RefundState
from tests.contracts.payment_provider import Peer, a_question, an_order


class RefundingPeer(Peer, Protocol):
    """A provider that gives back, and hands on its other side."""

    @property
    @abstractmethod
    def refunding(self) -> RefundingProvider: ...

    @abstractmethod
    def let_refunds_be(self, state: RefundState) -> None:
        """Let new refunds be pending, or succeed at once."""

    @abstractmethod
    def end_refund(self, reference: str, state: RefundState) -> None:
        """A refund comes to its end."""

    @abstractmethod
    def give_back(self, payment_id: str, amount: int) -> None:
        """Somebody gives part of a payment back at the provider itself."""


def a_payment(peer: RefundingPeer) -> ProviderPayment:
    """A payment of 25 dollars that came in."""
    order = an_order()
    reference = peer.provider.open_checkout(order).reference
    peer.pay(reference)
    return fetched(peer, reference)


def fetched(peer: RefundingPeer, reference: str) -> ProviderPayment:
    payment = peer.provider.fetch_payment(a_question(an_order(), reference))
    assert payment is not None
    return payment


def a_refund(payment: ProviderPayment, amount: int = 1_000) -> RefundOrder:
    assert payment.payment_id is not None
    refund_id = uuid4()
    return RefundOrder(
        refund_id=refund_id,
        top_up_id=uuid4(),
        user_sid="ada",
        payment_id=payment.payment_id,
        amount=amount,
        currency="USD",
        key=f"refund-{refund_id}",
    )


def opens_one_refund_per_key(peer: RefundingPeer) -> None:
    payment = a_payment(peer)
    order = a_refund(payment)

    first = peer.refunding.open_refund(order)

    assert first.refund_id == str(order.refund_id)
    assert (first.amount, first.currency) == (1_000, "USD")
    assert first.state is RefundState.SUCCEEDED
    assert peer.refunding.open_refund(order).reference == first.reference
    assert peer.refunding.open_refund(a_refund(payment)).reference != first.reference
    with pytest.raises(ProviderAnswerError):
        peer.refunding.open_refund(replace(order, amount=900))
    assert fetched(peer, payment.reference).refunded == 2_000


def tells_of_all_refunds_whoever_made_them(peer: RefundingPeer) -> None:
    payment = a_payment(peer)
    order = a_refund(payment)
    assert peer.refunding.fetch_refunds(order.payment_id) == []
    peer.refunding.open_refund(order)
    peer.give_back(order.payment_id, 1_500)

    found = peer.refunding.fetch_refunds(order.payment_id)

    assert {(one.refund_id, one.amount) for one in found} == {
        (str(order.refund_id), 1_000),
        (None, 1_500),
    }
    assert {one.state for one in found} == {RefundState.SUCCEEDED}
    after = fetched(peer, payment.reference)
    assert (after.state, after.refunded) == (PaymentState.REFUNDED, 2_500)


def tells_how_a_refund_ends(peer: RefundingPeer) -> None:
    peer.let_refunds_be(RefundState.PENDING)
    payment = a_payment(peer)
    order = a_refund(payment)
    opened = peer.refunding.open_refund(order)
    assert opened.state is RefundState.PENDING
    assert fetched(peer, payment.reference).refunded == 1_000

    for state in (RefundState.SUCCEEDED, RefundState.FAILED):
        peer.end_refund(opened.reference, state)
        [found] = peer.refunding.fetch_refunds(order.payment_id)
        assert (found.reference, found.state) == (opened.reference, state)
    assert fetched(peer, payment.reference).refunded == 0


def gives_no_more_back_than_was_paid(peer: RefundingPeer) -> None:
    payment = a_payment(peer)
    with pytest.raises(RefundRefusedError):
        peer.refunding.open_refund(a_refund(payment, 2_501))
    peer.refunding.open_refund(a_refund(payment, 2_500))
    with pytest.raises(RefundRefusedError):
        peer.refunding.open_refund(a_refund(payment, 1))


def gives_back_nothing_inside_a_transaction_nor_without_an_answer(peer: RefundingPeer) -> None:
    order = a_refund(a_payment(peer))
    with transaction_is_open():
        with pytest.raises(OutsideCallInTransactionError):
            peer.refunding.open_refund(order)
        with pytest.raises(OutsideCallInTransactionError):
            peer.refunding.fetch_refunds(order.payment_id)
    peer.take_away()
    with pytest.raises(ProviderUnavailableError):
        peer.refunding.open_refund(order)
    with pytest.raises(ProviderUnavailableError):
        peer.refunding.fetch_refunds(order.payment_id)


REFUND_PROMISES = (
    opens_one_refund_per_key,
    tells_of_all_refunds_whoever_made_them,
    tells_how_a_refund_ends,
    gives_no_more_back_than_was_paid,
    gives_back_nothing_inside_a_transaction_nor_without_an_answer,
)
