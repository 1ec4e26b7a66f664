"""What every provider that shows its records must do, the fake as well as the real ones."""

from abc import abstractmethod
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from hero_onboarding.kernel.boundary import OutsideCallInTransactionError, transaction_is_open
from hero_onboarding.payments.errors import ProviderUnavailableError
from hero_onboarding.payments.ports import ProviderPayment
from hero_onboarding.payments.reconciling import MovementKind, ReconcilingProvider
from tests.contracts.disputing_provider import DisputingPeer
from tests.contracts.payment_provider import Peer, a_question

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
LATER = datetime(2120, 1, 1, tzinfo=UTC)


class ReconcilingPeer(Peer, Protocol):
    """A provider that shows its records, and hands on its other side: what is paid is settled."""

    @property
    @abstractmethod
    def reconciling(self) -> ReconcilingProvider: ...

    @abstractmethod
    def give_back(self, payment_id: str, amount: int) -> None:
        """Somebody gives a payment back at the provider itself."""

    @abstractmethod
    def take_fee(self, amount: int) -> None:
        """The provider takes a fee of its own."""

    @abstractmethod
    def pay_out(self) -> None:
        """All that is available goes to our bank."""


class DisputedAccountPeer(DisputingPeer, ReconcilingPeer, Protocol):
    """A provider whose records show disputes too."""


def came_in(peer: ReconcilingPeer) -> ProviderPayment:
    """A payment that came in."""
    order = peer.an_order()
    reference = peer.provider.open_checkout(order).reference
    peer.pay(reference)
    payment = peer.provider.fetch_payment(a_question(order, reference))
    assert payment is not None
    return payment


def held(peer: ReconcilingPeer) -> dict[str, int]:
    return {currency: sum_ for currency, sum_ in peer.reconciling.fetch_balances().items() if sum_}


def shows_a_line_for_everything_and_holds_their_sum(peer: ReconcilingPeer) -> None:
    kept, returned = came_in(peer), came_in(peer)
    peer.give_back(str(returned.payment_id), returned.amount)
    peer.take_fee(200)

    lines = list(peer.reconciling.list_movements(LONG_AGO, LATER))

    found = sorted(((str(one.kind), one.amount, one.payment_id) for one in lines), key=str)
    assert found == sorted(
        [
            ("payment", kept.amount, kept.payment_id),
            ("payment", returned.amount, returned.payment_id),
            ("refund", -returned.amount, returned.payment_id),
            ("fee", -200, None),
        ],
        key=str,
    )
    assert len({one.reference for one in lines}) == len(lines)
    assert all(one.source for one in lines if one.kind is MovementKind.REFUND)
    assert not any(one.is_exchanged for one in lines)
    assert held(peer) == {kept.currency: sum(one.amount - one.fee for one in lines)}
    assert [one.reference for one in lines] == [
        one.reference for one in peer.reconciling.list_movements(LONG_AGO, LATER)
    ]


def shows_what_a_dispute_took(peer: DisputedAccountPeer) -> None:
    payment = came_in(peer)
    dispute = peer.dispute(str(payment.payment_id), is_inquiry=False)

    lines = list(peer.reconciling.list_movements(LONG_AGO, LATER))

    [taken] = [one for one in lines if one.kind is MovementKind.DISPUTE]
    assert (taken.amount, taken.payment_id) == (-payment.amount, payment.payment_id)
    assert taken.source == dispute
    assert all(one.fee > 0 for one in lines)
    assert held(peer) == {payment.currency: sum(one.amount - one.fee for one in lines)}


def names_the_top_up_of_each_payment(peer: ReconcilingPeer) -> None:
    payment = came_in(peer)

    [found] = peer.reconciling.list_payments(LONG_AGO, LATER)

    assert found.payment_id == payment.payment_id
    assert found.top_up_id == payment.top_up_id or payment.reference in found.references
    assert (found.amount, found.currency) == (payment.amount, payment.currency)
    assert found.state.has_come_in


def keeps_to_the_interval(peer: ReconcilingPeer) -> None:
    came_in(peer)
    [line] = peer.reconciling.list_movements(LONG_AGO, LATER)
    [payment] = peer.reconciling.list_payments(LONG_AGO, LATER)
    second = timedelta(seconds=1)

    for record, records in (
        (line, peer.reconciling.list_movements),
        (payment, peer.reconciling.list_payments),
    ):
        assert list(records(LONG_AGO, record.at)) == []
        assert list(records(record.at + second, LATER)) == []
        assert list(records(record.at, record.at + second)) == [record]


def shows_what_was_paid_out(peer: ReconcilingPeer) -> None:
    came_in(peer)
    before = held(peer)
    peer.pay_out()

    lines = peer.reconciling.list_movements(LONG_AGO, LATER)

    [payout] = [one for one in lines if one.kind is MovementKind.PAYOUT]
    assert {payout.currency: -payout.amount} == before
    assert held(peer) == {}


def shows_nothing_inside_a_transaction_nor_without_an_answer(peer: ReconcilingPeer) -> None:
    acts = (
        lambda: list(peer.reconciling.list_movements(LONG_AGO, LATER)),
        lambda: list(peer.reconciling.list_payments(LONG_AGO, LATER)),
        peer.reconciling.fetch_balances,
    )
    for act in acts:
        with transaction_is_open(), pytest.raises(OutsideCallInTransactionError):
            act()
    peer.take_away()
    for act in acts:
        with pytest.raises(ProviderUnavailableError):
            act()


RECONCILING_PROMISES = (
    shows_a_line_for_everything_and_holds_their_sum,
    names_the_top_up_of_each_payment,
    keeps_to_the_interval,
    shows_what_was_paid_out,
    shows_nothing_inside_a_transaction_nor_without_an_answer,
)
