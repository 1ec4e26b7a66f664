"""What the official client sends and what the stand-in answers, held to Stripe's description."""

from collections.abc import Iterator
from typing import cast

import httpx
import pytest
import stripe
from stripe.params.checkout import SessionCreateParams

from hero_onboarding.sandbox.stripe import SandboxStripe
from tests.sandbox.stripe.bench import Submit, pay_intent, session_body
from tests.support.stripe.conformance import (
    ConformingClient,
    answer_problems,
    request_problems,
    rule_problems,
)


@pytest.fixture
def transport() -> Iterator[ConformingClient]:
    transport = ConformingClient()
    yield transport
    transport.close()  # type: ignore[no-untyped-call]  # the library leaves it open


@pytest.fixture
def conforming(sandbox: SandboxStripe, transport: ConformingClient) -> stripe.StripeClient:
    return stripe.StripeClient(
        sandbox.secret_key,
        base_addresses={"api": sandbox.url},
        max_network_retries=2,
        http_client=transport,
    )


def test_a_top_up_by_checkout_conforms(
    conforming: stripe.StripeClient, transport: ConformingClient, submit: Submit
) -> None:
    sessions, customers = conforming.v1.checkout.sessions, conforming.v1.customers
    customer = customers.create({"email": "c@example.com", "metadata": {"sid": "u1"}})
    data = {"setup_future_usage": "off_session", "metadata": {"t": "1"}}
    opened = sessions.create(
        session_body(customer=customer.id, metadata={"t": "1"}, payment_intent_data=data)
    )
    submit(opened.url, "4000000000000002")
    submit(opened.url)
    paths = ["payment_intent.latest_charge.balance_transaction", "line_items", "customer"]
    sessions.retrieve(opened.id, {"expand": paths})
    sessions.list({"customer": customer.id, "status": "complete"})
    sessions.expire(sessions.create(session_body()).id)
    customers.update(customer.id, {"name": "C"})
    customers.retrieve(customer.id)
    customers.payment_methods.list(customer.id, {"type": "card"})
    conforming.v1.events.list({"types": ["checkout.session.completed"], "delivery_success": True})
    conforming.v1.events.list({"limit": 100, "created": {"gte": 1}})
    customers.delete(customer.id)

    assert transport.problems == []


def test_an_automatic_top_up_conforms(
    conforming: stripe.StripeClient, transport: ConformingClient
) -> None:
    customer = conforming.v1.customers.create({})
    setup = conforming.v1.setup_intents.create(
        {"customer": customer.id, "payment_method": "pm_card_visa", "confirm": True}
    )
    saved = str(setup.payment_method)
    body = {"customer": customer.id, "off_session": True, "statement_descriptor_suffix": "CREDIT"}
    pay_intent(conforming, payment_method=saved, **body)
    with pytest.raises(stripe.CardError):
        pay_intent(conforming, payment_method="pm_card_authenticationRequired", **body)
    intents = conforming.v1.payment_intents
    intents.list({"customer": customer.id})
    waiting = intents.create({"amount": 500, "currency": "usd"})
    intents.confirm(
        waiting.id,
        {"payment_method": "pm_card_authenticationRequired", "return_url": "http://a.b/"},
    )
    intents.cancel(waiting.id)
    conforming.v1.payment_methods.detach(saved)

    assert transport.problems == []


def test_refunds_disputes_and_books_conform(
    sandbox: SandboxStripe, conforming: stripe.StripeClient, transport: ConformingClient
) -> None:
    v1 = conforming.v1
    intent = pay_intent(conforming)
    v1.refunds.create({"payment_intent": intent.id, "amount": 100, "metadata": {"r": "1"}})
    sandbox.switches.change({"refunds": "failed"})
    v1.refunds.create({"payment_intent": intent.id, "reason": "requested_by_customer"})
    v1.refunds.list({"charge": str(intent.latest_charge)})
    sandbox.act("warnings", charge=intent.latest_charge)
    dispute = sandbox.act("disputes", payment_intent=intent.id)
    v1.disputes.update(dispute["id"], {"evidence": {"uncategorized_text": "winning_evidence"}})
    v1.disputes.list()
    v1.charges.retrieve(str(intent.latest_charge))
    pay_intent(conforming, payment_method="pm_card_bypassPending", amount=9000)
    payout = sandbox.act("payouts")
    v1.balance_transactions.list({"payout": payout["id"], "limit": 100})
    v1.payouts.list()
    v1.balance.retrieve()
    for event in v1.events.list({"limit": 100}).auto_paging_iter():
        v1.events.retrieve(event.id)

    assert transport.problems == []


def test_endpoints_conform(conforming: stripe.StripeClient, transport: ConformingClient) -> None:
    endpoints = conforming.v1.webhook_endpoints
    made = endpoints.create({"url": "http://127.0.0.1:9/x", "enabled_events": ["charge.updated"]})
    endpoints.update(made.id, {"disabled": True})
    endpoints.list()
    endpoints.delete(made.id)

    assert transport.problems == []


def test_the_check_finds_what_is_wrong() -> None:
    form = "mode=pay&succes_url=x&line_items[0][quantity]=one"

    assert request_problems("POST", "/v1/checkout/sessions", form) == [
        "[mode] is none of ['payment', 'setup', 'subscription']: 'pay'",
        "[succes_url] is unknown",
        "[line_items][0][quantity] is no integer: 'one'",
    ]
    assert len(request_problems("POST", "/v1/subscriptions", "")) == 1
    assert len(request_problems("GET", "/v1/events", "limit=x&type[a]=b")) == 2
    refund = {"object": "refund", "id": 1, "amount": None, "lost": True}
    assert {one.partition(" ")[0] for one in answer_problems({"data": [refund]})} > {
        "None.data.id",
        "None.data.amount",
        "None.data.lost",
        "None.data.currency",
    }


def test_our_own_rules_are_checked_too() -> None:
    path, form = "/v1/checkout/sessions", "mode=payment&customer=c&customer_email=e&success_url=x"
    price = "&line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=499"

    assert len(rule_problems("POST", path, form + price, {})) == 5
    assert rule_problems("GET", path, "", {}) == []


def test_a_misspelt_parameter_is_refused_by_both(
    sandbox: SandboxStripe,
    conforming: stripe.StripeClient,
    transport: ConformingClient,
    browser: httpx.Client,
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        conforming.v1.checkout.sessions.create(
            cast("SessionCreateParams", {**session_body(), "succes_url": "http://a.b/"})
        )

    assert refusal.value.code == "parameter_unknown"
    assert transport.problems == ["[succes_url] is unknown"]
    assert browser.get(sandbox.url + "/sandbox").status_code == 200
