"""Customers, saved cards, PaymentIntents and SetupIntents by the official client."""

import httpx
import pytest
import stripe

from hero_onboarding.sandbox.stripe import SandboxStripe
from tests.sandbox.stripe.bench import Submit, pay_intent, refused_intent, session_body


@pytest.fixture
def customer(client: stripe.StripeClient) -> stripe.Customer:
    return client.v1.customers.create({"email": "c@example.com", "metadata": {"sid": "u1"}})


def save_card(
    client: stripe.StripeClient, customer: stripe.Customer, submit: Submit, number: str
) -> str:
    data = {"setup_future_usage": "off_session"}
    opened = client.v1.checkout.sessions.create(
        session_body(customer=customer.id, payment_intent_data=data)
    )
    answer = submit(opened.url, number)
    if "authenticate" in answer.headers["location"]:
        submit(answer.headers["location"], answer="confirm")
    return client.v1.customers.payment_methods.list(customer.id).data[0].id


def test_a_customer_is_made_read_changed_and_deleted(client: stripe.StripeClient) -> None:
    made = client.v1.customers.create({"email": "a@example.com", "metadata": {"0": "x", "b": "y"}})

    changed = client.v1.customers.update(made.id, {"name": "A", "metadata": {"0": ""}})
    listed = client.v1.customers.list({"email": "a@example.com"})
    deleted = client.v1.customers.delete(made.id)

    assert (changed.name, changed.email) == ("A", "a@example.com")
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"b": "y"}
    assert [one.id for one in listed] == [made.id]
    assert deleted.deleted
    assert client.v1.customers.list().data == []
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        client.v1.customers.update(made.id, {"name": "B"})
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        pay_intent(client, customer=made.id)


def test_a_saved_card_is_charged_while_its_holder_is_away(
    client: stripe.StripeClient, customer: stripe.Customer, submit: Submit
) -> None:
    method = save_card(client, customer, submit, "4000002500003155")

    intent = pay_intent(
        client,
        customer=customer.id,
        payment_method=method,
        off_session=True,
        metadata={"topup_id": "t2"},
    )
    listed = client.v1.payment_intents.list({"customer": customer.id})

    assert (intent.status, intent.amount_received) == ("succeeded", 2500)
    assert listed.data[0].id == intent.id
    assert listed.data[0].metadata["topup_id"] == "t2"


def test_a_bank_that_asks_declines_while_its_holder_is_away(
    client: stripe.StripeClient, customer: stripe.Customer, submit: Submit
) -> None:
    method = save_card(client, customer, submit, "4000002760003184")

    with pytest.raises(stripe.CardError) as refusal:
        pay_intent(client, customer=customer.id, payment_method=method, off_session=True)

    error = refusal.value
    assert (error.http_status, error.code) == (402, "authentication_required")
    assert str(error.request_id).startswith("req_")
    assert error.error is not None
    assert error.error.decline_code == "authentication_required"
    assert refused_intent(error).status == "requires_payment_method"
    again = client.v1.payment_intents.retrieve(refused_intent(error).id)
    assert again.status == "requires_payment_method"
    assert again.latest_charge is not None


def test_a_saved_card_that_worked_can_decline_later(
    sandbox: SandboxStripe, client: stripe.StripeClient, customer: stripe.Customer, submit: Submit
) -> None:
    method = save_card(client, customer, submit, "4242424242424242")
    sandbox.act("cards", payment_method=method, number="4000000000009995")

    with pytest.raises(stripe.CardError) as refusal:
        pay_intent(client, customer=customer.id, payment_method=method, off_session=True)

    assert refusal.value.code == "card_declined"
    assert refusal.value.error is not None
    assert refusal.value.error.decline_code == "insufficient_funds"
    assert refusal.value.user_message == "Your card has insufficient funds."


@pytest.mark.parametrize(
    ("token", "code", "reason"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", None),
    ],
)
def test_each_card_declines_in_its_own_words(
    client: stripe.StripeClient, token: str, code: str, reason: str | None
) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        pay_intent(client, payment_method=token)

    assert refusal.value.code == code
    assert refusal.value.error is not None
    assert refusal.value.error.to_dict().get("decline_code") == reason
    charges = client.v1.charges.list().data
    assert [(one.status, one.paid) for one in charges] == [("failed", False)]
    assert client.v1.balance_transactions.list().data == []


def test_a_card_attaches_though_it_will_decline(
    client: stripe.StripeClient, customer: stripe.Customer
) -> None:
    method = client.v1.payment_methods.attach(
        "pm_card_chargeCustomerFail", {"customer": customer.id}
    )

    with pytest.raises(stripe.CardError):
        pay_intent(client, customer=customer.id, payment_method=method.id, off_session=True)
    with pytest.raises(stripe.CardError):
        client.v1.payment_methods.attach("pm_card_chargeDeclined", {"customer": customer.id})

    listed = client.v1.payment_methods.list({"customer": customer.id, "type": "card"})
    assert [one.id for one in listed] == [method.id]


def test_a_detached_card_is_nobodys(client: stripe.StripeClient, customer: stripe.Customer) -> None:
    method = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})

    detached = client.v1.payment_methods.detach(method.id)

    assert detached.customer is None
    assert client.v1.payment_methods.retrieve(method.id).customer is None
    assert client.v1.customers.payment_methods.list(customer.id).data == []
    with pytest.raises(stripe.InvalidRequestError, match="not attached"):
        client.v1.payment_methods.detach(method.id)


def test_a_card_of_another_customer_is_refused(
    client: stripe.StripeClient, customer: stripe.Customer
) -> None:
    other = client.v1.customers.create({})
    method = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})

    with pytest.raises(stripe.InvalidRequestError, match="belongs to the Customer"):
        pay_intent(client, customer=other.id, payment_method=method.id)

    assert client.v1.payment_intents.list().data == []


def test_an_intent_waits_for_its_payer_and_goes_on(
    client: stripe.StripeClient, browser: httpx.Client
) -> None:
    intent = client.v1.payment_intents.create({"amount": 700, "currency": "usd"})
    asked = client.v1.payment_intents.confirm(
        intent.id,
        {"payment_method": "pm_card_authenticationRequired", "return_url": "http://localhost:9/r"},
    )

    assert asked.status == "requires_action"
    assert asked.next_action is not None
    assert asked.next_action.redirect_to_url is not None
    back = browser.post(str(asked.next_action.redirect_to_url.url), data={"answer": "confirm"})
    done = client.v1.payment_intents.retrieve(intent.id)

    assert intent.status == "requires_payment_method"
    assert back.headers["location"] == "http://localhost:9/r"
    assert done.status == "succeeded"


def test_a_needed_action_can_be_an_error(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.CardError) as refusal:
        pay_intent(
            client,
            payment_method="pm_card_authenticationRequired",
            error_on_requires_action=True,
        )

    assert refusal.value.code == "authentication_required"


def test_an_intent_is_cancelled_once_and_not_when_it_is_paid(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create({"amount": 700, "currency": "usd"})
    paid = pay_intent(client)

    cancelled = client.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})

    assert (cancelled.status, cancelled.cancellation_reason) == ("canceled", "abandoned")
    for one in (intent, paid):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            client.v1.payment_intents.cancel(one.id)
        assert refusal.value.code == "payment_intent_unexpected_state"


def test_an_intent_of_a_session_is_cancelled_by_expiring_it(
    client: stripe.StripeClient, submit: Submit
) -> None:
    opened = client.v1.checkout.sessions.create(session_body())
    submit(opened.url, "4000000000000002")
    intent = str(client.v1.checkout.sessions.retrieve(opened.id).payment_intent)

    with pytest.raises(stripe.InvalidRequestError, match="expire the Checkout Session"):
        client.v1.payment_intents.cancel(intent)
    client.v1.checkout.sessions.expire(opened.id)

    assert client.v1.payment_intents.retrieve(intent).status == "canceled"


def test_off_session_needs_confirm(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        pay_intent(client, off_session=True, confirm=False)

    assert refusal.value.param == "off_session"
    assert client.v1.payment_intents.list().data == []


def test_a_setup_saves_a_card(
    client: stripe.StripeClient, customer: stripe.Customer, browser: httpx.Client
) -> None:
    setup = client.v1.setup_intents.create(
        {
            "customer": customer.id,
            "payment_method": "pm_card_authenticationRequiredOnSetup",
            "confirm": True,
            "return_url": "http://localhost:9/r",
        }
    )
    assert setup.status == "requires_action"
    browser.post(str(setup.next_action["redirect_to_url"].url), data={"answer": "confirm"})  # type: ignore[index]  # it is asked for

    done = client.v1.setup_intents.retrieve(setup.id)
    intent = pay_intent(
        client, customer=customer.id, payment_method=done.payment_method, off_session=True
    )

    assert done.status == "succeeded"
    assert intent.status == "succeeded"


def test_a_setup_of_a_card_that_declines_saves_nothing(
    client: stripe.StripeClient, customer: stripe.Customer
) -> None:
    setup = client.v1.setup_intents.create({"customer": customer.id})

    with pytest.raises(stripe.CardError):
        client.v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_chargeDeclined"})

    assert client.v1.setup_intents.retrieve(setup.id).status == "requires_payment_method"
    assert client.v1.setup_intents.cancel(setup.id).status == "canceled"
    assert client.v1.customers.payment_methods.list(customer.id).data == []
