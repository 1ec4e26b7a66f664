"""A server, Stripe's stand-in and its signed notices together: credited once, whatever happens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from hero_onboarding.payments import Cashier, get_top_up
from hero_onboarding.sandbox.stripe import SandboxStripe
from hero_onboarding.sandbox.stripe.switches import Fault
from hero_onboarding.scheduling import JobRunner, job_handlers
from hero_onboarding.wallet import get_wallet
from tests.api.routes import REFUND, TOP_UP
from tests.api.served import Api, problem, served
from tests.conftest import NewUrl
from tests.payments.stripe.peer import StripePeer
from tests.sandbox.stripe.bench import Notice

OPEN = "/v1/users/ada/top-ups"


@dataclass(frozen=True)
class Whole:
    """A server that takes payments through the stand-in, whose notices the test carries."""

    api: Api
    peer: StripePeer

    @property
    def sandbox(self) -> SandboxStripe:
        return self.peer.sandbox

    def open(self, **changes: object) -> tuple[str, str]:
        """Open a top-up; return its id and the session's."""
        found = self.api.post(OPEN, {**TOP_UP, **changes}).json()
        return found["top_up_id"], self.reference_of(found["top_up_id"])

    def reference_of(self, top_up_id: str) -> str:
        with self.api.services.database.reading() as tx:
            return str(get_top_up(tx, UUID(top_up_id)).reference)

    def payment_of(self, top_up_id: str) -> str:
        with self.api.services.database.reading() as tx:
            return str(get_top_up(tx, UUID(top_up_id)).payment_id)

    def carry(self, notices: Sequence[Notice]) -> list[httpx.Response]:
        """Bring notices to the server in an order of the test's own."""
        return [
            self.api.client.post(
                "/webhooks/stripe", content=one.body, headers={"Stripe-Signature": one.header}
            )
            for one in notices
        ]

    def run(self) -> None:
        assert self.api.post("/admin/run-jobs-now").json()["jobs_failed"] == 0

    def status(self, top_up_id: str) -> tuple[str, int]:
        shown = self.api.get(f"/v1/top-ups/{top_up_id}").json()
        return shown["status"], self.api.get("/v1/users/ada/wallet").json()["balance"]


@pytest.fixture
def whole(
    new_database_url: NewUrl, tmp_path: Path, peer: StripePeer, engine: str
) -> Iterator[Whole]:
    with served(
        new_database_url(engine),
        tmp_path / "data",
        STRIPE_SECRET_KEY=peer.sandbox.secret_key,
        STRIPE_WEBHOOK_SECRET="whsec_madeUpSecretForTests0001",
        STRIPE_API_BASE=peer.sandbox.url,
    ) as api:
        cashier: Cashier = replace(api.services.cashier, providers={"stripe": peer.provider})
        services = replace(api.services, cashier=cashier)
        runner = JobRunner(services.database, services.clock, job_handlers(services))
        services = replace(services, run_due=runner.run_due)
        api.app.state["services"] = services
        api.post("/v1/users", {"sid": "ada"})
        yield Whole(replace(api, services=services), peer)


def test_a_card_payment_is_credited_once_by_notices_in_any_order(whole: Whole) -> None:
    whole.sandbox.switches.change({"webhook_copies": 2, "has_event_twins": True})
    top_up_id, session = whole.open()
    assert whole.status(top_up_id) == ("open", 0)
    whole.peer.pay(session)
    notices = whole.peer.notices()
    assert len(notices) > 4

    for some in (notices[::-1], notices):
        assert {answer.status_code for answer in whole.carry(some)} == {200}
        whole.run()

    assert whole.status(top_up_id) == ("paid", 25_000_000)
    assert whole.api.get("/v1/books").json()["balanced"] is True
    assert whole.api.get("/v1/incidents").json()["items"] == []


FORGED: tuple[dict[str, object], ...] = (
    {"webhook_signature": "wrong"},
    {"webhook_signature": "stale"},
    {"webhook_signature": "decoy"},
    {"webhook_signature": "missing"},
    {"webhook_signature": "right", "webhook_body": "tampered"},
)


def test_what_is_signed_wrong_or_changed_is_refused_and_changes_nothing(whole: Whole) -> None:
    sessions = [whole.open(idempotency_key=str(number))[1] for number in range(len(FORGED))]
    whole.peer.notices()
    before = whole.api.contents()

    for change, session in zip(FORGED, sessions, strict=True):
        whole.sandbox.switches.change(change)
        whole.peer.pay(session)
        whole.peer.notices()

    answers = whole.carry(whole.peer.notices())
    assert len(answers) >= len(FORGED)
    assert {problem(answer) for answer in answers} == {(401, "payments.notice_forged")}
    assert whole.api.contents() == before


def test_a_notice_that_lies_about_the_amount_decides_nothing(whole: Whole) -> None:
    whole.sandbox.switches.change({"webhook_body": "wrong-amount"})
    top_up_id, session = whole.open()
    whole.peer.pay(session)

    whole.carry(whole.peer.notices())
    whole.run()

    assert whole.status(top_up_id) == ("paid", 25_000_000)


def test_another_amount_than_was_asked_for_is_credited_to_nobody(whole: Whole) -> None:
    top_up_id, session = whole.open()
    whole.peer.pay(session)
    whole.sandbox.switches.add(Fault(kind="wrong-amount", method="GET", count=1))
    whole.carry(whole.peer.notices())

    whole.run()

    assert whole.status(top_up_id) == ("pending", 0)
    [incident] = whole.api.get("/v1/incidents").json()["items"]
    assert incident["kind"] == "payment_mismatch"
    assert whole.api.get("/v1/books").json()["balanced"] is True


def test_without_any_notice_the_clock_finds_a_payment(whole: Whole) -> None:
    whole.sandbox.switches.change({"webhooks": "off"})
    top_up_id, session = whole.open()
    whole.peer.pay(session)

    whole.api.post("/sandbox/clock", {"advance_seconds": 60})
    whole.run()

    assert whole.status(top_up_id) == ("paid", 25_000_000)


def test_an_answer_lost_three_times_is_found_out_by_the_job(whole: Whole) -> None:
    whole.sandbox.switches.add(Fault(kind="drop-after", method="POST", count=1))
    whole.sandbox.switches.add(Fault(kind="drop", method="POST", count=2))
    assert problem(whole.api.post(OPEN, TOP_UP)) == (503, "payments.unavailable")

    whole.api.post("/sandbox/clock", {"advance_seconds": 60})
    whole.run()
    top_up_id, session = whole.open()
    whole.peer.pay(session)
    whole.carry(whole.peer.notices())
    whole.run()

    assert whole.status(top_up_id) == ("paid", 25_000_000)
    assert whole.sandbox.log.count("POST", "/v1/checkout/sessions") == 4


def test_a_session_that_nobody_paid_expires(whole: Whole) -> None:
    top_up_id, _ = whole.open()
    whole.sandbox.advance(24 * 3600)
    whole.api.post("/sandbox/clock", {"advance_seconds": 24 * 3600})

    whole.carry(whole.peer.notices())
    whole.run()

    assert whole.status(top_up_id) == ("expired", 0)


def test_a_refund_at_the_dashboard_is_told_to_a_person(whole: Whole) -> None:
    top_up_id, session = whole.open()
    whole.peer.pay(session)
    whole.carry(whole.peer.notices())
    whole.run()
    before = len(whole.peer.notices())
    [movement] = whole.api.get("/v1/users/ada/movements").json()["items"]
    whole.sandbox.act("refunds", payment_intent=movement["detail"]["payment"])

    whole.carry(whole.peer.notices()[before:])
    whole.run()

    assert whole.status(top_up_id) == ("refunded", 0)
    assert whole.api.get("/v1/users/ada/wallet").json()["debt"] == 0
    assert whole.api.get("/v1/books").json()["balanced"] is True
    [incident] = whole.api.get("/v1/incidents").json()["items"]
    assert incident["kind"] == "payment_taken_back"


def test_a_dispute_is_owed_while_the_bank_has_the_money(whole: Whole) -> None:
    top_up_id, session = whole.open()
    whole.peer.pay(session)
    whole.carry(whole.peer.notices())
    whole.run()
    payment_id = whole.payment_of(top_up_id)
    dispute = whole.peer.dispute(payment_id, is_inquiry=True)
    stages = (("", 0, 0), ("needs_response", 25_000_000, 0), ("won", 0, 25_000_000))

    for status, debt, available in stages:
        if status:
            whole.sandbox.act("disputes", dispute=dispute, status=status)
        whole.carry(whole.peer.notices()[::-1])
        whole.run()
        wallet = whole.api.get("/v1/users/ada/wallet").json()
        assert (wallet["debt"], wallet["available"]) == (0, available), status
        with whole.api.services.database.reading() as tx:
            assert get_wallet(tx, "ada").debt == debt, status
        assert whole.api.get("/v1/books").json()["balanced"] is True
    assert whole.status(top_up_id) == ("paid", 25_000_000)
    [incident] = whole.api.get("/v1/incidents").json()["items"]
    assert incident["kind"] == "payment_disputed"


def test_a_refund_that_takes_time_is_followed_to_its_end_and_back(whole: Whole) -> None:
    whole.sandbox.switches.change({"refunds": "pending"})
    top_up_id, session = whole.open()
    whole.peer.pay(session)
    whole.carry(whole.peer.notices())
    whole.run()
    answer = whole.api.post(f"/v1/top-ups/{top_up_id}/refunds", REFUND)
    assert (answer.status_code, answer.json()["status"]) == (201, "pending")
    assert whole.status(top_up_id) == ("paid", 15_000_000)
    [refund] = whole.peer.provider.fetch_refunds(whole.payment_of(top_up_id))

    for state, balance in (("succeeded", 15_000_000), ("failed", 25_000_000)):
        before = len(whole.peer.notices())
        whole.sandbox.act("refunds", refund=refund.reference, status=state)
        whole.carry(whole.peer.notices()[before:])
        whole.run()
        shown = whole.api.get(f"/v1/top-ups/{top_up_id}").json()["refunds"]
        assert [one["status"] for one in shown] == [state]
        assert whole.status(top_up_id) == ("paid", balance)
        assert whole.api.get("/v1/books").json()["balanced"] is True
    assert whole.api.get("/v1/incidents").json()["items"] == []


def test_a_refund_whose_answers_were_lost_is_made_once_by_the_job(whole: Whole) -> None:
    top_up_id, session = whole.open()
    whole.peer.pay(session)
    whole.carry(whole.peer.notices())
    whole.run()
    whole.sandbox.switches.add(Fault(kind="drop-after", method="POST", count=1))
    whole.sandbox.switches.add(Fault(kind="drop", method="POST", count=2))
    path = f"/v1/top-ups/{top_up_id}/refunds"
    assert problem(whole.api.post(path, REFUND)) == (503, "payments.unavailable")
    assert whole.status(top_up_id) == ("paid", 15_000_000)

    whole.api.post("/sandbox/clock", {"advance_seconds": 60})
    whole.run()

    [refund] = whole.peer.provider.fetch_refunds(whole.payment_of(top_up_id))
    assert whole.api.get(f"/v1/top-ups/{top_up_id}").json()["refunds"][0]["status"] == "succeeded"
    assert refund.amount == 1_000
    assert whole.status(top_up_id) == ("paid", 15_000_000)
    assert whole.api.get("/v1/books").json()["balanced"] is True
