"""Events, endpoints and what they are told, right and wrong."""

import json

import httpx
import pytest
import stripe

from hero_onboarding.sandbox.stripe import SandboxStripe
from hero_onboarding.sandbox.stripe.postman import RETRY_SECONDS
from tests.sandbox.stripe.bench import SECRET, Receiver, Submit, pay_intent, receive, session_body

SECONDS = 5
PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


def test_an_endpoint_is_told_of_what_happened_in_order(
    sandbox: SandboxStripe, client: stripe.StripeClient, receiver: Receiver, submit: Submit
) -> None:
    opened = client.v1.checkout.sessions.create(session_body())
    submit(opened.url)
    assert sandbox.postman.wait_until_idle(SECONDS)

    events = receiver.events()

    assert receiver.types() == [*PAID, "checkout.session.completed"]
    last = events[-1]
    assert last.data.object["id"] == opened.id
    assert last.api_version == "2026-10-28.endive"
    assert (last.livemode, last.object, last.pending_webhooks) == (False, "event", 1)
    assert client.v1.events.retrieve(last.id).pending_webhooks == 0


def test_an_event_names_the_call_that_caused_it(
    sandbox: SandboxStripe, client: stripe.StripeClient, receiver: Receiver
) -> None:
    client.v1.customers.create({"email": "a@example.com"}, {"idempotency_key": "k1"})
    sandbox.postman.wait_until_idle(SECONDS)

    body = json.loads(receiver.notices[0].body)

    assert body["request"]["idempotency_key"] == "k1"
    assert body["request"]["id"].startswith("req_")
    assert {"id", "object", "created", "api_version", "type", "livemode", "data"} <= set(body)


def test_the_page_sends_people_back_after_its_notice_was_taken(
    sandbox: SandboxStripe, client: stripe.StripeClient, receiver: Receiver, submit: Submit
) -> None:
    opened = client.v1.checkout.sessions.create(session_body())

    submit(opened.url)

    assert "checkout.session.completed" in receiver.types()
    assert not sandbox.switches.faults


def test_a_refused_notice_is_tried_three_times_and_signed_anew(
    sandbox: SandboxStripe, client: stripe.StripeClient, receiver: Receiver
) -> None:
    receiver.statuses = [500, 302, 500]
    client.v1.customers.create({})
    sandbox.postman.wait_until_idle(SECONDS)
    first = len(receiver.notices)
    for seconds in RETRY_SECONDS:
        sandbox.advance(seconds + 1)
        sandbox.postman.wait_until_idle(SECONDS)
    event = client.v1.events.list().data[0]

    assert first == 1
    assert [one.state for one in sandbox.postman.list_deliveries()] == ["failed"] * 3
    assert len({one.header for one in receiver.notices}) == 3
    assert len({one.body for one in receiver.notices}) == 1
    assert event.pending_webhooks == 1
    assert [one.id for one in client.v1.events.list({"delivery_success": False})] == [event.id]
    assert client.v1.events.list({"delivery_success": True}).data == []


def test_a_retry_comes_at_once_when_somebody_hurries(
    sandbox: SandboxStripe, client: stripe.StripeClient, receiver: Receiver, browser: httpx.Client
) -> None:
    receiver.statuses = [503]
    client.v1.customers.create({})
    sandbox.postman.wait_until_idle(SECONDS)

    answer = browser.post(f"{sandbox.url}/sandbox/stripe/deliveries", json={"hurry": True})
    sandbox.postman.wait_until_idle(SECONDS)

    assert answer.json() == {"count": 1}
    assert len(receiver.notices) == 2
    assert client.v1.events.list({"delivery_success": False}).data == []


def test_an_event_is_told_again_by_hand(
    sandbox: SandboxStripe, client: stripe.StripeClient, receiver: Receiver, browser: httpx.Client
) -> None:
    client.v1.customers.create({})
    sandbox.postman.wait_until_idle(SECONDS)
    event = receiver.events()[0].id

    browser.post(f"{sandbox.url}/sandbox/stripe/deliveries", json={"event": event})
    sandbox.postman.wait_until_idle(SECONDS)
    unknown = browser.post(f"{sandbox.url}/sandbox/stripe/deliveries", json={"event": "evt_x"})

    assert [one.id for one in receiver.events()] == [event, event]
    assert unknown.status_code == 404


def test_while_a_secret_is_rotated_both_hold(
    sandbox: SandboxStripe, client: stripe.StripeClient, receiver: Receiver, browser: httpx.Client
) -> None:
    endpoint = client.v1.webhook_endpoints.list().data[0].id
    order = {"endpoint": endpoint, "old_ends_in_seconds": 60, "secret": "whsec_new"}
    browser.post(f"{sandbox.url}/sandbox/stripe/endpoints", json=order)

    client.v1.customers.create({})
    sandbox.postman.wait_until_idle(SECONDS)
    both = receiver.notices.pop().header
    sandbox.advance(61)
    client.v1.customers.create({})
    sandbox.postman.wait_until_idle(SECONDS)
    one = receiver.notices[0].header

    assert (both.count("v1="), one.count("v1=")) == (2, 1)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("webhook_signature", "wrong"),
        ("webhook_signature", "decoy"),
        ("webhook_signature", "missing"),
        ("webhook_body", "tampered"),
    ],
)
def test_a_forged_notice_fails_the_official_check(
    sandbox: SandboxStripe,
    client: stripe.StripeClient,
    receiver: Receiver,
    setting: str,
    value: str,
) -> None:
    sandbox.switches.change({setting: value})
    client.v1.customers.create({})
    sandbox.postman.wait_until_idle(SECONDS)

    with pytest.raises(stripe.SignatureVerificationError):
        receiver.events()


def test_a_stale_notice_is_an_hour_old(
    sandbox: SandboxStripe, client: stripe.StripeClient, receiver: Receiver
) -> None:
    sandbox.switches.change({"webhook_signature": "stale"})
    client.v1.customers.create({})
    sandbox.postman.wait_until_idle(SECONDS)

    moment = int(receiver.notices[0].header.removeprefix("t=").partition(",")[0])

    assert 3590 < sandbox.now() - moment < 3610


def test_a_notice_can_lie_about_the_amount_under_a_right_signature(
    sandbox: SandboxStripe, client: stripe.StripeClient, receiver: Receiver
) -> None:
    sandbox.switches.change({"webhook_body": "wrong-amount"})
    intent = pay_intent(client)
    sandbox.postman.wait_until_idle(SECONDS)

    told = receiver.events()[-1]

    assert told.data.object["amount_received"] == 2600
    assert client.v1.payment_intents.retrieve(intent.id).amount_received == 2500
    assert client.v1.events.retrieve(told.id).data.object["amount_received"] == 2500


def test_notices_are_doubled_and_reordered(
    sandbox: SandboxStripe, client: stripe.StripeClient, receiver: Receiver
) -> None:
    sandbox.switches.change({"webhook_copies": 2, "webhook_order": "reversed"})
    pay_intent(client)
    sandbox.postman.wait_until_idle(SECONDS)

    assert receiver.types() == [one for one in PAID[::-1] for _ in range(2)]
    assert len({event.id for event in receiver.events()}) == 3


def test_two_events_can_tell_of_one_change(
    sandbox: SandboxStripe, client: stripe.StripeClient, receiver: Receiver
) -> None:
    sandbox.switches.change({"has_event_twins": True})
    client.v1.customers.create({})
    sandbox.postman.wait_until_idle(SECONDS)

    events = receiver.events()

    assert [event.type for event in events] == ["customer.created"] * 2
    assert len({event.id for event in events}) == 2
    assert len({event.data.object["id"] for event in events}) == 1


def test_lost_notices_are_found_in_the_list_of_events(
    sandbox: SandboxStripe, client: stripe.StripeClient, receiver: Receiver
) -> None:
    sandbox.switches.change({"webhooks": "off"})
    pay_intent(client)
    sandbox.postman.wait_until_idle(SECONDS)

    found = client.v1.events.list(
        {"delivery_success": False, "types": ["payment_intent.succeeded", "charge.succeeded"]}
    )

    assert receiver.notices == []
    assert [event.type for event in found] == PAID[:0:-1]


def test_held_notices_are_released_in_the_order_that_is_asked_for(
    sandbox: SandboxStripe, client: stripe.StripeClient, receiver: Receiver, browser: httpx.Client
) -> None:
    sandbox.switches.change({"webhooks": "held"})
    pay_intent(client)
    sandbox.postman.wait_until_idle(SECONDS)
    before = len(receiver.notices)

    browser.post(f"{sandbox.url}/sandbox/stripe/deliveries", json={"release": "reversed"})
    sandbox.postman.wait_until_idle(SECONDS)

    assert before == 0
    assert receiver.types() == PAID[::-1]


def test_late_notices_come_by_the_settable_clock(
    sandbox: SandboxStripe, client: stripe.StripeClient, receiver: Receiver
) -> None:
    sandbox.switches.change({"webhook_delay_seconds": 3600})
    client.v1.customers.create({})
    assert sandbox.postman.wait_until_idle(SECONDS)
    before = len(receiver.notices)

    sandbox.advance(3601)
    sandbox.postman.wait_until_idle(SECONDS)

    assert (before, len(receiver.notices)) == (0, 1)


def test_an_endpoint_is_made_changed_and_removed_by_call(
    sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    with receive() as other:
        made = client.v1.webhook_endpoints.create(
            {
                "url": other.url,
                "enabled_events": ["customer.created"],
                "api_version": "2026-10-28.endive",
            }
        )
        pay_intent(client)
        client.v1.customers.create({})
        client.v1.webhook_endpoints.update(made.id, {"disabled": True})
        client.v1.customers.create({})
        sandbox.postman.wait_until_idle(SECONDS)
        types = [one.type for one in other.events(str(made.secret))]
    client.v1.webhook_endpoints.delete(made.id)

    assert types == ["customer.created"]
    assert client.v1.webhook_endpoints.list().data == []


@pytest.mark.parametrize("url", ["http://example.org/x", "ftp://127.0.0.1/x", "http://[", "x"])
def test_notices_never_leave_this_machine(client: stripe.StripeClient, url: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.webhook_endpoints.create({"url": url, "enabled_events": ["*"]})

    assert refusal.value.code == "url_invalid"


def test_events_are_paged_filtered_and_forgotten_after_thirty_days(
    sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    begun = sandbox.now()
    for _ in range(7):
        client.v1.customers.create({})
    sandbox.advance(60)
    client.v1.customers.create({})

    every = [event.id for event in client.v1.events.list({"limit": 3}).auto_paging_iter()]
    recent = client.v1.events.list({"created": {"gte": begun + 50}})
    back = client.v1.events.list({"ending_before": every[-1], "limit": 2})
    sandbox.advance(30 * 24 * 3600 - 30)

    assert len(set(every)) == 8
    assert len(recent.data) == 1
    assert [one.id for one in back] == every[-3:-1]
    assert len(client.v1.events.list().data) == 1
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.events.retrieve(every[-1])


def test_a_secret_is_shown_once_and_only_by_the_call_that_made_it(
    client: stripe.StripeClient, receiver: Receiver
) -> None:
    made = client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})

    assert str(made.secret).startswith("whsec_")
    assert "secret" not in client.v1.webhook_endpoints.retrieve(made.id).to_dict()
    assert made.secret != SECRET
