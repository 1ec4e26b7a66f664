"""A receiver of notices, and short ways to ask the stand-in for what most tests need."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from typing import cast

import httpx
import stripe
from stripe.params import PaymentIntentCreateParams
from stripe.params.checkout import SessionCreateParams

from hero_onboarding.sandbox.stripe import SandboxStripe
from tests.sandbox.receiving import listening

RETURN = "http://localhost:9/done?session_id={CHECKOUT_SESSION_ID}"
CANCEL = "http://localhost:9/cancelled"
SECRET = "whsec_madeUpSecretForTests0001"
VISA = "4242424242424242"


@contextmanager
def sdk(
    sandbox: SandboxStripe, *, key: str = "", seconds: float = 5, retries: int = 2
) -> Iterator[stripe.StripeClient]:
    transport = stripe.RequestsClient(timeout=seconds)
    yield stripe.StripeClient(
        key or sandbox.secret_key,
        base_addresses={"api": sandbox.url},
        max_network_retries=retries,
        http_client=transport,
    )
    transport.close()  # type: ignore[no-untyped-call]  # the library leaves it open


@dataclass
class Notice:
    header: str
    body: bytes


@dataclass
class Receiver:
    """Keeps what it is told; answers ``statuses`` in turn, then 200."""

    url: str = ""
    notices: list[Notice] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def events(self, secret: str = SECRET) -> list[stripe.Event]:
        return [
            stripe.Webhook.construct_event(one.body, one.header, secret) for one in self.notices
        ]

    def types(self) -> list[str]:
        return [event.type for event in self.events()]


@contextmanager
def receive() -> Iterator[Receiver]:
    receiver = Receiver()

    def keep(headers: Message, body: bytes) -> int:
        receiver.notices.append(Notice(headers.get("Stripe-Signature", ""), body))
        return receiver.statuses.pop(0) if receiver.statuses else 200

    with listening(keep) as origin:
        receiver.url = f"{origin}/webhooks/stripe"
        yield receiver


def session_body(**more: object) -> SessionCreateParams:
    price = {"currency": "usd", "unit_amount": 2500, "product_data": {"name": "Account credit"}}
    body = {
        "mode": "payment",
        "line_items": [{"quantity": 1, "price_data": price}],
        "success_url": RETURN,
        "cancel_url": CANCEL,
        **more,
    }
    return cast("SessionCreateParams", body)


Submit = Callable[..., httpx.Response]


def pay_intent(client: stripe.StripeClient, **more: object) -> stripe.PaymentIntent:
    """Charge a card that is at hand."""
    body = {"amount": 2500, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    wanted = cast("PaymentIntentCreateParams", {**body, **more})
    return client.v1.payment_intents.create(wanted)


def refused_intent(refusal: stripe.CardError) -> stripe.PaymentIntent:
    """Return the intent that a decline is about."""
    assert refusal.error is not None
    assert refusal.error.payment_intent is not None
    return refusal.error.payment_intent
