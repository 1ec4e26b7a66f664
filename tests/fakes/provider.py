"""A payment provider in memory; it passes the contract that the real ones pass."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count

from hero_onboarding.kernel.boundary import require_no_transaction
from hero_onboarding.payments.dispute_ports import (
    DisputeMovement,
    DisputeState,
    ProviderDispute,
)
from hero_onboarding.payments.errors import (
    CheckoutRefusedError,
    ForgedNoticeError,
    MalformedNoticeError,
    ProviderAnswerError,
    ProviderUnavailableError,
    RefundRefusedError,
)
from hero_onboarding.payments.ports import (
    CheckoutOrder,
    Delivery,
    Notice,
    OpenedCheckout,
    PaymentQuestion,
    PaymentState,
    ProviderPayment,
    ProviderRefund,
    RefundOrder,
    RefundState,
)

DISPUTE_FEE = 1_500
SECRET = b"a secret of the tests"


def a_delivery(
    event_id: str,
    references: list[str],
    at: datetime,
    *,
    kind: str = "paid",
    top_up_id: str | None = None,
) -> Delivery:
    """A notice as the fake sends it, signed."""
    fields = {"id": event_id, "kind": kind, "references": references, "top_up": top_up_id}
    body = json.dumps(fields).encode()
    return Delivery({"signature": signature_of(body)}, body, at)


def signature_of(body: bytes) -> str:
    return hmac.new(SECRET, body, hashlib.sha256).hexdigest()


@dataclass
class FakeProvider:
    """``loses_answers`` does what it is asked and answers nothing; ``is_down`` does nothing.

    ``refunds_are`` is what becomes of refunds at once, and ``refuses_refunds`` why there are none.
    """

    name: str = "stripe"
    is_live: bool = False
    is_down: bool = False
    loses_answers: bool = False
    refuses: str = ""
    talks_nonsense: bool = False
    refuses_refunds: str = ""
    refunds_are: RefundState = RefundState.SUCCEEDED
    refunds: dict[str, ProviderRefund] = field(default_factory=dict)
    refunded_payments: dict[str, str] = field(default_factory=dict)
    disputes: dict[str, ProviderDispute] = field(default_factory=dict)
    disputed_payments: dict[str, str] = field(default_factory=dict)
    refund_orders: dict[str, tuple[RefundOrder, str]] = field(default_factory=dict)
    orders: dict[str, CheckoutOrder] = field(default_factory=dict)
    payments: dict[str, ProviderPayment] = field(default_factory=dict)
    by_key: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    trace: Callable[[str], None] = lambda _: None
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def open_checkout(self, order: CheckoutOrder) -> OpenedCheckout:
        with self._called("open"):
            if self.refuses:
                raise CheckoutRefusedError(self.refuses)
            reference = self.by_key.get(order.key)
            if reference is None:
                reference = self._open(order)
            elif self.orders[reference] != order:
                raise ProviderAnswerError("the key was used for another order")
            self._answer()
            return OpenedCheckout(reference, self.payments[reference].redirect_url)

    def read_notice(self, delivery: Delivery) -> Notice | None:
        shown = delivery.headers.get("signature", "")
        if not hmac.compare_digest(shown, signature_of(delivery.body)):
            raise ForgedNoticeError("the signature is missing or wrong")
        try:
            fields = json.loads(delivery.body)
            references = tuple(fields["references"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise MalformedNoticeError("the notice can't be read") from error
        if fields["kind"] == "other":
            return None
        return Notice(fields["id"], fields["kind"], references, fields["top_up"])

    def fetch_payment(self, question: PaymentQuestion) -> ProviderPayment | None:
        with self._called("fetch"):
            self._answer()
            if question.reference is not None:
                return self.payments.get(question.reference)
            wanted = str(question.top_up_id)
            found = (one for one in self.payments.values() if one.top_up_id == wanted)
            return next(found, None)

    def open_refund(self, order: RefundOrder) -> ProviderRefund:
        with self._called("refund"):
            if order.key in self.refund_orders:
                known, reference = self.refund_orders[order.key]
                if known != order:
                    raise ProviderAnswerError("the key was used for another refund")
            else:
                if self.refuses_refunds:
                    raise RefundRefusedError(self.refuses_refunds)
                reference = self._give_back(order.payment_id, order.amount, str(order.refund_id))
                self.refund_orders[order.key] = (order, reference)
            self._answer()
            return self.refunds[reference]

    def fetch_refunds(self, payment_id: str) -> list[ProviderRefund]:
        with self._called("fetch refunds"):
            self._answer()
            return self._refunds_of(payment_id)

    def fetch_disputes(self, payment_id: str) -> list[ProviderDispute]:
        with self._called("fetch disputes"):
            self._answer()
            names = [name for name, paid in self.disputed_payments.items() if paid == payment_id]
            return [self.disputes[name] for name in names]

    def dispute(
        self, payment_id: str, *moved: int, state: DisputeState = DisputeState.OPEN, amount: int = 0
    ) -> str:
        """The payer's bank asks for a payment, or a part; return the dispute's id."""
        with self.lock:
            reference = f"du_{next(self.numbers)}"
            [payment] = [one for one in self.payments.values() if one.payment_id == payment_id]
            self.disputed_payments[reference] = payment_id
            self.disputes[reference] = ProviderDispute(
                reference, state, amount or payment.amount, payment.currency
            )
            self.payments[payment.reference] = replace(payment, is_disputed=True)
            self._count_refunds(payment_id)
            self._move_dispute(reference, state, moved)
            return reference

    def move_dispute(self, reference: str, state: DisputeState, *moved: int) -> None:
        """It goes on; money may be withdrawn (negative) with a fee, or reinstated."""
        with self.lock:
            self._move_dispute(reference, state, moved)

    def _move_dispute(self, reference: str, state: DisputeState, moved: tuple[int, ...]) -> None:
        held = self.disputes[reference]
        lines = tuple(
            DisputeMovement(
                f"txn_{next(self.numbers)}", one, DISPUTE_FEE if one < 0 else 0, held.currency
            )
            for one in moved
        )
        self.disputes[reference] = replace(held, state=state, movements=held.movements + lines)

    def give_back(self, payment_id: str, amount: int, **changes: object) -> str:
        """Somebody gives part of a payment back at the provider itself; return the refund's id."""
        with self.lock:
            reference = self._give_back(payment_id, amount, None)
            self.refunds[reference] = replace(self.refunds[reference], **changes)  # type: ignore[arg-type]  # as named
            return reference

    def end_refund(self, reference: str, state: RefundState, failure: str = "") -> None:
        with self.lock:
            held = self.refunds[reference]
            self.refunds[reference] = replace(held, state=state, failure=failure)
            self._count_refunds(self.refunded_payments[reference])

    def _give_back(self, payment_id: str, amount: int, refund_id: str | None) -> str:
        [payment] = [one for one in self.payments.values() if one.payment_id == payment_id]
        if amount > payment.amount - payment.refunded:
            raise RefundRefusedError("more_than_left")
        reference = f"re_{next(self.numbers)}"
        self.refunded_payments[reference] = payment_id
        self.refunds[reference] = ProviderRefund(
            reference, self.refunds_are, amount, payment.currency, refund_id
        )
        self._count_refunds(payment_id)
        return reference

    def _refunds_of(self, payment_id: str) -> list[ProviderRefund]:
        names = [name for name, paid in self.refunded_payments.items() if paid == payment_id]
        return [self.refunds[name] for name in names]

    def _count_refunds(self, payment_id: str) -> None:
        some = [one for one in self._refunds_of(payment_id) if one.state is not RefundState.FAILED]
        refunded = sum(one.amount for one in some)
        for reference, payment in self.payments.items():
            if payment.payment_id == payment_id:
                is_all = refunded >= payment.amount
                state = PaymentState.DISPUTED if payment.is_disputed else PaymentState.PAID
                state = PaymentState.REFUNDED if is_all else state
                self.payments[reference] = replace(payment, refunded=refunded, state=state)

    def pay(self, reference: str, **changes: object) -> ProviderPayment:
        """The payer pays, unless something else is said of it."""
        with self.lock:
            before = self.payments[reference]
            number = reference.removeprefix("cs_")
            fields = {"state": PaymentState.PAID, "payment_id": f"pi_{number}", **changes}
            after = replace(before, redirect_url=None, **fields)  # type: ignore[arg-type]  # as named
            if after.payment_id is not None:
                after = replace(after, references=(after.payment_id,))
            self.payments[reference] = after
            return after

    def become(self, reference: str, state: PaymentState, failure: str = "") -> None:
        with self.lock:
            self.payments[reference] = replace(
                self.payments[reference], state=state, failure=failure
            )

    def _open(self, order: CheckoutOrder) -> str:
        reference = f"cs_{next(self.numbers)}"
        self.by_key[order.key] = reference
        self.orders[reference] = order
        self.payments[reference] = ProviderPayment(
            PaymentState.OPEN,
            order.amount,
            order.currency,
            str(order.top_up_id),
            self.is_live,
            reference,
            redirect_url=f"https://pay.invalid/{reference}",
        )
        return reference

    def _called(self, what: str) -> threading.Lock:
        require_no_transaction(what)
        self.trace("before call")
        self.calls.append(what)
        if self.is_down:
            raise ProviderUnavailableError("the provider does not answer")
        if self.talks_nonsense:
            raise ProviderAnswerError("the provider talks nonsense")
        return self.lock

    def _answer(self) -> None:
        self.trace("after call")
        if self.loses_answers:
            raise ProviderUnavailableError("the answer was lost")
