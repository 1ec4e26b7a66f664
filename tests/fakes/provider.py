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
from hero_onboarding.payments.errors import (
    CheckoutRefusedError,
    ForgedNoticeError,
    MalformedNoticeError,
    ProviderAnswerError,
    ProviderUnavailableError,
)
from hero_onboarding.payments.ports import (
    CheckoutOrder,
    Delivery,
    Notice,
    OpenedCheckout,
    PaymentQuestion,
    PaymentState,
    ProviderPayment,
)

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
    """``loses_answers`` does what it is asked and answers nothing; ``is_down`` does nothing."""

    name: str = "stripe"
    is_live: bool = False
    is_down: bool = False
    loses_answers: bool = False
    refuses: str = ""
    talks_nonsense: bool = False
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
