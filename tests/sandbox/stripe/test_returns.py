"""Refunds, disputes, balance transactions and payouts by the official client."""

import pytest
import stripe

from hero_onboarding.sandbox.stripe import SandboxStripe
from tests.sandbox.stripe.bench import pay_intent

DAYS = 24 * 3600


def refund(client: stripe.StripeClient, intent: stripe.PaymentIntent, amount: int) -> stripe.Refund:
    return client.v1.refunds.create({"payment_intent": intent.id, "amount": amount})


def entries(client: stripe.StripeClient, source: str) -> list[tuple[str, int, int]]:
    found = client.v1.balance_transactions.list({"source": source})
    return [(one.reporting_category, one.amount, one.fee) for one in found]


def test_a_charge_is_refunded_in_parts_and_no_further(client: stripe.StripeClient) -> None:
    intent = pay_intent(client)

    first = refund(client, intent, 1000)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        refund(client, intent, 1501)
    second = client.v1.refunds.create(
        {"charge": str(intent.latest_charge), "reason": "requested_by_customer"}
    )
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        refund(client, intent, 1)

    charge = client.v1.charges.retrieve(str(intent.latest_charge))
    assert [first.status, second.status] == ["succeeded", "succeeded"]
    assert (first.amount, second.amount) == (1000, 1500)
    assert refusal.value.code == "charge_already_refunded"
    assert (charge.amount_refunded, charge.refunded) == (2500, True)
    assert entries(client, first.id) == [("refund", -1000, 0)]
    assert [one.id for one in client.v1.refunds.list({"payment_intent": intent.id})] == [
        second.id,
        first.id,
    ]


def test_a_refund_can_be_pending_and_then_end(
    sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    sandbox.switches.change({"refunds": "pending"})
    intent = pay_intent(client)

    good, bad = refund(client, intent, 1000), refund(client, intent, 500)
    sandbox.act("refunds", refund=good.id, status="succeeded")
    sandbox.act("refunds", refund=bad.id, status="failed")

    assert [good.status, bad.status, good.balance_transaction] == ["pending", "pending", None]
    assert client.v1.refunds.retrieve(good.id).status == "succeeded"
    assert client.v1.refunds.retrieve(bad.id).status == "failed"
    assert entries(client, good.id) == [("refund", -1000, 0)]
    assert entries(client, bad.id) == []
    assert client.v1.charges.retrieve(str(intent.latest_charge)).amount_refunded == 1000


def test_a_refund_can_succeed_and_fail_afterwards(
    sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    intent = pay_intent(client, payment_method="pm_card_refundFail")

    made = refund(client, intent, 1000)
    failed = client.v1.refunds.retrieve(made.id)

    assert (made.status, failed.status) == ("succeeded", "failed")
    assert failed.failure_balance_transaction is not None
    assert entries(client, made.id) == [("refund_failure", 1000, 0), ("refund", -1000, 0)]
    assert client.v1.charges.retrieve(str(intent.latest_charge)).amount_refunded == 0
    with pytest.raises(Exception, match="can't become"):
        sandbox.act("refunds", refund=made.id, status="succeeded")


def test_a_refund_from_the_dashboard_has_no_metadata(
    sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    intent = pay_intent(client, metadata={"topup_id": "t1"})

    made = sandbox.act("refunds", payment_intent=intent.id, amount=300)

    assert client.v1.refunds.retrieve(made["id"]).to_dict()["metadata"] == {}


def test_a_payment_that_never_was_is_not_refunded(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create({"amount": 700, "currency": "usd"})

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        refund(client, intent, 100)

    assert refusal.value.code == "payment_intent_unexpected_state"
    assert client.v1.refunds.list().data == []


def test_a_dispute_takes_the_money_and_gives_it_back_when_won(
    sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    intent = pay_intent(client)
    opened = client.v1.disputes.retrieve(sandbox.act("disputes", payment_intent=intent.id)["id"])

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        refund(client, intent, 100)
    sandbox.act("disputes", dispute=opened.id, status="won")
    won = client.v1.disputes.retrieve(opened.id)

    assert (opened.status, won.status) == ("needs_response", "won")
    assert refusal.value.code == "charge_disputed"
    assert [(one.amount, one.fee) for one in opened.balance_transactions] == [(-2500, 1500)]
    assert [one.reporting_category for one in won.balance_transactions] == [
        "dispute",
        "dispute_reversal",
    ]
    types = [one.type for one in client.v1.events.list({"limit": 5})]
    assert types == [
        "charge.dispute.closed",
        "charge.dispute.funds_reinstated",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.created",
        "payment_intent.succeeded",
    ]


def test_an_inquiry_moves_no_money_until_it_becomes_a_dispute(
    sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    pay_intent(client, payment_method="pm_card_createDisputeInquiry")
    inquiry = client.v1.disputes.list().data[0]

    sandbox.act("disputes", dispute=inquiry.id, status="needs_response")
    closed = client.v1.disputes.close(inquiry.id)

    assert (inquiry.status, inquiry.balance_transactions) == ("warning_needs_response", [])
    assert (closed.status, len(closed.balance_transactions)) == ("lost", 1)


@pytest.mark.parametrize(
    ("text", "status"),
    [("winning_evidence", "won"), ("losing_evidence", "lost"), ("else", "under_review")],
)
def test_evidence_decides_a_dispute(client: stripe.StripeClient, text: str, status: str) -> None:
    pay_intent(client, payment_method="pm_card_createDispute")
    opened = client.v1.disputes.list().data[0]

    ended = client.v1.disputes.update(opened.id, {"evidence": {"uncategorized_text": text}})

    assert ended.status == status


def test_a_dispute_can_open_lost(sandbox: SandboxStripe, client: stripe.StripeClient) -> None:
    intent = pay_intent(client)

    made = sandbox.act("disputes", payment_intent=intent.id, status="lost", amount=1000)

    lost = client.v1.disputes.retrieve(made["id"])
    assert (lost.status, lost.amount) == ("lost", 1000)
    assert [one.net for one in lost.balance_transactions] == [-2500]


def test_a_bank_warns_of_fraud(sandbox: SandboxStripe, client: stripe.StripeClient) -> None:
    intent = pay_intent(client)

    warned = sandbox.act("warnings", charge=intent.latest_charge)

    found = client.v1.radar.early_fraud_warnings.retrieve(warned["id"])
    assert found.charge == intent.latest_charge


def test_the_balance_is_the_sum_of_its_transactions(
    sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    intent = pay_intent(client)
    refund(client, intent, 400)
    before = client.v1.balance.retrieve()
    sandbox.advance(2 * DAYS)
    after = client.v1.balance.retrieve()

    assert (before.available[0].amount, before.pending[0].amount) == (-400, 2397)
    assert (after.available[0].amount, after.pending[0].amount) == (1997, 0)
    assert sum(one.net for one in client.v1.balance_transactions.list()) == 1997


def test_a_payout_is_made_of_what_was_available(
    sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    pay_intent(client)
    sandbox.advance(2 * DAYS)
    pay_intent(client)

    made = sandbox.act("payouts")
    part = client.v1.balance_transactions.list({"payout": made["id"]})
    sandbox.act("payouts", payout=made["id"], status="failed")

    assert made["amount"] == 2397
    assert sorted(one.net for one in part) == [-2397, 2397]
    assert client.v1.payouts.retrieve(made["id"]).status == "failed"
    assert [one.type for one in client.v1.balance_transactions.list({"type": "payout_failure"})]
    assert client.v1.balance.retrieve().available[0].amount == 2397


def test_balance_transactions_can_come_later(
    sandbox: SandboxStripe, client: stripe.StripeClient
) -> None:
    sandbox.switches.change({"balance_transactions": "later"})
    intent = pay_intent(client)
    before = client.v1.charges.retrieve(str(intent.latest_charge))

    sandbox.act("balance-transactions")
    after = client.v1.charges.retrieve(before.id, {"expand": ["balance_transaction"]})

    assert before.balance_transaction is None
    assert after["balance_transaction"].net == 2397
    assert client.v1.events.list({"type": "charge.updated"}).data[0].data.object["id"] == before.id


def test_shillings_are_settled_in_dollars(client: stripe.StripeClient) -> None:
    intent = pay_intent(client, amount=5_000_000, currency="TZS")

    entry = client.v1.balance_transactions.list({"source": str(intent.latest_charge)}).data[0]

    assert (intent.amount, intent.currency) == (5_000_000, "tzs")
    assert (entry.amount, entry.currency, entry.exchange_rate) == (2000, "usd", 0.0004)
    assert entry.net == entry.amount - entry.fee == 1912


def test_stripe_takes_its_own_fee(sandbox: SandboxStripe, client: stripe.StripeClient) -> None:
    sandbox.act("fees", amount=200)

    entry = client.v1.balance_transactions.list({"type": "stripe_fee"}).data[0]

    assert (entry.net, entry.source) == (-200, None)
