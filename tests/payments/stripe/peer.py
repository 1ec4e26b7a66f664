"""The product's Stripe and the stand-in on its other side."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from hero_onboarding.kernel.clock import from_unix
from hero_onboarding.kernel.overriding import override
from hero_onboarding.payments import (
    Delivery,
    DisputeState,
    DisputingProvider,
    RefundingProvider,
)
from hero_onboarding.payments.cards import CardKeepingProvider
from hero_onboarding.payments.ports import CheckoutOrder, RefundState
from hero_onboarding.payments.providers.stripe import StripeProvider, StripeSettings
from hero_onboarding.payments.providers.stripe.client import GuardedClient
from hero_onboarding.payments.reconciling import ReconcilingProvider
from hero_onboarding.sandbox.stripe import SandboxStripe
from tests.contracts.payment_provider import Habits, an_order, forgeries_of_signed
from tests.sandbox.stripe.bench import SECRET, Notice, Receiver
from tests.support.stripe.conformance import request_problems, rule_problems

PATIENCE_SECONDS = 5


class HeldTransport(GuardedClient):
    """Holds every request that the product makes to Stripe's own description."""

    def __init__(self) -> None:
        super().__init__(timeout=PATIENCE_SECONDS)
        self.problems: list[str] = []
        self.asked: list[str] = []

    @override
    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        parts, verb = urlsplit(url), method.upper()
        form = (post_data if verb == "POST" else parts.query) or ""
        self.asked.append(f"{verb} {parts.path}")
        self.problems += request_problems(verb, parts.path, form)
        self.problems += rule_problems(verb, parts.path, form, headers or {})
        return super().request(method, url, headers, post_data)


class StripePeer:
    """Keeps the contract's other side: it pays, lets expire, and sends notices."""

    habits = Habits()

    def __init__(self, sandbox: SandboxStripe, receiver: Receiver) -> None:
        self.sandbox = sandbox
        self.receiver = receiver
        self.transport = HeldTransport()
        self.provider = self.connect(sandbox.url)

    def connect(self, url: str) -> StripeProvider:
        settings = StripeSettings(self.sandbox.secret_key, False, (SECRET,), url)
        return StripeProvider(settings, self.transport)

    def an_order(self) -> CheckoutOrder:
        return an_order()

    def forgeries_of(self, delivery: Delivery) -> Sequence[Delivery]:
        return forgeries_of_signed(delivery)

    def pay(self, reference: str) -> None:
        self.sandbox.act("sessions", session=reference, number="4242424242424242")

    def expire(self, reference: str) -> None:
        self.sandbox.advance(24 * 3600)
        assert reference

    def notices(self) -> list[Notice]:
        assert self.sandbox.postman.wait_until_idle(PATIENCE_SECONDS)
        return list(self.receiver.notices)

    def notice_of(self, reference: str) -> Delivery:
        notices = [one for one in self.notices() if reference.encode() in one.body]
        return delivery_of(notices[-1], self.sandbox)

    @property
    def refunding(self) -> RefundingProvider:
        return self.provider

    @property
    def keeping(self) -> CardKeepingProvider:
        return self.provider

    def let_card_decline(self, card: str) -> str:
        self.change_card(card, "4000000000000069")
        return "expired_card"

    def change_card(self, card: str, number: str) -> None:
        """Put another test card behind a saved one."""
        self.sandbox.act("cards", payment_method=card, number=number)

    def let_refunds_be(self, state: RefundState) -> None:
        self.sandbox.switches.change({"refunds": str(state)})

    def end_refund(self, reference: str, state: RefundState) -> None:
        self.sandbox.act("refunds", refund=reference, status=str(state))

    def give_back(self, payment_id: str, amount: int) -> None:
        self.sandbox.act("refunds", payment_intent=payment_id, amount=amount)

    @property
    def disputing(self) -> DisputingProvider:
        return self.provider

    def dispute(self, payment_id: str, *, is_inquiry: bool) -> str:
        status = "warning_needs_response" if is_inquiry else "needs_response"
        found = self.sandbox.act("disputes", payment_intent=payment_id, status=status)
        return str(found["id"])

    def end_dispute(self, reference: str, state: DisputeState) -> None:
        status = "warning_closed" if state is DisputeState.CLOSED else str(state)
        self.sandbox.act("disputes", dispute=reference, status=status)

    @property
    def reconciling(self) -> ReconcilingProvider:
        return self.provider

    def take_fee(self, amount: int) -> None:
        self.sandbox.act("fees", amount=amount)

    def pay_out(self) -> None:
        self.sandbox.advance(3 * 24 * 3600)
        self.sandbox.act("payouts")

    def take_away(self) -> None:
        self.sandbox.switches.change({"outage": "closed"})


def delivery_of(notice: Notice, sandbox: SandboxStripe) -> Delivery:
    headers = {"stripe-signature": notice.header}
    return Delivery(headers, notice.body, from_unix(sandbox.now()))
