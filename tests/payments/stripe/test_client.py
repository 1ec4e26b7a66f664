"""Stripe's client against the stand-in: the contract's promises, and what goes wrong on the way."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from hero_onboarding.payments import PaymentsOffError
from hero_onboarding.payments.errors import (
    CheckoutRefusedError,
    ProviderAnswerError,
    ProviderUnavailableError,
    RefundRefusedError,
)
from hero_onboarding.payments.ports import PaymentState
from hero_onboarding.payments.providers.stripe import StripeProvider, StripeSettings
from hero_onboarding.sandbox.stripe.switches import Fault
from tests.contracts.card_keeping_provider import CARD_PROMISES, CardPeer
from tests.contracts.disputing_provider import DISPUTE_PROMISES, DisputingPeer
from tests.contracts.payment_provider import PROMISES, Peer, a_question, an_order
from tests.contracts.reconciling_provider import (
    RECONCILING_PROMISES,
    ReconcilingPeer,
    shows_what_a_dispute_took,
)
from tests.contracts.refunding_provider import (
    REFUND_PROMISES,
    RefundingPeer,
    a_payment,
    a_refund,
)
from tests.payments.stripe.peer import StripePeer, delivery_of


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_stripe_keeps_it(promise: Callable[[Peer], None], peer: StripePeer) -> None:
    promise(peer)


@pytest.mark.parametrize("promise", REFUND_PROMISES, ids=lambda promise: promise.__name__)
def test_stripe_gives_back(promise: Callable[[RefundingPeer], None], peer: StripePeer) -> None:
    promise(peer)


@pytest.mark.parametrize("promise", DISPUTE_PROMISES, ids=lambda promise: promise.__name__)
def test_stripe_tells_of_disputes(
    promise: Callable[[DisputingPeer], None], peer: StripePeer
) -> None:
    promise(peer)


@pytest.mark.parametrize("promise", RECONCILING_PROMISES, ids=lambda promise: promise.__name__)
def test_stripe_shows_its_records(
    promise: Callable[[ReconcilingPeer], None], peer: StripePeer
) -> None:
    promise(peer)


def test_stripe_shows_what_a_dispute_took(peer: StripePeer) -> None:
    shows_what_a_dispute_took(peer)


@pytest.mark.parametrize("promise", CARD_PROMISES, ids=lambda promise: promise.__name__)
def test_stripe_keeps_cards(promise: Callable[[CardPeer], None], peer: StripePeer) -> None:
    promise(peer)


@pytest.mark.parametrize("kind", ["drop-after", "answer"])
def test_a_refund_whose_answer_was_lost_is_one_refund(peer: StripePeer, kind: str) -> None:
    order = a_refund(a_payment(peer))
    status = {"status": 500} if kind == "answer" else {}
    peer.sandbox.switches.add(Fault(kind=kind, method="POST", count=1, **status))  # type: ignore[arg-type]  # as named

    opened = peer.provider.open_refund(order)

    assert [one.reference for one in peer.provider.fetch_refunds(order.payment_id)] == [
        opened.reference
    ]


def test_a_disputed_payment_is_refused_with_its_reason(peer: StripePeer) -> None:
    order = a_refund(a_payment(peer))
    peer.sandbox.act("disputes", payment_intent=order.payment_id)

    with pytest.raises(RefundRefusedError) as caught:
        peer.provider.open_refund(order)

    assert caught.value.reason == "charge_disputed"


def test_an_answer_that_was_lost_after_the_effect_is_the_same_checkout(peer: StripePeer) -> None:
    peer.sandbox.switches.add(Fault(kind="drop-after", method="POST", count=1))

    opened = peer.provider.open_checkout(an_order())

    assert opened.redirect_url is not None
    assert peer.transport.asked == ["POST /v1/checkout/sessions"] * 2


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_is_not_certain_is_unavailable_and_never_refused(
    peer: StripePeer, status: int
) -> None:
    peer.sandbox.switches.add(Fault(kind="answer", method="POST", status=status))

    with pytest.raises(ProviderUnavailableError) as caught:
        peer.provider.open_checkout(an_order())

    assert str(status) in str(caught.value)


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_not_taken_is_told_without_showing_it(peer: StripePeer, status: int) -> None:
    peer.sandbox.switches.add(Fault(kind="answer", method="*", status=status))

    with pytest.raises(ProviderUnavailableError) as caught:
        peer.provider.fetch_payment(a_question(an_order(), "cs_1"))

    assert "HERO_ONBOARDING_STRIPE_SECRET_KEY" in str(caught.value)
    assert peer.sandbox.secret_key not in str(caught.value)


def test_an_order_that_can_not_be_is_refused(peer: StripePeer) -> None:
    with pytest.raises(CheckoutRefusedError) as caught:
        peer.provider.open_checkout(an_order(amount=1))

    assert caught.value.reason == "amount_too_small"
    assert peer.transport.problems == ["an amount is outside of our limits"]
    peer.transport.problems.clear()


def test_a_key_for_another_order_is_our_mistake_and_no_refusal(peer: StripePeer) -> None:
    order = an_order()
    peer.provider.open_checkout(order)

    with pytest.raises(ProviderAnswerError):
        peer.provider.open_checkout(replace(order, amount=2_600))


def test_a_wrong_amount_is_seen_in_what_is_fetched(peer: StripePeer) -> None:
    order = an_order()
    reference = peer.provider.open_checkout(order).reference
    peer.pay(reference)
    peer.sandbox.switches.add(Fault(kind="wrong-amount", method="GET", count=1))

    payment = peer.provider.fetch_payment(a_question(order, reference))

    assert payment is not None
    assert payment.amount == 2_600


def test_a_declined_card_leaves_the_checkout_open(peer: StripePeer) -> None:
    order = an_order()
    reference = peer.provider.open_checkout(order).reference
    peer.sandbox.act("sessions", session=reference, number="4000000000000002")

    payment = peer.provider.fetch_payment(a_question(order, reference))

    assert payment is not None
    assert payment.state is PaymentState.OPEN


@pytest.mark.parametrize(
    ("ends", "state"), [("succeeded", PaymentState.PAID), ("failed", PaymentState.FAILED)]
)
def test_a_bank_account_that_takes_days_is_pending_first(
    peer: StripePeer, ends: str, state: PaymentState
) -> None:
    order = an_order()
    reference = peer.provider.open_checkout(order).reference
    peer.sandbox.act("sessions", session=reference, method="bank")
    question = a_question(order, reference)

    pending = peer.provider.fetch_payment(question)
    assert pending is not None
    assert pending.state is PaymentState.PENDING
    peer.sandbox.act("payments", payment_intent=pending.payment_id, status=ends)

    ended = peer.provider.fetch_payment(question)
    assert ended is not None
    assert ended.state is state


@pytest.mark.parametrize(
    ("act", "state"), [("refunds", PaymentState.REFUNDED), ("disputes", PaymentState.DISPUTED)]
)
def test_what_is_taken_back_is_told_by_a_notice_that_names_the_payment(
    peer: StripePeer, act: str, state: PaymentState
) -> None:
    order = an_order()
    reference = peer.provider.open_checkout(order).reference
    peer.pay(reference)
    question = a_question(order, reference)
    paid = peer.provider.fetch_payment(question)
    assert paid is not None
    before = len(peer.notices())
    peer.sandbox.act(act, payment_intent=paid.payment_id)

    read = [
        peer.provider.read_notice(delivery_of(one, peer.sandbox)) for one in peer.notices()[before:]
    ]
    named = [notice for notice in read if notice is not None]
    after = peer.provider.fetch_payment(question)

    assert named
    assert all(paid.payment_id in notice.references for notice in named)
    assert after is not None
    assert after.state is state


def test_a_live_payment_says_so(peer: StripePeer) -> None:
    peer.sandbox.switches.change({"is_livemode": True})
    order = an_order()
    reference = peer.provider.open_checkout(order).reference

    payment = peer.provider.fetch_payment(a_question(order, reference))

    assert payment is not None
    assert payment.is_live is True
    assert peer.provider.is_live is False


def test_without_a_webhook_secret_no_notice_is_taken(peer: StripePeer) -> None:
    order = an_order()
    reference = peer.provider.open_checkout(order).reference
    peer.pay(reference)
    deaf = StripeProvider(StripeSettings("sk_test_x", is_live=False))

    with pytest.raises(PaymentsOffError, match="STRIPE_WEBHOOK_SECRET"):
        deaf.read_notice(peer.notice_of(reference))
