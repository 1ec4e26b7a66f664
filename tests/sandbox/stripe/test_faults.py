"""What goes wrong on the way, as the official client sees it."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe

from hero_onboarding.sandbox.stripe import Fault, SandboxStripe, Settings
from tests.sandbox.stripe.bench import pay_intent, sdk, session_body

SECONDS = 5


def test_too_many_calls_are_answered_429(
    sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    sandbox.switches.add(Fault(kind="answer", status=429, count=1, retry_after_seconds=7))

    with pytest.raises(stripe.RateLimitError) as refusal:
        client.v1.balance.retrieve()

    assert refusal.value.http_status == 429
    assert (refusal.value.headers or {})["retry-after"] == "7"
    assert client.v1.balance.retrieve().object == "balance"


def test_a_500_before_the_effect_is_tried_again_and_happens_once(
    sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    sandbox.switches.add(Fault(kind="answer", status=503, method="POST", count=2))

    pay_intent(client)

    assert [one.status for one in sandbox.log.list_entries("POST")] == [503, 503, 200]
    assert len(client.v1.charges.list().data) == 1


def test_a_server_can_forbid_another_try(
    sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    sandbox.switches.add(Fault(kind="answer", count=1, should_retry=False))

    with pytest.raises(stripe.APIError):
        client.v1.balance.retrieve()

    assert sandbox.log.count() == 1


def test_a_client_without_retries_sees_a_cut_connection(sandbox: SandboxStripe) -> None:
    sandbox.switches.add(Fault(kind="drop", count=1))

    with sdk(sandbox, retries=0) as client, pytest.raises(stripe.APIConnectionError):
        pay_intent(client)

    with sdk(sandbox) as client:
        assert client.v1.payment_intents.list().data == []


def test_a_time_out_after_the_effect_leaves_the_payment_made(sandbox: SandboxStripe) -> None:
    fault = Fault(kind="delay-after", method="POST", seconds=0.6, count=1)
    sandbox.switches.add(fault)

    with sdk(sandbox, seconds=0.2, retries=0) as client, pytest.raises(stripe.APIConnectionError):
        pay_intent(client)

    with sdk(sandbox) as client:
        assert [one.status for one in client.v1.payment_intents.list()] == ["succeeded"]


def test_a_long_delay_ends_when_the_stand_in_stops() -> None:
    sandbox = SandboxStripe(settings=Settings(delay_seconds=100))
    with ThreadPoolExecutor(1) as pool, sandbox, sdk(sandbox, retries=0) as client:
        asking = pool.submit(client.v1.balance.retrieve)
        begun = time.monotonic()
        sandbox.stop()
        asking.exception(SECONDS)

    assert time.monotonic() - begun < SECONDS


def test_an_answer_can_show_a_wrong_amount(
    sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    session = client.v1.checkout.sessions.create(session_body())
    sandbox.switches.add(Fault(kind="wrong-amount", path_prefix="/v1/checkout/sessions/", count=1))

    wrong = client.v1.checkout.sessions.retrieve(session.id)
    right = client.v1.checkout.sessions.retrieve(session.id)

    assert (wrong.amount_total, right.amount_total) == (2600, 2500)


@pytest.mark.parametrize("outage", ["closed", "unavailable"])
def test_an_outage_ends_when_somebody_ends_it(
    sandbox: SandboxStripe, client: stripe.StripeClient, outage: str
) -> None:
    sandbox.switches.change({"outage": outage})
    with pytest.raises((stripe.APIConnectionError, stripe.APIError)):
        client.v1.customers.create({})
    sandbox.switches.reset()

    assert client.v1.customers.list().data == []


def test_objects_can_say_that_they_are_live(
    sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    sandbox.switches.change({"is_livemode": True})

    assert client.v1.checkout.sessions.create(session_body()).livemode
    assert client.v1.events.list().data == []


def test_a_fault_is_for_its_path_and_its_number(
    sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    sandbox.switches.add(Fault(kind="answer", status=404, path_prefix="/v1/balance", count=1))

    client.v1.customers.list()
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.balance.retrieve()
    client.v1.balance.retrieve()

    assert sandbox.switches.faults == []
