"""Checkout Sessions by the official client, and the page by a browser's requests."""

import re

import httpx
import pytest
import stripe

from hero_onboarding.sandbox.stripe import SandboxStripe
from tests.sandbox.stripe.bench import CANCEL, Submit, session_body


def test_a_session_is_paid_on_its_page_and_leads_back(
    client: stripe.StripeClient, browser: httpx.Client, submit: Submit
) -> None:
    body = session_body(
        client_reference_id="t1",
        metadata={"topup_id": "t1"},
        payment_intent_data={"metadata": {"topup_id": "t1"}, "statement_descriptor_suffix": "C"},
    )
    opened = client.v1.checkout.sessions.create(body, {"idempotency_key": "topup-t1-session-1"})

    page = browser.get(str(opened.url))
    paid = submit(opened.url)
    session = client.v1.checkout.sessions.retrieve(
        opened.id, {"expand": ["payment_intent.latest_charge.balance_transaction", "line_items"]}
    )

    assert "25.00 USD" in page.text
    assert f'href="{CANCEL}"' in page.text
    assert paid.status_code == 303
    assert paid.headers["location"] == f"http://localhost:9/done?session_id={opened.id}"
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    assert (session.amount_total, session.currency) == (2500, "usd")
    assert session.client_reference_id == "t1"
    intent = session["payment_intent"]
    assert intent.metadata.to_dict() == {"topup_id": "t1"}
    assert intent.latest_charge.balance_transaction.fee == 103
    assert session["line_items"].data[0].description == "Account credit"


def test_a_session_has_no_intent_until_somebody_pays(client: stripe.StripeClient) -> None:
    session = client.v1.checkout.sessions.create(session_body())

    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert session.payment_intent is None
    assert session.id.startswith("cs_test_")


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("4000 0000 0000 0002", "Your card was declined."),
        ("4000000000009995", "insufficient funds"),
        ("4000000000000069", "expired"),
        ("4000000000000341", "Your card was declined."),
        ("1234", "card number is incorrect"),
    ],
)
def test_a_declined_card_leaves_the_page_open(
    client: stripe.StripeClient, number: str, message: str, submit: Submit
) -> None:
    opened = client.v1.checkout.sessions.create(session_body())

    refused = submit(opened.url, number)
    session = client.v1.checkout.sessions.retrieve(opened.id)
    paid = submit(opened.url)

    assert refused.status_code == 422
    assert message in refused.text.replace("&#39;", "'")
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert paid.status_code == 303


@pytest.mark.parametrize("number", ["4000002500003155", "4000002760003184"])
def test_a_bank_asks_before_such_a_card_pays(
    client: stripe.StripeClient, number: str, browser: httpx.Client, submit: Submit
) -> None:
    opened = client.v1.checkout.sessions.create(session_body())

    asked = submit(opened.url, number).headers["location"]
    question = browser.get(asked)
    refused = browser.post(asked, data={"answer": "refuse"})
    again = browser.get(refused.headers["location"])
    asked = submit(opened.url, number).headers["location"]
    confirmed = browser.post(asked, data={"answer": "confirm"})

    assert "Confirm" in question.text
    assert "failed authentication" in again.text
    assert confirmed.headers["location"].endswith(opened.id)
    assert client.v1.checkout.sessions.retrieve(opened.id).payment_status == "paid"


def test_a_confirmed_card_can_still_be_declined(
    client: stripe.StripeClient, browser: httpx.Client, submit: Submit
) -> None:
    opened = client.v1.checkout.sessions.create(session_body())

    asked = submit(opened.url, "4000008260003178").headers["location"]
    refused = browser.post(asked, data={"answer": "confirm"})

    assert refused.status_code == 422
    assert "insufficient funds" in refused.text
    assert client.v1.checkout.sessions.retrieve(opened.id).status == "open"


def test_a_card_is_saved_when_that_was_asked_for(
    client: stripe.StripeClient, browser: httpx.Client, submit: Submit
) -> None:
    customer = client.v1.customers.create({"email": "c@example.com"})
    body = session_body(
        customer=customer.id, payment_intent_data={"setup_future_usage": "off_session"}
    )
    opened = client.v1.checkout.sessions.create(body)

    page = browser.get(str(opened.url))
    submit(opened.url)
    saved = client.v1.customers.payment_methods.list(customer.id)

    assert "saved for later payments" in page.text
    assert "c@example.com" in page.text
    assert [method["card"].last4 for method in saved.data] == ["4242"]


def test_a_delayed_payment_arrives_or_fails_later(
    sandbox: SandboxStripe, client: stripe.StripeClient, submit: Submit
) -> None:
    states = []
    for outcome in ("succeeded", "failed"):
        opened = client.v1.checkout.sessions.create(session_body())
        submit(opened.url, method="bank")
        before = client.v1.checkout.sessions.retrieve(opened.id)
        sandbox.act("payments", payment_intent=before.payment_intent, status=outcome)
        after = client.v1.checkout.sessions.retrieve(opened.id)
        states.append((before.status, before.payment_status, after.payment_status))
    types = [event.type for event in client.v1.events.list({"limit": 100})]

    assert states == [("complete", "unpaid", "paid"), ("complete", "unpaid", "unpaid")]
    assert types.count("checkout.session.async_payment_succeeded") == 1
    assert types.count("checkout.session.async_payment_failed") == 1


def test_a_session_of_cards_takes_no_bank_account(
    client: stripe.StripeClient, browser: httpx.Client, submit: Submit
) -> None:
    opened = client.v1.checkout.sessions.create(session_body(payment_method_types=["card"]))

    page, refused = browser.get(str(opened.url)), submit(opened.url, method="bank")

    assert "Pay by bank" not in page.text
    assert refused.status_code == 422
    assert client.v1.checkout.sessions.retrieve(opened.id).payment_intent is None


def test_a_session_that_saves_a_card_takes_no_money(
    client: stripe.StripeClient, submit: Submit
) -> None:
    customer = client.v1.customers.create({"email": "c@example.com"})
    opened = client.v1.checkout.sessions.create(
        {"mode": "setup", "currency": "usd", "customer": customer.id, "success_url": "http://a.b/"}
    )

    refused = submit(opened.url, "4000000000000002")
    paid = submit(opened.url, "4000000000000341")
    session = client.v1.checkout.sessions.retrieve(opened.id, {"expand": ["setup_intent"]})

    assert (refused.status_code, paid.status_code) == (422, 303)
    assert session["setup_intent"].status == "succeeded"
    assert session.payment_status == "no_payment_required"
    assert client.v1.charges.list().data == []


def test_a_session_ends_by_time_or_by_call(
    sandbox: SandboxStripe, client: stripe.StripeClient, browser: httpx.Client, submit: Submit
) -> None:
    first = client.v1.checkout.sessions.create(session_body(expires_at=sandbox.now() + 1900))
    second = client.v1.checkout.sessions.create(session_body())

    expired = client.v1.checkout.sessions.expire(second.id)
    sandbox.advance(2000)
    by_time = client.v1.checkout.sessions.retrieve(first.id)

    assert (expired.status, expired.url) == ("expired", None)
    assert by_time.status == "expired"
    assert submit(first.url).status_code == 410
    assert browser.get(str(first.url)).status_code == 410
    with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
        client.v1.checkout.sessions.expire(first.id)


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"success_url": None}, "success_url"),
        ({"success_url": "done"}, "success_url"),
        ({"line_items": []}, "line_items"),
        ({"customer": "cus_nobody"}, "customer"),
        ({"mode": "subscription"}, "mode"),
        ({"expires_at": 1}, "expires_at"),
        ({"client_reference_id": "x" * 201}, "client_reference_id"),
        ({"payment_intent_data": {"statement_descriptor": "X"}}, "payment_intent_data"),
        ({"metadata": {"a": "x" * 501}}, "metadata"),
    ],
)
def test_a_session_that_will_not_do_is_refused(
    client: stripe.StripeClient, more: dict[str, object], param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.checkout.sessions.create(session_body(**more))

    assert str(refusal.value.param).startswith(param)
    assert client.v1.checkout.sessions.list().data == []


def test_amounts_have_a_floor_in_either_currency(client: stripe.StripeClient) -> None:
    def lines(currency: str, amount: int) -> dict[str, object]:
        product = {"name": "Credit"}
        price = {"currency": currency, "unit_amount": amount, "product_data": product}
        return {"line_items": [{"price_data": price, "quantity": 1}]}

    for currency, amount in (("usd", 49), ("tzs", 100_000)):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            client.v1.checkout.sessions.create(session_body(**lines(currency, amount)))
        assert refusal.value.code == "amount_too_small"
    session = client.v1.checkout.sessions.create(session_body(**lines("tzs", 500_000)))

    assert (session.amount_total, session.currency) == (500_000, "tzs")


def test_sessions_are_listed_by_what_they_are_about(
    client: stripe.StripeClient, submit: Submit
) -> None:
    customer = client.v1.customers.create({"email": "c@example.com"})
    mine = client.v1.checkout.sessions.create(session_body(customer=customer.id))
    client.v1.checkout.sessions.create(session_body())
    submit(mine.url)
    paid = client.v1.checkout.sessions.retrieve(mine.id)

    by_customer = client.v1.checkout.sessions.list({"customer": customer.id})
    by_intent = client.v1.checkout.sessions.list({"payment_intent": str(paid.payment_intent)})
    opened = client.v1.checkout.sessions.list({"status": "open"})

    assert [one.id for one in by_customer] == [one.id for one in by_intent] == [mine.id]
    assert len(opened.data) == 1


def test_a_paid_page_takes_no_second_payment(client: stripe.StripeClient, submit: Submit) -> None:
    opened = client.v1.checkout.sessions.create(session_body())
    submit(opened.url)

    again = submit(opened.url)

    assert again.status_code == 410
    assert len(client.v1.charges.list().data) == 1


def test_the_pages_policy_lets_forms_lead_back_and_nowhere_else(
    client: stripe.StripeClient, browser: httpx.Client
) -> None:
    opened = client.v1.checkout.sessions.create(session_body())

    policy = browser.get(str(opened.url)).headers["content-security-policy"]

    assert re.search(r"form-action 'self' http://localhost:9$", policy)
    assert "script" not in policy


def test_a_session_is_paid_from_the_control_room(
    sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    first = client.v1.checkout.sessions.create(session_body())
    second = client.v1.checkout.sessions.create(session_body())

    declined = sandbox.act("sessions", session=first.id, number="4000000000000002")
    paid = sandbox.act("sessions", session=second.id, number="4000002760003184")

    assert declined["error"]["code"] == "card_declined"
    assert paid["session"]["payment_status"] == "paid"
