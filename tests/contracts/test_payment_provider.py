"""Every payment provider keeps the same promises."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from hero_onboarding.kernel.overriding import override
from hero_onboarding.payments import (
    Delivery,
    DisputeState,
    DisputingProvider,
    PaymentProvider,
    RefundingProvider,
)
from hero_onboarding.payments.cards import CardKeepingProvider
from hero_onboarding.payments.ports import CheckoutOrder, PaymentState, RefundState
from hero_onboarding.payments.reconciling import MovementKind, ReconcilingProvider
from tests.contracts.card_keeping_provider import CARD_PROMISES, CardPeer
from tests.contracts.disputing_provider import DISPUTE_PROMISES, DisputingPeer
from tests.contracts.payment_provider import (
    PROMISES,
    Habits,
    Peer,
    an_order,
    forgeries_of_signed,
)
from tests.contracts.reconciling_provider import (
    LATER,
    RECONCILING_PROMISES,
    ReconcilingPeer,
    keeps_to_the_interval,
    shows_nothing_inside_a_transaction_nor_without_an_answer,
    shows_what_a_dispute_took,
    shows_what_was_paid_out,
)
from tests.contracts.refunding_provider import REFUND_PROMISES, RefundingPeer
from tests.fakes.account import FEE
from tests.fakes.cards import FakeCardProvider
from tests.fakes.mobile_account import AccountedMobile
from tests.fakes.provider import a_delivery


class FakePeer:
    """The provider in memory and its other side."""

    habits = Habits()

    def __init__(self) -> None:
        self.fake = FakeCardProvider()

    def an_order(self) -> CheckoutOrder:
        return an_order()

    def forgeries_of(self, delivery: Delivery) -> Sequence[Delivery]:
        return forgeries_of_signed(delivery)

    @property
    def provider(self) -> PaymentProvider:
        return self.fake

    def pay(self, reference: str) -> None:
        self.fake.pay(reference)

    def expire(self, reference: str) -> None:
        self.fake.become(reference, PaymentState.EXPIRED)

    def notice_of(self, reference: str) -> Delivery:
        return a_delivery("evt_1", [reference], datetime.now(tz=UTC))

    def take_away(self) -> None:
        self.fake.is_down = True

    @property
    def refunding(self) -> RefundingProvider:
        return self.fake

    @property
    def keeping(self) -> CardKeepingProvider:
        return self.fake

    def let_card_decline(self, card: str) -> str:
        assert card in self.fake.cards
        self.fake.declines = "expired_card"
        return self.fake.declines

    def let_refunds_be(self, state: RefundState) -> None:
        self.fake.refunds_are = state

    def end_refund(self, reference: str, state: RefundState) -> None:
        self.fake.end_refund(reference, state)

    @property
    def disputing(self) -> DisputingProvider:
        return self.fake

    def dispute(self, payment_id: str, *, is_inquiry: bool) -> str:
        return self.fake.dispute(payment_id, *(() if is_inquiry else (-2_500,)))

    def end_dispute(self, reference: str, state: DisputeState) -> None:
        self.fake.move_dispute(reference, state, *((2_500,) if state is DisputeState.WON else ()))

    @property
    def reconciling(self) -> ReconcilingProvider:
        return self.fake

    def take_fee(self, amount: int) -> None:
        self.fake.take(MovementKind.FEE, -amount, datetime.now(tz=UTC))

    def pay_out(self) -> None:
        held = self.fake.fetch_balances()["USD"]
        self.fake.take(MovementKind.PAYOUT, -held, datetime.now(tz=UTC))

    def give_back(self, payment_id: str, amount: int) -> None:
        self.fake.give_back(payment_id, amount)


MOBILE_PROMISES = (
    keeps_to_the_interval,
    shows_what_was_paid_out,
    shows_nothing_inside_a_transaction_nor_without_an_answer,
)
"""Those that need no orders of refunds, no disputes and no names of ours."""


class FakeMobilePeer(FakePeer):
    """Mobile money in memory and its other side."""

    def __init__(self) -> None:
        super().__init__()
        self.fake = FakeCardProvider(name="clickpesa")
        self.mobile = AccountedMobile(self.fake)

    @property
    @override
    def provider(self) -> PaymentProvider:
        return self.mobile

    @property
    @override
    def reconciling(self) -> ReconcilingProvider:
        return self.mobile


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_the_provider_in_memory_keeps_it(promise: Callable[[Peer], None]) -> None:
    promise(FakePeer())


@pytest.mark.parametrize("promise", REFUND_PROMISES, ids=lambda promise: promise.__name__)
def test_the_provider_in_memory_gives_back(promise: Callable[[RefundingPeer], None]) -> None:
    promise(FakePeer())


@pytest.mark.parametrize("promise", DISPUTE_PROMISES, ids=lambda promise: promise.__name__)
def test_the_provider_in_memory_tells_of_disputes(promise: Callable[[DisputingPeer], None]) -> None:
    promise(FakePeer())


@pytest.mark.parametrize("promise", RECONCILING_PROMISES, ids=lambda promise: promise.__name__)
def test_the_provider_in_memory_shows_its_records(
    promise: Callable[[ReconcilingPeer], None],
) -> None:
    promise(FakePeer())


def test_the_provider_in_memory_shows_what_a_dispute_took() -> None:
    shows_what_a_dispute_took(FakePeer())


@pytest.mark.parametrize("promise", CARD_PROMISES, ids=lambda promise: promise.__name__)
def test_the_provider_in_memory_keeps_cards(promise: Callable[[CardPeer], None]) -> None:
    promise(FakePeer())


@pytest.mark.parametrize("promise", MOBILE_PROMISES, ids=lambda promise: promise.__name__)
def test_mobile_money_in_memory_shows_its_records(
    promise: Callable[[ReconcilingPeer], None],
) -> None:
    promise(FakeMobilePeer())


def test_mobile_money_in_memory_shows_further_payments_and_what_went_back() -> None:
    peer, now = FakeMobilePeer(), datetime.now(tz=UTC)
    order = peer.an_order()
    reference = peer.provider.open_checkout(order).reference
    peer.pay(reference)
    peer.mobile.pay_again(reference, "second", now, 700)
    peer.mobile.send_back(reference, "second")

    lines = list(peer.mobile.list_movements(now, now + timedelta(seconds=1)))

    found = [(line.kind, line.amount, line.payment_id, line.source) for line in lines]
    assert found == [
        (MovementKind.PAYMENT, 700, "second", "ch_second"),
        (MovementKind.REFUND, -700, "second", "second:reversal"),
    ]
    [first, second] = peer.mobile.list_payments(order.expires_at - timedelta(days=2), LATER)
    assert (first.payment_id, second.payment_id) == ("pi_1", "second")
    assert second.references == (reference,)
    assert dict(peer.mobile.fetch_balances()) == {"USD": 2_500 - 2 * FEE}
