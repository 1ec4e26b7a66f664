"""What every provider that tells of disputes must do, the fake as well as the real ones."""

from abc import abstractmethod
from typing import Protocol

import pytest

from hero_onboarding.kernel.boundary import OutsideCallInTransactionError, transaction_is_open
from hero_onboarding.payments import DisputeState, DisputingProvider
from hero_onboarding.payments.errors import ProviderUnavailableError
from tests.contracts.refunding_provider import RefundingPeer, a_payment, fetched


class DisputingPeer(RefundingPeer, Protocol):
    """A provider that tells of disputes, and hands on its other side."""

    @property
    @abstractmethod
    def disputing(self) -> DisputingProvider: ...

    @abstractmethod
    def dispute(self, payment_id: str, *, is_inquiry: bool) -> str:
        """The payer's bank asks, with or without taking the money; return the dispute's id."""

    @abstractmethod
    def end_dispute(self, reference: str, state: DisputeState) -> None:
        """A dispute comes to its end; when it is won the money is back."""


def tells_of_a_dispute_and_what_it_moved(peer: DisputingPeer) -> None:
    payment = a_payment(peer)
    payment_id = str(payment.payment_id)
    assert not payment.is_disputed
    assert list(peer.disputing.fetch_disputes(payment_id)) == []
    reference = peer.dispute(payment_id, is_inquiry=False)

    [found] = peer.disputing.fetch_disputes(payment_id)

    assert (found.reference, found.state) == (reference, DisputeState.OPEN)
    assert (found.amount, found.currency) == (payment.amount, "USD")
    [taken] = found.movements
    assert (taken.amount, taken.fee, taken.currency) == (-payment.amount, 1_500, "USD")
    after = fetched(peer, payment.reference)
    assert after.is_disputed
    assert after.state.has_come_in

    peer.end_dispute(reference, DisputeState.WON)
    [won] = peer.disputing.fetch_disputes(payment_id)
    assert won.state is DisputeState.WON
    assert won.movements[0] == taken
    assert [(one.amount, one.fee) for one in won.movements[1:]] == [(payment.amount, 0)]


def tells_that_nothing_comes_back_when_one_is_lost(peer: DisputingPeer) -> None:
    payment_id = str(a_payment(peer).payment_id)
    reference = peer.dispute(payment_id, is_inquiry=False)
    peer.end_dispute(reference, DisputeState.LOST)

    [found] = peer.disputing.fetch_disputes(payment_id)

    assert (found.state, len(found.movements)) == (DisputeState.LOST, 1)


def tells_of_an_inquiry_that_moves_nothing(peer: DisputingPeer) -> None:
    payment_id = str(a_payment(peer).payment_id)
    reference = peer.dispute(payment_id, is_inquiry=True)
    [found] = peer.disputing.fetch_disputes(payment_id)
    assert (found.state, found.movements) == (DisputeState.OPEN, ())

    peer.end_dispute(reference, DisputeState.CLOSED)

    [found] = peer.disputing.fetch_disputes(payment_id)
    assert (found.state, found.movements) == (DisputeState.CLOSED, ())


def asks_for_disputes_outside_of_transactions_alone(peer: DisputingPeer) -> None:
    payment_id = str(a_payment(peer).payment_id)
    with transaction_is_open(), pytest.raises(OutsideCallInTransactionError):
        peer.disputing.fetch_disputes(payment_id)
    peer.take_away()
    with pytest.raises(ProviderUnavailableError):
        peer.disputing.fetch_disputes(payment_id)


DISPUTE_PROMISES = (
    tells_of_a_dispute_and_what_it_moved,
    tells_that_nothing_comes_back_when_one_is_lost,
    tells_of_an_inquiry_that_moves_nothing,
    asks_for_disputes_outside_of_transactions_alone,
)
