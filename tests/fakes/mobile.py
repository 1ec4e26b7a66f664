"""Mobile money in memory: it takes payments, several under one order, and no orders to refund."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from hero_onboarding.payments.errors import CheckoutRefusedError, ProviderUnavailableError
from hero_onboarding.payments.ports import (
    CheckoutOrder,
    Delivery,
    Hundredths,
    Notice,
    OpenedCheckout,
    PaymentQuestion,
    PaymentState,
    PhoneWay,
    ProviderPayment,
)
from tests.fakes.provider import FakeProvider


@dataclass
class FakeMobile:
    """Like the provider in memory behind it, without refunds; sends payments back by itself."""

    behind: FakeProvider = field(default_factory=lambda: FakeProvider(name="clickpesa"))
    previewed: list[tuple[int, str, str]] = field(default_factory=list)
    further: dict[str, list[ProviderPayment]] = field(default_factory=dict)

    refuses_phone: bool = False

    def preview_phone(self, amount: int, order_reference: str, phone: str) -> Sequence[PhoneWay]:
        if self.behind.is_down:
            raise ProviderUnavailableError("it is down")
        if self.refuses_phone:
            raise CheckoutRefusedError("phone_refused")
        self.previewed.append((amount, order_reference, phone))
        return [PhoneWay("M-PESA", 115_000)]

    @property
    def name(self) -> str:
        return self.behind.name

    @property
    def is_live(self) -> bool:
        return self.behind.is_live

    def open_checkout(self, order: CheckoutOrder) -> OpenedCheckout:
        opened = self.behind.open_checkout(order)
        number = "12345678901234" if order.method == "control_number" else None
        return replace(opened, control_number=number)

    def read_notice(self, delivery: Delivery) -> Notice | None:
        return self.behind.read_notice(delivery)

    def fetch_payment(self, question: PaymentQuestion) -> ProviderPayment | None:
        payment = self.behind.fetch_payment(question)
        if payment is None:
            return None
        some = [payment, *self.further.get(payment.reference, ())]
        chosen = next((one for one in some if one.payment_id == question.payment_id), payment)
        chosen = replace(chosen, top_up_id=str(question.top_up_id))
        return replace(
            chosen, others=tuple(one for one in some if one.payment_id != chosen.payment_id)
        )

    def pay_again(
        self,
        reference: str,
        payment_id: str,
        paid_at: datetime,
        amount: int,
        held: Hundredths | None = None,
    ) -> None:
        """The payer pays the same order once more."""
        first = self.behind.payments[reference]
        again = replace(first, payment_id=payment_id, paid_at=paid_at, amount=amount)
        again = replace(again, state=PaymentState.PAID, refunded=0, held=held)
        self.further.setdefault(reference, []).append(replace(again, references=(payment_id,)))

    def send_back(self, reference: str, payment_id: str | None = None) -> None:
        """A payment goes back to its payer; no notice tells it."""

        def sent(payment: ProviderPayment) -> ProviderPayment:
            return replace(payment, state=PaymentState.REFUNDED, refunded=payment.amount)

        if payment_id is None:
            self.behind.payments[reference] = sent(self.behind.payments[reference])
            return
        self.further[reference] = [
            sent(one) if one.payment_id == payment_id else one for one in self.further[reference]
        ]
