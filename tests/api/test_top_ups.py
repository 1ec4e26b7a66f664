"""Top-ups and notices over HTTP: what is refused changes nothing."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from hero_onboarding.api_keys import Scope
from hero_onboarding.payments import BODY_BYTES_MAX
from hero_onboarding.payments.ports import PaymentState
from hero_onboarding.payments.providers import stripe
from hero_onboarding.payments.reconciling import MovementKind
from tests.api.conftest import NewApi
from tests.api.keyed import bearer, make_key
from tests.api.routes import HOLD, RECONCILIATION, REFUND, TOP_UP
from tests.api.served import Api, problem, with_provider
from tests.fakes.account import AccountedProvider
from tests.fakes.clock import FakeClock
from tests.fakes.provider import FakeProvider, a_delivery, signature_of

OPEN = "/v1/users/ada/top-ups"
FAR = "9999-12-31T23:59:59Z"


@pytest.fixture
def till(api: Api) -> tuple[Api, AccountedProvider]:
    """Ada is known, and a provider works."""
    api.post("/v1/users", {"sid": "ada"})
    return with_provider(api)


def send_notice(api: Api, *references: str, event: str = "evt_1") -> httpx.Response:
    delivery = a_delivery(event, list(references), FakeClock().now())
    return send_raw(api, delivery.body, **delivery.headers)


def send_raw(api: Api, body: bytes, **headers: str) -> httpx.Response:
    return api.client.post("/webhooks/stripe", content=body, headers=headers)


def test_a_top_up_goes_from_the_wish_to_the_wallet(till: tuple[Api, AccountedProvider]) -> None:
    api, provider = till

    opened = api.post(OPEN, TOP_UP)
    assert opened.status_code == 201
    found = opened.json()
    assert found == {
        "top_up_id": found["top_up_id"],
        "user_sid": "ada",
        "status": "open",
        "credited": 0,
        "provider": "stripe",
        "method": "checkout",
        "amount": 2_500,
        "currency": "USD",
        "redirect_url": "https://pay.invalid/cs_1",
    }
    again = api.post(OPEN, TOP_UP)
    assert (again.status_code, again.json()) == (200, found)

    provider.pay("cs_1")
    assert send_notice(api, "cs_1").json() == {"received": True}
    assert send_notice(api, "cs_1").status_code == 200
    assert api.post("/admin/run-jobs-now").json() == {"jobs_run": 1, "jobs_failed": 0}

    shown = api.get(f"/v1/top-ups/{found['top_up_id']}").json()
    assert (shown["status"], shown["credited"]) == ("paid", 25_000_000)
    assert "redirect_url" not in shown
    assert api.get("/v1/users/ada/wallet").json()["balance"] == 25_000_000
    assert api.get("/v1/books").json()["balanced"] is True
    [movement] = api.get("/v1/users/ada/movements").json()["items"]
    assert movement["kind"] == "top_up"


def test_a_top_up_in_shillings_says_what_it_is_worth_and_by_which_rate(
    till: tuple[Api, AccountedProvider],
) -> None:
    api, provider = till
    rate = {"currency": "TZS", "rate": "2500"}
    first = api.post("/v1/exchange-rates", rate).json()
    shillings = {**TOP_UP, "currency": "TZS", "amount": 2_500_000}

    opened = api.post(OPEN, shillings).json()

    path, exchange = f"/v1/top-ups/{opened['top_up_id']}", opened["exchange"]
    names = ("source", "rate", "applied")
    assert [exchange[name] for name in names] == [first[name] for name in names]
    assert (exchange["worth"], exchange["applied"]) == (9_803_921, "2550")
    assert exchange["rated_at"] == first["published_at"] < exchange["expires_at"]
    assert api.post(OPEN, shillings).json()["exchange"] == exchange
    assert api.get(path).json()["exchange"] == exchange

    # Paid after the quote is over: worth and rate are those by which it was credited.
    api.post("/sandbox/clock", {"advance_seconds": 3600})
    second = api.post("/v1/exchange-rates", {**rate, "rate": "3000.5"}).json()
    provider.pay("cs_1")
    send_notice(api, "cs_1")
    api.post("/admin/run-jobs-now")
    paid = api.get(path).json()
    assert paid["credited"] == paid["exchange"]["worth"] == 8_168_573
    assert [paid["exchange"][name] for name in names] == [second[name] for name in names]
    assert paid["exchange"]["rated_at"] == second["published_at"]
    assert paid["exchange"]["expires_at"] == exchange["expires_at"]


def test_a_top_up_that_failed_says_why_in_a_word(till: tuple[Api, AccountedProvider]) -> None:
    api, provider = till
    opened = api.post(OPEN, TOP_UP).json()
    provider.become("cs_1", PaymentState.FAILED, "card_declined")
    send_notice(api, "cs_1")
    api.post("/admin/run-jobs-now")

    shown = api.get(f"/v1/top-ups/{opened['top_up_id']}").json()

    assert (shown["status"], shown["failure"]) == ("failed", "card_declined")
    assert "failure" not in opened


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"amount": 600}, (409, "payments.key_reused")),
        ({"amount": 499, "idempotency_key": "n"}, (422, "payments.wrong_top_up")),
        ({"amount": 25.0, "idempotency_key": "n"}, (422, "request.malformed")),
        ({"amount": "2500", "idempotency_key": "n"}, (422, "request.malformed")),
        ({"amount": True, "idempotency_key": "n"}, (422, "request.malformed")),
        ({"amount": 2**70, "idempotency_key": "n"}, (422, "payments.wrong_top_up")),
        ({"currency": "TZS", "idempotency_key": "n"}, (422, "payments.wrong_top_up")),
        ({"provider": "clickpesa", "idempotency_key": "n"}, (404, "payments.off")),
        ({"provider": "nobody", "idempotency_key": "n"}, (422, "payments.wrong_top_up")),
        ({"method": "link", "idempotency_key": "n"}, (422, "payments.wrong_top_up")),
        ({"phone": "255700000000", "idempotency_key": "n"}, (422, "payments.wrong_top_up")),
        ({"idempotency_key": "\0"}, (422, "payments.wrong_top_up")),
        ({"other": 1}, (422, "request.malformed")),
    ],
)
def test_a_refused_top_up_changes_nothing(
    till: tuple[Api, AccountedProvider], changes: dict[str, Any], answer: tuple[int, str]
) -> None:
    api, provider = till
    api.post(OPEN, TOP_UP)
    before, calls = api.contents(), list(provider.calls)

    assert problem(api.post(OPEN, {**TOP_UP, **changes})) == answer

    assert api.contents() == before
    assert provider.calls == calls


def test_without_a_provider_nothing_is_taken(api: Api) -> None:
    api.post("/v1/users", {"sid": "ada"})
    before = api.contents()

    assert problem(api.post(OPEN, TOP_UP)) == (404, "payments.off")
    assert problem(send_notice(api, "cs_1")) == (404, "payments.off")
    assert api.contents() == before


def test_a_provider_that_does_not_answer_is_told_and_the_same_request_may_come_again(
    till: tuple[Api, AccountedProvider],
) -> None:
    api, provider = till
    provider.loses_answers = True
    assert problem(api.post(OPEN, TOP_UP)) == (503, "payments.unavailable")
    provider.loses_answers = False

    answer = api.post(OPEN, TOP_UP)

    assert (answer.status_code, answer.json()["redirect_url"]) == (200, "https://pay.invalid/cs_1")
    assert len(provider.orders) == 1


def refused_notices() -> Iterator[tuple[bytes, dict[str, str], tuple[int, str]]]:
    good = a_delivery("evt_1", ["cs_1"], FakeClock().now())
    forged = (401, "payments.notice_forged")
    malformed = (400, "payments.notice_malformed")
    yield good.body, {}, forged
    yield good.body, {"signature": "0" * 64}, forged
    yield good.body + b" ", dict(good.headers), forged
    yield b"", {}, forged
    for body in (b"", b"[]", b"\xff", b"{}", b"[" * 10_000):
        yield body, {"signature": signature_of(body)}, malformed
    large = json.dumps({"id": "x" * BODY_BYTES_MAX}).encode()
    yield large, {"signature": signature_of(large)}, (413, "request.too_large")


def test_a_refused_notice_changes_nothing(till: tuple[Api, AccountedProvider]) -> None:
    api, _ = till
    api.post(OPEN, TOP_UP)
    before = api.contents()

    for body, headers, answer in refused_notices():
        assert problem(send_raw(api, body, **headers)) == answer, body[:20]

    assert api.contents() == before
    assert problem(api.client.get("/webhooks/stripe")) == (405, "request.method")


def test_a_key_for_one_user_sees_their_own_top_ups_alone(
    till: tuple[Api, AccountedProvider],
) -> None:
    api, _ = till
    api.post("/v1/users", {"sid": "bob"})
    path = f"/v1/top-ups/{api.post(OPEN, TOP_UP).json()['top_up_id']}"
    ada, bob = (make_key(api, Scope.ACCOUNT_READ, user_sid=sid) for sid in ("ada", "bob"))

    assert api.client.get(path, headers=bearer(ada)).status_code == 200
    assert problem(api.client.get(path, headers=bearer(bob))) == (404, "payments.not_found")
    assert problem(api.client.get(f"{path[:-4]}0000", headers=bearer(ada)))[0] == 404


def test_notices_are_replayed_since_an_instant(till: tuple[Api, AccountedProvider]) -> None:
    api, provider = till
    api.post(OPEN, TOP_UP)
    send_notice(api, "cs_1")
    send_notice(api, "cs_unknown", event="evt_2")
    provider.pay("cs_1")

    assert api.post("/v1/notices/replay", {}).json() == {"notices": 2, "unmatched": 1}
    later = {"since": api.services.clock.now().isoformat()}
    assert api.post("/v1/notices/replay", later).json() == {"notices": 0, "unmatched": 0}
    assert problem(api.post("/v1/notices/replay", {"since": "2026-01-01T00:00:00"}))[0] == 422
    api.post("/admin/run-jobs-now")
    assert api.get("/v1/users/ada/wallet").json()["balance"] == 25_000_000


def test_stripe_is_there_when_its_key_is_set_and_its_webhook_with_a_secret(
    new_api: NewApi,
) -> None:
    key = {"STRIPE_SECRET_KEY": "sk_test_madeUp", "STRIPE_API_BASE": "http://127.0.0.1:1"}
    alone, whole = new_api(**key), new_api(**key, STRIPE_WEBHOOK_SECRET="whsec_madeUp123")

    assert problem(send_raw(alone, b"{}")) == (404, "payments.off")
    assert problem(send_raw(whole, b"{}")) == (401, "payments.notice_forged")
    assert isinstance(whole.services.cashier.providers["stripe"], stripe.StripeProvider)


@pytest.fixture
def paid(till: tuple[Api, AccountedProvider]) -> tuple[Api, FakeProvider, str]:
    """A top-up of 25 dollars that was paid, and the route of its refunds."""
    api, provider = till
    top_up_id = api.post(OPEN, TOP_UP).json()["top_up_id"]
    provider.pay("cs_1")
    send_notice(api, "cs_1")
    api.post("/admin/run-jobs-now")
    return api, provider, f"/v1/top-ups/{top_up_id}"


def test_a_payment_is_given_back_in_parts(paid: tuple[Api, FakeProvider, str]) -> None:
    api, _, path = paid

    first = api.post(f"{path}/refunds", REFUND)
    assert first.status_code == 201
    found = first.json()
    assert found == {
        "refund_id": found["refund_id"],
        "top_up_id": path.rpartition("/")[2],
        "status": "succeeded",
        "amount": 1_000,
        "currency": "USD",
    }
    again = api.post(f"{path}/refunds", REFUND)
    assert (again.status_code, again.json()) == (200, found)
    shown = api.get(path).json()
    assert (shown["status"], shown["refunds"]) == ("paid", [found])
    assert api.get("/v1/users/ada/wallet").json()["balance"] == 15_000_000

    assert api.post(f"{path}/refunds", {"amount": 1_500, "idempotency_key": "s"}).status_code == 201
    assert api.get(path).json()["status"] == "refunded"
    assert api.get("/v1/books").json()["balanced"] is True
    movements = api.get("/v1/users/ada/movements").json()["items"]
    assert [one["kind"] for one in movements] == ["refund", "refund", "top_up"]


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"amount": 999}, (409, "payments.refund_key_reused")),
        ({"amount": 2_000, "idempotency_key": "n"}, (409, "payments.refund_too_large")),
        ({"amount": 2**70, "idempotency_key": "n"}, (409, "payments.refund_too_large")),
        ({"amount": 1_001, "idempotency_key": "n"}, (409, "wallet.balance_too_low")),
        ({"amount": 0, "idempotency_key": "n"}, (422, "payments.wrong_refund")),
        ({"amount": -5, "idempotency_key": "n"}, (422, "payments.wrong_refund")),
        ({"idempotency_key": "\0"}, (422, "payments.wrong_refund")),
        ({"idempotency_key": ""}, (422, "payments.wrong_refund")),
        ({"amount": 5.0, "idempotency_key": "n"}, (422, "request.malformed")),
        ({"amount": "5", "idempotency_key": "n"}, (422, "request.malformed")),
        ({"amount": True, "idempotency_key": "n"}, (422, "request.malformed")),
        ({"amount": None}, (422, "request.malformed")),
        ({"currency": "USD"}, (422, "request.malformed")),
    ],
)
def test_a_refused_refund_changes_nothing(
    paid: tuple[Api, FakeProvider, str], changes: dict[str, Any], answer: tuple[int, str]
) -> None:
    api, provider, path = paid
    api.post(f"{path}/refunds", REFUND)
    hold = {**HOLD, "amount": 5_000_000}
    assert api.post("/v1/users/ada/holds", hold).status_code == 201
    before, calls = api.contents(), list(provider.calls)

    assert problem(api.post(f"{path}/refunds", {**REFUND, **changes})) == answer

    assert api.contents() == before
    assert provider.calls == calls


def test_what_is_not_paid_or_not_there_is_not_given_back(
    till: tuple[Api, AccountedProvider],
) -> None:
    api, _ = till
    path = f"/v1/top-ups/{api.post(OPEN, TOP_UP).json()['top_up_id']}"
    before = api.contents()

    refused = problem(api.post(f"{path}/refunds", REFUND))
    assert refused == (409, "payments.not_refundable")
    assert problem(api.post(f"{path[:-4]}0000/refunds", REFUND)) == (404, "payments.not_found")
    assert api.contents() == before


def test_a_refund_without_an_answer_may_be_sent_again(paid: tuple[Api, FakeProvider, str]) -> None:
    api, provider, path = paid
    provider.loses_answers = True
    assert problem(api.post(f"{path}/refunds", REFUND)) == (503, "payments.unavailable")
    provider.loses_answers = False

    again = api.post(f"{path}/refunds", REFUND)

    assert (again.status_code, again.json()["status"]) == (200, "succeeded")
    assert len(provider.refunds) == 1


def test_the_books_are_reconciled_and_what_differs_is_listed(
    till: tuple[Api, AccountedProvider],
) -> None:
    api, provider = till
    path, asked = "/admin/reconcile-now", RECONCILIATION
    api.post(OPEN, TOP_UP)
    provider.pay("cs_1")
    provider.take(MovementKind.OTHER, -33, api.services.clock.now())

    found, again = api.post(path, asked).json(), api.post(path, {"since": asked["since"]}).json()

    assert (found["matched"], found["repaired"], found["unexplained"]) == (0, 1, 1)
    assert (again["matched"], again["repaired"], again["unexplained"]) == (1, 0, 1)
    [item] = found["items"]
    assert (item["why"], item["amount"]) == ("unknown_line", -33)
    [balance] = found["balances"]
    assert (balance["held"], balance["difference"]) == (2_500 - 103 - 33, 0)
    assert api.get("/v1/books").json()["balanced"] is True
    assert problem(api.post(path, {**asked, "provider": "bank"})) == (404, "payments.off")
    assert problem(api.post(path, {"since": "2020-01-01T00:00:00"})) == (422, "request.malformed")


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00Z", "1900-01-01T00:00:00Z", FAR])
def test_what_begins_too_long_ago_or_in_the_future_is_not_looked_at(
    since: str, sqlite_api: Api
) -> None:
    with_provider(sqlite_api)
    for path in ("/admin/reconcile-now", "/v1/notices/replay"):
        answer = sqlite_api.post(path, {"since": since})
        assert problem(answer) == (422, "payments.wrong_interval")


def test_an_interval_ends_after_it_begins_and_at_most_now(sqlite_api: Api) -> None:
    with_provider(sqlite_api)
    path, ends_first = "/admin/reconcile-now", {**RECONCILIATION, "until": "2020-01-01T00:00:00Z"}

    assert problem(sqlite_api.post(path, ends_first)) == (422, "payments.wrong_interval")
    assert sqlite_api.post(path, {**RECONCILIATION, "until": FAR}).json()["unexplained"] == 0


def test_a_dispute_is_shown_with_its_top_up(
    paid: tuple[Api, AccountedProvider, str],
) -> None:
    api, provider, path = paid
    reference = provider.dispute("pi_1", -2_500)
    send_notice(api, "cs_1", event="evt_2")
    api.post("/admin/run-jobs-now")

    shown = api.get(path).json()

    dispute = {"reference": reference, "status": "open", "amount": 2_500, "withdrawn": 2_500}
    assert (shown["status"], shown["disputes"]) == ("disputed", [{**dispute, "currency": "USD"}])
    wallet = api.get("/v1/users/ada/wallet").json()
    assert (wallet["balance"], wallet["available"]) == (0, 0)
