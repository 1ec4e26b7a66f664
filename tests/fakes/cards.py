"""A payment provider in memory that keeps cards; it passes the contract that the real ones pass."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from hero_onboarding.kernel.overriding import override
from hero_onboarding.payments.cards.ports import ChargeOrder, CustomerOrder
from hero_onboarding.payments.errors import CheckoutRefusedError, ProviderAnswerError
from hero_onboarding.payments.ports import (
    KeptCard,
    OpenedCheckout,
    PaymentState,
    ProviderPayment,
)
from tests.fakes.account import AccountedProvider


@dataclass
class FakeCardProvider(AccountedProvider):
    """``declines`` is why cards are not charged; ``charges_are`` what becomes of other charges.

    ``now`` is its clock, by which charges are dated.
    """

    now: Callable[[], datetime] = lambda: datetime(2026, 3, 1, 11, tzinfo=UTC)
    declines: str = ""
    charges_are: PaymentState = PaymentState.PAID
    customers: dict[str, str] = field(default_factory=dict)
    cards: dict[str, KeptCard] = field(default_factory=dict)
    charges: dict[str, tuple[ChargeOrder, str]] = field(default_factory=dict)

    def open_customer(self, order: CustomerOrder) -> str:
        with self._called("customer"):
            made = self.customers.setdefault(order.key, f"cus_{len(self.customers) + 1}")
            self._answer()
            return made

    def charge_card(self, order: ChargeOrder) -> OpenedCheckout:
        with self._called("charge"):
            if order.key in self.charges:
                known, reference = self.charges[order.key]
                if known != order:
                    raise ProviderAnswerError("the key was used for another order")
            else:
                if order.card not in self.cards:
                    raise CheckoutRefusedError("resource_missing")
                reference = f"pi_{next(self.numbers)}"
                self.charges[order.key] = (order, reference)
                state = PaymentState.FAILED if self.declines else self.charges_are
                self.payments[reference] = ProviderPayment(
                    state,
                    order.amount,
                    order.currency,
                    str(order.top_up_id),
                    self.is_live,
                    reference,
                    payment_id=reference,
                    references=(reference,),
                    paid_at=self.now(),
                    failure=self.declines,
                )
            self._answer()
            return OpenedCheckout(reference)

    def detach_card(self, reference: str) -> None:
        with self._called("detach"):
            self.cards.pop(reference, None)
            self._answer()

    @override
    def pay(self, reference: str, **changes: object) -> ProviderPayment:
        paid = super().pay(reference, **changes)
        order = self.orders[reference]
        if not order.saves_card or order.customer is None:
            return paid
        name = f"pm_{reference.removeprefix('cs_')}"
        card = KeptCard(name, order.customer, "visa", "4242", 12, 2030)
        self.cards[name] = card
        self.payments[reference] = replace(paid, card=card)
        return self.payments[reference]
