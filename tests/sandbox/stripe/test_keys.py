"""Idempotency keys."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import stripe

from hero_onboarding.sandbox.stripe import Fault, SandboxStripe
from tests.sandbox.stripe.bench import pay_intent, refused_intent, sdk

DAY = 24 * 3600


def post(
    browser: httpx.Client, sandbox: SandboxStripe, key: str, path: str = "customers", **form: str
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {sandbox.secret_key}", "Idempotency-Key": key}
    return browser.post(f"{sandbox.url}/v1/{path}", data=form, headers=headers)


def test_a_key_gives_its_first_result_again(browser: httpx.Client, sandbox: SandboxStripe) -> None:
    first = post(browser, sandbox, "k1", name="A")
    second = post(browser, sandbox, "k1", name="A")

    assert first.content == second.content
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["original-request"] == first.headers["request-id"]
    assert second.headers["request-id"] != first.headers["request-id"]
    assert second.headers["idempotency-key"] == "k1"


def test_a_key_with_another_body_is_refused(client: stripe.StripeClient) -> None:
    client.v1.customers.create({"name": "A"}, {"idempotency_key": "k1"})

    with pytest.raises(stripe.IdempotencyError) as refusal:
        client.v1.customers.create({"name": "B"}, {"idempotency_key": "k1"})
    with pytest.raises(stripe.IdempotencyError):
        client.v1.payment_intents.create(
            {"amount": 500, "currency": "usd"}, {"idempotency_key": "k1"}
        )

    assert refusal.value.http_status == 400
    assert len(client.v1.customers.list().data) == 1
    assert client.v1.payment_intents.list().data == []


def test_the_order_of_a_form_makes_no_other_body(
    browser: httpx.Client, sandbox: SandboxStripe
) -> None:
    first = post(browser, sandbox, "k1", name="A", email="a@example.com")
    second = post(browser, sandbox, "k1", email="a@example.com", name="A")

    assert first.json()["id"] == second.json()["id"]


def test_a_key_under_way_is_a_conflict_and_the_official_client_waits_for_it(
    browser: httpx.Client, sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    sandbox.switches.add(Fault(kind="delay", seconds=0.4, count=1, path_prefix="/v1/customers"))
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(post, browser, sandbox, "k1", name="A")
        while sandbox.switches.faults:
            pass
        conflict = post(browser, sandbox, "k1", name="A")
        made = slow.result()
    again = client.v1.customers.create({"name": "A"}, {"idempotency_key": "k1"})

    assert conflict.status_code == 409
    assert conflict.json()["error"]["code"] == "idempotency_key_in_use"
    assert again.id == made.json()["id"]
    assert len(client.v1.customers.list().data) == 1


def test_many_at_once_with_one_key_make_one_payment(sandbox: SandboxStripe) -> None:
    start = threading.Barrier(8)

    def pay(_: int) -> str:
        with sdk(sandbox, retries=8) as client:
            start.wait()
            return client.v1.payment_intents.create(
                {
                    "amount": 500,
                    "currency": "usd",
                    "payment_method": "pm_card_visa",
                    "confirm": True,
                },
                {"idempotency_key": "one"},
            ).id

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(pay, range(8)))
    with sdk(sandbox) as client:
        charges = client.v1.charges.list().data

    assert len(ids) == 1
    assert len(charges) == 1


def test_many_at_once_with_keys_of_their_own_all_count(client: stripe.StripeClient) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: pay_intent(client), range(24)))

    entries = client.v1.balance_transactions.list({"limit": 100}).data
    assert len({one.source for one in entries}) == 24
    assert client.v1.balance.retrieve().pending[0].amount == sum(one.net for one in entries)


def test_a_refusal_before_anything_began_is_not_kept(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.create(
            {"amount": 1, "currency": "usd"}, {"idempotency_key": "k1"}
        )
    made = client.v1.payment_intents.create(
        {"amount": 500, "currency": "usd"}, {"idempotency_key": "k1"}
    )

    assert made.amount == 500


def test_a_decline_is_kept(client: stripe.StripeClient) -> None:
    refusals = []
    for _ in range(2):
        with pytest.raises(stripe.CardError) as refusal:
            client.v1.payment_intents.create(
                {
                    "amount": 500,
                    "currency": "usd",
                    "payment_method": "pm_card_chargeDeclined",
                    "confirm": True,
                },
                {"idempotency_key": "k1"},
            )
        refusals.append(refused_intent(refusal.value).id)

    assert refusals[0] == refusals[1]
    assert len(client.v1.charges.list().data) == 1


def test_a_key_is_forgotten_after_a_day(browser: httpx.Client, sandbox: SandboxStripe) -> None:
    first = post(browser, sandbox, "k1", name="A")
    sandbox.advance(DAY - 60)
    same = post(browser, sandbox, "k1", name="A")
    sandbox.advance(61)
    other = post(browser, sandbox, "k1", name="B")

    assert first.json()["id"] == same.json()["id"] != other.json()["id"]


def test_a_key_that_is_too_long_is_refused(browser: httpx.Client, sandbox: SandboxStripe) -> None:
    assert post(browser, sandbox, "k" * 255).status_code == 200
    assert post(browser, sandbox, "k" * 256).status_code == 400


def test_a_lost_answer_is_found_again_under_its_key(
    sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    sandbox.switches.add(Fault(kind="drop-after", method="POST", count=1))

    intent = pay_intent(client)

    posts = sandbox.log.list_entries("POST")
    assert [one.status for one in posts] == [0, 200]
    assert len({one.key for one in posts}) == 1
    assert [one.id for one in client.v1.payment_intents.list()] == [intent.id]


def test_a_500_after_the_effect_hides_what_happened_until_it_is_asked_again(
    sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    sandbox.switches.add(Fault(kind="answer-after", method="POST", count=1))

    pay_intent(client)

    assert [one.status for one in sandbox.log.list_entries("POST")] == [500, 200]
    assert len(client.v1.charges.list().data) == 1


def test_a_500_that_is_kept_is_given_again(
    sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    sandbox.switches.add(Fault(kind="answer-after", method="POST", count=1, is_kept=True))

    with pytest.raises(stripe.APIError):
        pay_intent(client)

    assert [one.status for one in sandbox.log.list_entries("POST")] == [500, 500, 500]
    assert len(client.v1.charges.list().data) == 1
