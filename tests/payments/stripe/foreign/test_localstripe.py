"""Our client before a peer that somebody else wrote: payments of saved cards, refunds, notices."""

import time
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from hero_onboarding.payments import Delivery
from hero_onboarding.payments.cards.ports import ChargeOrder, CustomerOrder
from hero_onboarding.payments.errors import (
    CheckoutRefusedError,
    ForgedNoticeError,
    RefundRefusedError,
)
from hero_onboarding.payments.ports import (
    PaymentQuestion,
    PaymentState,
    RefundOrder,
    RefundState,
)
from tests.payments.stripe.foreign.conftest import Foreign

CENTS = 2_500


def charge(foreign: Foreign, number: str = "4242424242424242") -> PaymentQuestion:
    customer = foreign.provider.open_customer(CustomerOrder("ada", f"customer-{uuid4()}"))
    card = foreign.card_of(customer, number)
    order = ChargeOrder(
        top_up_id=uuid4(),
        user_sid="ada",
        amount=CENTS,
        currency="USD",
        customer=customer,
        card=card,
        key=f"topup-{uuid4()}-pi-1",
    )
    opened = foreign.provider.charge_card(order)
    now = datetime.now(tz=UTC)
    return PaymentQuestion(order.top_up_id, opened.reference, now, now + timedelta(hours=1))


def refund_of(payment_id: str, amount: int) -> RefundOrder:
    number = uuid4()
    return RefundOrder(number, UUID(int=1), "ada", payment_id, amount, "USD", f"refund-{number}")


def test_a_saved_card_is_charged_and_the_payment_is_read(foreign: Foreign) -> None:
    question = charge(foreign)

    payment = foreign.provider.fetch_payment(question)

    assert payment is not None
    assert payment.state is PaymentState.PAID
    assert (payment.amount, payment.currency) == (CENTS, "USD")
    assert payment.top_up_id == str(question.top_up_id)
    assert payment.is_live is False


def test_a_declined_card_is_refused_by_its_word(foreign: Foreign) -> None:
    """This peer does not say which payment was declined."""
    with pytest.raises(CheckoutRefusedError, match="card_declined"):
        charge(foreign, "4000000000000341")


def test_a_payment_is_given_back_in_parts_and_its_refunds_are_listed(foreign: Foreign) -> None:
    question = charge(foreign)
    for amount in (1_000, 1_500):
        found = foreign.provider.open_refund(refund_of(str(question.reference), amount))
        assert (found.state, found.amount) == (RefundState.SUCCEEDED, amount)

    refunds = foreign.provider.fetch_refunds(str(question.reference))

    assert sorted(one.amount for one in refunds) == [1_000, 1_500]


def test_what_it_does_not_know_is_refused(foreign: Foreign) -> None:
    with pytest.raises(RefundRefusedError):
        foreign.provider.open_refund(refund_of("pi_nobody", 100))


def test_its_signed_notice_names_the_payment(foreign: Foreign) -> None:
    question = charge(foreign)
    until = time.monotonic() + 10
    wanted = f'"id": "{question.reference}"'.encode()
    while not any(wanted in one.body for one in foreign.receiver.notices):
        assert time.monotonic() < until, "no notice came"
        time.sleep(0.02)
    told = {}
    for one in foreign.receiver.notices:
        delivery = Delivery({"stripe-signature": one.header}, one.body, datetime.now(tz=UTC))
        notice = foreign.provider.read_notice(delivery)
        told.update({} if notice is None else dict.fromkeys(notice.references, notice.kind))
        forged = Delivery(delivery.headers, one.body + b" ", delivery.received_at)
        with pytest.raises(ForgedNoticeError):
            foreign.provider.read_notice(forged)

    assert told[str(question.reference)] == "payment_intent.succeeded"
