"""The account that mobile money in memory keeps: all payments of an order, and what went back."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hero_onboarding.payments.ports import ProviderPayment
from hero_onboarding.payments.reconciling import ListedPayment, MoneyMovement, MovementKind
from tests.fakes.account import AccountedProvider
from tests.fakes.mobile import FakeMobile


@dataclass
class AccountedMobile(FakeMobile):
    """Mobile money that shows its records, made from what happened to it."""

    behind: AccountedProvider = field(default_factory=lambda: AccountedProvider(name="clickpesa"))

    def list_movements(self, since: datetime, until: datetime) -> Iterator[MoneyMovement]:
        yield from self.behind.list_movements(since, until)
        yield from (line for line in self._lines() if since <= line.at < until)

    def list_payments(self, since: datetime, until: datetime) -> Iterator[ListedPayment]:
        yield from self.behind.list_payments(since, until)
        for one in self.all_further():
            made_at = self.behind._made_at(one)
            if since <= made_at < until:
                yield ListedPayment(
                    payment_id=str(one.payment_id),
                    references=(one.reference,),
                    top_up_id=None,
                    amount=one.received.amount,
                    currency=one.received.currency,
                    state=one.state,
                    at=made_at,
                )

    def fetch_balances(self) -> Mapping[str, int]:
        sums = Counter(self.behind.fetch_balances())
        for line in self._lines():
            sums[line.currency] += line.amount - line.fee
        return dict(sums)

    def all_further(self) -> list[ProviderPayment]:
        return [one for some in self.further.values() for one in some]

    def _lines(self) -> Iterator[MoneyMovement]:
        """Further payments, and payments that were sent back."""
        further = self.all_further()
        for one in further:
            yield self.behind._line(one, MovementKind.PAYMENT, one.received.amount)
        for one in (*self.behind.payments.values(), *further):
            if one.refunded:
                source = f"{one.payment_id}:reversal"
                sent = one.received.amount if one.held else one.refunded
                yield self.behind._line(one, MovementKind.REFUND, -sent, source)
