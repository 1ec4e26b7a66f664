"""Every call that the stand-in imitates, by the official client, and what is left of refusals."""

from collections.abc import Callable
from typing import cast

import httpx
import pytest
import stripe
from stripe.params.checkout import SessionCreateParams

from hero_onboarding.sandbox.stripe import SandboxStripe
from hero_onboarding.sandbox.stripe.api import ROUTES
from tests.sandbox.stripe.bench import Receiver, Submit, pay_intent, session_body


def walk_people(client: stripe.StripeClient) -> None:
    v1 = client.v1
    saved = v1.customers.create({"payment_method": "pm_card_visa", "preferred_locales": ["sw"]})
    method = v1.customers.payment_methods.list(saved.id).data[0].id
    default = {"invoice_settings": {"default_payment_method": method}}
    changed = v1.customers.update(saved.id, cast("stripe.params.CustomerUpdateParams", default))
    assert changed.invoice_settings is not None
    assert changed.invoice_settings.default_payment_method == method
    assert v1.customers.retrieve(saved.id).preferred_locales == ["sw"]
    assert v1.customers.payment_methods.retrieve(saved.id, method).id == method
    v1.payment_methods.update(method, {"metadata": {"a": "b"}, "allow_redisplay": "always"})
    assert v1.payment_methods.retrieve(method).allow_redisplay == "always"
    found = v1.payment_methods.list({"customer": saved.id, "allow_redisplay": "always"})
    assert [one.id for one in found] == [method]
    v1.payment_methods.attach(method, {"customer": saved.id})
    v1.payment_methods.detach(method)
    v1.customers.list()
    v1.customers.delete(saved.id)


def walk_intents(client: stripe.StripeClient) -> None:
    v1 = client.v1
    intent = v1.payment_intents.create(
        {
            "amount": 500,
            "currency": "usd",
            "payment_method": "pm_card_visa",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )
    assert intent.status == "requires_confirmation"
    v1.payment_intents.update(intent.id, {"description": "words", "metadata": {"a": "b"}})
    paid = v1.payment_intents.confirm(intent.id, {"setup_future_usage": "on_session"})
    assert (paid.status, paid.description) == ("succeeded", "words")
    v1.payment_intents.list()
    v1.payment_intents.cancel(v1.payment_intents.create({"amount": 500, "currency": "usd"}).id)
    charge = str(v1.payment_intents.retrieve(intent.id).latest_charge)
    v1.charges.update(charge, {"metadata": {"c": "d"}})
    assert v1.charges.retrieve(charge).metadata.to_dict() == {"a": "b", "c": "d"}
    assert len(v1.charges.list({"payment_intent": intent.id}).data) == 1
    setup = v1.setup_intents.create({"payment_method": "pm_card_visa"})
    assert v1.setup_intents.confirm(setup.id).status == "succeeded"
    v1.setup_intents.cancel(v1.setup_intents.create({}).id)
    assert len(v1.setup_intents.list().data) == 2
    v1.setup_intents.retrieve(setup.id)


def walk_returns(client: stripe.StripeClient) -> None:
    v1 = client.v1
    intent = pay_intent(client, payment_method="pm_card_createDispute")
    dispute = v1.disputes.list({"payment_intent": intent.id}).data[0]
    v1.disputes.update(dispute.id, {"metadata": {"a": "b"}})
    v1.disputes.close(v1.disputes.retrieve(dispute.id).id)
    refund = v1.refunds.create({"payment_intent": pay_intent(client).id})
    v1.refunds.update(refund.id, {"metadata": {"a": "b"}})
    assert v1.refunds.retrieve(refund.id).to_dict()["metadata"] == {"a": "b"}
    v1.refunds.list()


def walk_the_rest(sandbox: SandboxStripe, client: stripe.StripeClient) -> None:
    v1 = client.v1
    intent = pay_intent(client, payment_method="pm_card_bypassPending", amount=9000)
    warning = sandbox.act("warnings", charge=intent.latest_charge)["id"]
    assert v1.radar.early_fraud_warnings.list({"charge": str(intent.latest_charge)}).data
    v1.radar.early_fraud_warnings.retrieve(warning)
    payout = sandbox.act("payouts", status="in_transit")["id"]
    sandbox.act("payouts", payout=payout, status="paid")
    assert [one.id for one in v1.payouts.list({"status": "paid"})] == [payout]
    v1.payouts.retrieve(payout)
    entry = v1.balance_transactions.list({"type": "payout"}).data[0]
    v1.balance_transactions.retrieve(entry.id)
    v1.balance.retrieve()
    v1.events.retrieve(v1.events.list().data[0].id)
    session = v1.checkout.sessions.create(session_body())
    assert len(v1.checkout.sessions.line_items.list(session.id).data) == 1
    v1.checkout.sessions.list({"customer_details": {"email": "nobody@example.com"}})
    v1.checkout.sessions.expire(v1.checkout.sessions.retrieve(session.id).id)
    endpoint = v1.webhook_endpoints.create(
        {"url": "http://127.0.0.1:9/x", "enabled_events": ["payout.paid"]}
    )
    v1.webhook_endpoints.update(endpoint.id, {"url": "http://127.0.0.1:9/y"})
    assert v1.webhook_endpoints.retrieve(endpoint.id).url == "http://127.0.0.1:9/y"
    v1.webhook_endpoints.list()
    v1.webhook_endpoints.delete(endpoint.id)


def test_every_call_is_answered(sandbox: SandboxStripe, client: stripe.StripeClient) -> None:
    walk_people(client)
    walk_intents(client)
    walk_returns(client)
    walk_the_rest(sandbox, client)

    asked = [
        (one.method, tuple(one.path.split("/")[1:]))
        for one in sandbox.log.list_entries()
        if one.status == 200
    ]
    assert [
        (route.method, route.pattern)
        for route in ROUTES
        if not any(route.method == method and route.match(path) for method, path in asked)
        and "{" in route.pattern
    ] == []
    assert {(route.method, route.pattern) for route in ROUTES if "{" not in route.pattern} <= {
        (method, "/" + "/".join(path)) for method, path in asked
    }


Wrong = Callable[[stripe.StripeClient], object]
TWO_CURRENCIES = [
    {"price_data": {"currency": one, "unit_amount": 5000, "product_data": {"name": "x"}}}
    for one in ("usd", "tzs")
]
NEGATIVE = [
    {"price_data": {"currency": "usd", "unit_amount": -1, "product_data": {"name": "x"}}},
]


def open_session(client: stripe.StripeClient, **more: object) -> object:
    return client.v1.checkout.sessions.create(session_body(**more))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda c: open_session(c, customer_email="a@b.c", customer="cus_x"), "only specify one"),
        (lambda c: open_session(c, line_items=TWO_CURRENCIES), "same currency"),
        (lambda c: open_session(c, line_items=NEGATIVE), "greater than or equal to 0"),
        (lambda c: open_session(c, mode="setup"), "can't be given in `setup` mode"),
        (lambda c: open_session(c, success_url="http://[x"), "Not a valid URL"),
        (lambda c: open_session(c, metadata={"k" * 41: "v"}), "Metadata keys"),
        (lambda c: open_session(c, metadata={str(n): "v" for n in range(51)}), "50 metadata"),
        (lambda c: pay_intent(c, amount=-5), "greater than or equal to 1"),
        (lambda c: pay_intent(c, payment_method=None), "missing a payment method"),
        (lambda c: pay_intent(c, payment_method="pm_x"), "No such PaymentMethod"),
        (lambda c: pay_intent(c, statement_descriptor="X"), "statement_descriptor_suffix"),
        (lambda c: c.v1.setup_intents.create({"confirm": True}), "payment method is needed"),
        (lambda c: c.v1.refunds.create({}), "should be provided"),
        (lambda c: c.v1.refunds.create({"charge": "a", "payment_intent": "b"}), "only specify"),
        (lambda c: c.v1.events.list({"type": "a", "types": ["b"]}), "only specify one"),
        (lambda c: c.v1.balance_transactions.list({"payout": "po_x"}), "No such payout"),
        (lambda c: c.v1.customers.create({"metadata": ""}) and c.v1.charges.retrieve("x"), "No su"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    client: stripe.StripeClient, wrong: Wrong, message: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=message):
        wrong(client)

    assert client.v1.checkout.sessions.list().data == client.v1.charges.list().data == []
    assert client.v1.balance_transactions.list().data == []


def test_nothing_is_done_twice_to_what_is_over(
    sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    v1, paid = client.v1, pay_intent(client)
    done = v1.setup_intents.create({"payment_method": "pm_card_visa", "confirm": True})
    dispute = sandbox.act("disputes", payment_intent=paid.id, status="lost")["id"]
    deeds: list[Callable[[], object]] = [
        lambda: v1.payment_intents.confirm(paid.id),
        lambda: v1.setup_intents.confirm(done.id),
        lambda: v1.setup_intents.cancel(done.id),
        lambda: v1.disputes.close(dispute),
    ]

    for deed in deeds:
        with pytest.raises(stripe.InvalidRequestError):
            deed()
    for name, order in (
        ("disputes", {"payment_intent": paid.id}),
        ("payments", {"payment_intent": paid.id}),
        ("payouts", {}),
        ("sessions", {"session": "cs_x"}),
        ("cards", {"payment_method": paid.payment_method, "number": "1"}),
    ):
        with pytest.raises(Exception, match="answers 40"):
            sandbox.act(name, **cast("dict[str, object]", order))

    assert len(v1.balance_transactions.list().data) == 2


def test_a_customer_is_made_for_whoever_pays_when_that_was_asked_for(
    client: stripe.StripeClient, submit: Submit
) -> None:
    opened = client.v1.checkout.sessions.create(session_body(customer_creation="always"))
    first = submit(opened.url, email="")
    submit(opened.url, email="new@example.com")

    session = client.v1.checkout.sessions.retrieve(opened.id, {"expand": ["customer"]})

    assert first.status_code == 422
    assert session["customer"].email == "new@example.com"
    assert session.customer_details is not None
    assert session.customer_details.email == "new@example.com"


def test_a_card_is_saved_after_its_bank_asked_or_not_at_all(
    client: stripe.StripeClient, browser: httpx.Client, submit: Submit
) -> None:
    body = {"mode": "setup", "currency": "usd", "success_url": "http://a.b/"}
    opened = client.v1.checkout.sessions.create(cast("SessionCreateParams", body))

    asked = submit(opened.url, "4000002500003155").headers["location"]
    refused = browser.post(asked, data={"answer": "refuse"}).headers["location"]
    asked = submit(opened.url, "4000002500003155").headers["location"]
    stale = browser.get(refused)
    saved = browser.post(asked, data={"answer": "confirm"}).headers["location"]
    session = client.v1.checkout.sessions.retrieve(opened.id)

    assert refused == opened.url
    assert stale.status_code == 200
    assert saved == "http://a.b/"
    assert len(client.v1.customers.payment_methods.list(str(session.customer)).data) == 1
    assert browser.get(asked).status_code == 410
    assert browser.get(asked + "x").status_code == 404
    assert browser.post(asked, data={"answer": "confirm"}).status_code == 410


def test_an_intent_that_its_payer_refuses_asks_for_another_card(
    client: stripe.StripeClient, browser: httpx.Client
) -> None:
    intent = pay_intent(client, payment_method="pm_card_authenticationRequired")
    assert intent.next_action is not None
    assert intent.next_action.redirect_to_url is not None

    page = browser.post(str(intent.next_action.redirect_to_url.url), data={"answer": "refuse"})
    after = client.v1.payment_intents.retrieve(intent.id)

    assert page.status_code == 200
    assert after.status == "requires_payment_method"
    assert after.last_payment_error is not None


def test_deliveries_are_shown_without_their_bodies(
    sandbox: SandboxStripe,
    client: stripe.StripeClient,
    receiver: Receiver,
    browser: httpx.Client,
) -> None:
    client.v1.customers.create({})
    sandbox.postman.wait_until_idle(5)

    shown = browser.get(f"{sandbox.url}/sandbox/stripe/deliveries").json()["deliveries"]

    assert [(one["type"], one["state"], one["status"]) for one in shown] == [
        ("customer.created", "delivered", 200)
    ]
    assert "body" not in shown[0]
    assert shown[0]["url"] == receiver.url
