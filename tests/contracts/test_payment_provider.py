"""Every payment provider keeps the same promises."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from hero_onboarding.payments import Delivery, PaymentProvider
from hero_onboarding.payments.ports import PaymentState
from tests.contracts.payment_provider import PROMISES, Peer
from tests.fakes.provider import FakeProvider, a_delivery


class FakePeer:
    """The provider in memory and its other side."""

    def __init__(self) -> None:
        self.fake = FakeProvider()

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


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_the_provider_in_memory_keeps_it(promise: Callable[[Peer], None]) -> None:
    promise(FakePeer())
