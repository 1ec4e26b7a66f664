"""The account that the provider in memory keeps: lines, payments, notices and what it holds."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from hero_onboarding.kernel.overriding import override
from hero_onboarding.payments import way_of
from hero_onboarding.payments.dispute_ports import DisputeMovement, DisputeState
from hero_onboarding.payments.ports import Notice, ProviderPayment, RefundState
from hero_onboarding.payments.reconciling import ListedPayment, MoneyMovement, MovementKind
from tests.fakes.provider import FakeProvider, a_delivery

Line = TypeVar("Line", MoneyMovement, DisputeMovement)

FEE = 103
"""What it keeps of each payment, in hundredths of whatever its line is in."""

SHILLINGS = 4_000
"""How many hundredths of a shilling it gives a cent for, where it exchanges them."""


def dollars(amount: int) -> int:
    """Say how many cents hundredths of a shilling are, rounded towards nothing; signed."""
    return abs(amount) // SHILLINGS * (1 if amount > 0 else -1)


@dataclass
class AccountedProvider(FakeProvider):
    """A provider that shows its records, made from what happened to it.

    ``extra`` are lines of something else, ``hidden`` references of lines that it does not show,
    ``off`` what its balance differs by, ``left`` the refunds that ever succeeded, ``told`` the
    notices that it made, and ``exchanged`` payments in shillings whose lines are in dollars.
    """

    extra: list[MoneyMovement] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    off: int = 0
    left: set[str] = field(default_factory=set)
    exchanged: set[str] = field(default_factory=set)
    told: list[tuple[str, tuple[str, ...], datetime, bool]] = field(default_factory=list)

    def list_movements(self, since: datetime, until: datetime) -> Iterator[MoneyMovement]:
        with self._called("list movements"):
            self._answer()
            lines = [line for line in self._lines() if since <= line.at < until]
        yield from lines

    def list_payments(self, since: datetime, until: datetime) -> Iterator[ListedPayment]:
        with self._called("list payments"):
            self._answer()
            payments = [one for one in self.payments.values() if one.payment_id is not None]
        for one in payments:
            if since <= self._made_at(one) < until and one.payment_id not in self.hidden:
                yield ListedPayment(
                    payment_id=str(one.payment_id),
                    references=one.references,
                    top_up_id=one.top_up_id,
                    amount=one.received.amount,
                    currency=one.received.currency,
                    state=one.state,
                    at=self._made_at(one),
                )

    def fetch_balances(self) -> Mapping[str, int]:
        with self._called("fetch balances"):
            self._answer()
            sums = Counter({"USD": self.off})
            for line in self._lines():
                sums[line.currency] += line.amount - line.fee
            return dict(sums)

    def list_notices(self, since: datetime, *, is_untold: bool) -> Iterator[tuple[Notice, bytes]]:
        with self._called("list notices"):
            self._answer()
            told = [one for one in self.told if one[2] >= since and not (is_untold and one[3])]
        for event, references, at, _ in told:
            body = a_delivery(event, list(references), at).body
            yield Notice(event, "paid", references), body

    @override
    def end_refund(self, reference: str, state: RefundState, failure: str = "") -> None:
        if self.refunds[reference].state is RefundState.SUCCEEDED:
            self.left.add(reference)
        super().end_refund(reference, state, failure)

    @override
    def _move_dispute(self, reference: str, state: DisputeState, moved: tuple[int, ...]) -> None:
        super()._move_dispute(reference, state, moved)
        if self.disputed_payments[reference] in self.exchanged:
            held = self.disputes[reference]
            lines = tuple(one if one.shown_currency else _shown(one) for one in held.movements)
            self.disputes[reference] = replace(held, movements=lines)

    def take(
        self, kind: MovementKind, amount: int, at: datetime, fee: int = 0, currency: str = "USD"
    ) -> MoneyMovement:
        """A line of its account that is about no payment."""
        number = next(self.numbers)
        reference, source = f"txn_{number}", f"po_{number}"
        line = MoneyMovement(reference, kind, amount, fee, currency, at, source=source)
        self.extra.append(line)
        return line

    def _made_at(self, payment: ProviderPayment) -> datetime:
        if payment.paid_at is not None:
            return payment.paid_at
        order = self.orders.get(payment.reference)
        assert order is not None, payment
        return order.expires_at - way_of(self.name, order.method, order.currency).life

    def _lines(self) -> list[MoneyMovement]:
        lines = list(self.extra)
        paid = {}
        for payment in self.payments.values():
            if payment.payment_id is not None and payment.state.has_come_in:
                paid[payment.payment_id] = payment
                lines.append(self._line(payment, MovementKind.PAYMENT, payment.received.amount))
        for reference, refund in self.refunds.items():
            payment = paid[self.refunded_payments[reference]]
            if reference in self.left or refund.state is RefundState.SUCCEEDED:
                self.left.add(reference)
                lines.append(self._line(payment, MovementKind.REFUND, -refund.amount, reference))
            if reference in self.left and refund.state is RefundState.FAILED:
                kind = MovementKind.REFUND_FAILED
                line = self._line(payment, kind, refund.amount, reference)
                lines.append(replace(line, reference=f"txn_back_{reference}"))
        for reference, dispute in self.disputes.items():
            payment = paid[self.disputed_payments[reference]]
            for moved in dispute.movements:
                is_back = moved.amount > 0
                kind = MovementKind.DISPUTE_REVERSAL if is_back else MovementKind.DISPUTE
                line = self._line(payment, kind, moved.paid[0], reference)
                lines.append(replace(line, reference=moved.reference, fee=moved.fee))
        return [line for line in lines if line.reference not in self.hidden]

    def _line(
        self, payment: ProviderPayment, kind: MovementKind, amount: int, source: str | None = None
    ) -> MoneyMovement:
        is_in = kind is MovementKind.PAYMENT
        line = MoneyMovement(
            reference=f"txn_{source or payment.payment_id}",
            kind=kind,
            amount=amount,
            fee=FEE if is_in else 0,
            currency=payment.received.currency,
            at=self._made_at(payment),
            payment_id=payment.payment_id,
            source=source or f"ch_{payment.payment_id}",
        )
        return _shown(line) if payment.payment_id in self.exchanged else line


def _shown(line: Line) -> Line:
    """Say the same of a line in shillings as it stands in an account in dollars."""
    return replace(
        line,
        amount=dollars(line.amount),
        currency="USD",
        shown_amount=line.amount,
        shown_currency=line.currency,
    )
