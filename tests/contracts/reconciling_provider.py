"""What every provider that shows its records must do, the fake as well as the real ones."""

from abc import abstractmethod
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from hero_onboarding.kernel.boundary import OutsideCallInTransactionError, transaction_is_open
from hero_onboarding.payments.errors import ProviderUnavailableError
from hero_onboarding.payments.reconciling import MovementKind, ReconcilingProvider
from tests.contracts.disputing_provider import DisputingPeer
from tests.contracts.refunding_provider import a_payment

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
LATER = datetime(2120, 1, 1, tzinfo=UTC)


class ReconcilingPeer(DisputingPeer, Protocol):
    """A provider that shows its records, and hands on its other side."""

    @property
    @abstractmethod
    def reconciling(self) -> ReconcilingProvider: ...

    @abstractmethod
    def take_fee(self, amount: int) -> None:
        """The provider takes a fee of its own."""

    @abstractmethod
    def pay_out(self) -> None:
        """All that is available goes to our bank."""


def shows_a_line_for_everything_and_holds_their_sum(peer: ReconcilingPeer) -> None:
    payment_id = str(a_payment(peer).payment_id)
    other = str(a_payment(peer).payment_id)
    peer.give_back(payment_id, 1_000)
    dispute = peer.dispute(other, is_inquiry=False)
    peer.take_fee(200)

    lines = list(peer.reconciling.list_movements(LONG_AGO, LATER))

    found = sorted((str(one.kind), one.amount, one.payment_id) for one in lines)
    assert found == sorted(
        [
            ("payment", 2_500, payment_id),
            ("payment", 2_500, other),
            ("refund", -1_000, payment_id),
            ("dispute", -2_500, other),
            ("fee", -200, None),
        ],
        key=str,
    )
    assert len({one.reference for one in lines}) == len(lines)
    assert {one.source for one in lines if one.kind is MovementKind.DISPUTE} == {dispute}
    assert all(one.fee > 0 for one in lines if one.kind is MovementKind.PAYMENT)
    assert not any(one.is_exchanged for one in lines)
    total = sum(one.amount - one.fee for one in lines)
    assert dict(peer.reconciling.fetch_balances()) == {"USD": total}
    assert [one.reference for one in lines] == [
        one.reference for one in peer.reconciling.list_movements(LONG_AGO, LATER)
    ]


def names_the_top_up_of_each_payment(peer: ReconcilingPeer) -> None:
    payment = a_payment(peer)

    [found] = peer.reconciling.list_payments(LONG_AGO, LATER)

    assert found.payment_id == payment.payment_id
    assert found.top_up_id == payment.top_up_id
    assert (found.amount, found.currency) == (2_500, "USD")
    assert found.state.has_come_in


def keeps_to_the_interval(peer: ReconcilingPeer) -> None:
    a_payment(peer)
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
    a_payment(peer)
    before = dict(peer.reconciling.fetch_balances())
    peer.pay_out()

    lines = peer.reconciling.list_movements(LONG_AGO, LATER)

    [payout] = [one for one in lines if one.kind is MovementKind.PAYOUT]
    assert {"USD": -payout.amount} == before
    assert dict(peer.reconciling.fetch_balances()) == {"USD": 0}


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
