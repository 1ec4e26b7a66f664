"""The account that the provider in memory keeps: lines, payments, notices and what it holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from hero_onboarding.kernel.overriding import override
from hero_onboarding.payments import way_of
from hero_onboarding.payments.ports import Notice, ProviderPayment, RefundState
from hero_onboarding.payments.reconciling import ListedPayment, MoneyMovement, MovementKind
from tests.fakes.provider import FakeProvider, a_delivery

FEE = 103


@dataclass
class AccountedProvider(FakeProvider):
    """A provider that shows its records, made from what happened to it.

    ``extra`` are lines of something else, ``hidden`` references of lines that it does not show,
    ``off`` what its balance differs by, ``left`` the refunds that ever succeeded, and ``told`` the
    notices that it made.
    """

    extra: list[MoneyMovement] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    off: int = 0
    left: set[str] = field(default_factory=set)
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
                    amount=one.amount,
                    currency=one.currency,
                    state=one.state,
                    at=self._made_at(one),
                )

    def fetch_balances(self) -> Mapping[str, int]:
        with self._called("fetch balances"):
            self._answer()
            return {"USD": sum(line.amount - line.fee for line in self._lines()) + self.off}

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

    def take(self, kind: MovementKind, amount: int, at: datetime, fee: int = 0) -> MoneyMovement:
        """A line of its account that is about no payment."""
        number = next(self.numbers)
        line = MoneyMovement(f"txn_{number}", kind, amount, fee, "USD", at, source=f"po_{number}")
        self.extra.append(line)
        return line

    def _made_at(self, payment: ProviderPayment) -> datetime:
        order = self.orders.get(payment.reference)
        assert order is not None, payment
        return order.expires_at - way_of(self.name, order.method, order.currency).life

    def _lines(self) -> list[MoneyMovement]:
        lines = list(self.extra)
        at = {}
        for payment in self.payments.values():
            if payment.payment_id is None or not payment.state.has_come_in:
                continue
            at[payment.payment_id] = self._made_at(payment)
            lines.append(self._line(MovementKind.PAYMENT, payment.payment_id, payment.amount, at))
        for reference, refund in self.refunds.items():
            payment_id = self.refunded_payments[reference]
            if reference in self.left or refund.state is RefundState.SUCCEEDED:
                self.left.add(reference)
                line = self._line(MovementKind.REFUND, payment_id, -refund.amount, at, reference)
                lines.append(line)
            if reference in self.left and refund.state is RefundState.FAILED:
                kind = MovementKind.REFUND_FAILED
                line = self._line(kind, payment_id, refund.amount, at, reference)
                lines.append(replace(line, reference=f"txn_back_{reference}"))
        for reference, dispute in self.disputes.items():
            payment_id = self.disputed_payments[reference]
            for moved in dispute.movements:
                is_back = moved.amount > 0
                kind = MovementKind.DISPUTE_REVERSAL if is_back else MovementKind.DISPUTE
                lines.append(
                    MoneyMovement(
                        moved.reference,
                        kind,
                        moved.amount,
                        moved.fee,
                        moved.currency,
                        at[payment_id],
                        payment_id,
                        reference,
                    )
                )
        return [line for line in lines if line.reference not in self.hidden]

    def _line(
        self,
        kind: MovementKind,
        payment_id: str,
        amount: int,
        at: Mapping[str, datetime],
        source: str | None = None,
    ) -> MoneyMovement:
        is_in = kind is MovementKind.PAYMENT
        return MoneyMovement(
            reference=f"txn_{source or payment_id}",
            kind=kind,
            amount=amount,
            fee=FEE if is_in else 0,
            currency="USD",
            at=at[payment_id],
            payment_id=payment_id,
            source=source or f"ch_{payment_id}",
        )
