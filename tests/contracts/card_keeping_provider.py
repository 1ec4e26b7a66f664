"""What every provider that keeps cards must do, the fake as well as the real ones."""

from abc import abstractmethod
from dataclasses import replace
from typing import Protocol
from uuid import uuid4

import pytest

from hero_onboarding.kernel.boundary import OutsideCallInTransactionError, transaction_is_open
from hero_onboarding.payments.cards.ports import CardKeepingProvider, ChargeOrder, CustomerOrder
from hero_onboarding.payments.errors import (
    CheckoutRefusedError,
    ProviderAnswerError,
    ProviderUnavailableError,
)
from hero_onboarding.payments.ports import (
    SAVED_CARD,
    KeptCard,
    PaymentQuestion,
    PaymentState,
    ProviderPayment,
)
from tests.contracts.payment_provider import Peer, a_question, an_order


class CardPeer(Peer, Protocol):
    """A provider that keeps cards, and hands on its other side."""

    @property
    @abstractmethod
    def keeping(self) -> CardKeepingProvider: ...

    @abstractmethod
    def let_card_decline(self, card: str) -> str:
        """Let a card be declined from now on, and return the word for why."""


def a_customer(peer: CardPeer) -> str:
    return peer.keeping.open_customer(CustomerOrder("ada", f"customer-{uuid4()}"))


def a_card(peer: CardPeer) -> KeptCard:
    """A card that was saved while its holder paid."""
    order = an_order(customer=a_customer(peer), saves_card=True)
    reference = peer.provider.open_checkout(order).reference
    peer.pay(reference)
    payment = peer.provider.fetch_payment(a_question(order, reference))
    assert payment is not None
    assert payment.card is not None
    assert payment.card.customer == order.customer
    return payment.card


def a_charge(card: KeptCard) -> ChargeOrder:
    top_up_id = uuid4()
    key = f"topup-{top_up_id}-pi-1"
    return ChargeOrder(top_up_id, "ada", 2_500, "USD", card.customer, card.reference, key)


def fetched(peer: CardPeer, order: ChargeOrder, reference: str | None) -> ProviderPayment | None:
    question = a_question(an_order(top_up_id=order.top_up_id), reference)
    asked: PaymentQuestion = replace(question, method=SAVED_CARD, customer=order.customer)
    return peer.provider.fetch_payment(asked)


def makes_one_customer_per_key(peer: CardPeer) -> None:
    order = CustomerOrder("ada", f"customer-{uuid4()}")

    first = peer.keeping.open_customer(order)

    assert peer.keeping.open_customer(order) == first
    assert a_customer(peer) != first


def keeps_the_card_of_a_payer_who_agreed_and_no_others(peer: CardPeer) -> None:
    card = a_card(peer)

    assert (card.brand, card.last4) == ("visa", "4242")
    assert 1 <= card.expires_month <= 12
    plain = an_order()
    reference = peer.provider.open_checkout(plain).reference
    peer.pay(reference)
    payment = peer.provider.fetch_payment(a_question(plain, reference))
    assert payment is not None
    assert payment.card is None


def charges_a_card_once_per_key(peer: CardPeer) -> None:
    order = a_charge(a_card(peer))

    opened = peer.keeping.charge_card(order)

    assert peer.keeping.charge_card(order) == opened
    with pytest.raises(ProviderAnswerError):
        peer.keeping.charge_card(replace(order, amount=2_600))
    paid = fetched(peer, order, opened.reference)
    assert paid is not None
    assert (paid.state, paid.amount, paid.currency) == (PaymentState.PAID, 2_500, "USD")
    assert paid.top_up_id == str(order.top_up_id)
    assert paid.payment_id is not None
    assert paid.payment_id in paid.references
    assert paid.is_live is peer.provider.is_live


def finds_a_charge_whose_answer_was_lost(peer: CardPeer) -> None:
    card = a_card(peer)
    order, other = a_charge(card), a_charge(card)
    opened = peer.keeping.charge_card(order)

    found = fetched(peer, order, None)

    assert found is not None
    assert found.reference == opened.reference
    assert fetched(peer, other, None) is None


def says_why_a_card_was_declined(peer: CardPeer) -> None:
    order = a_charge(a_card(peer))
    word = peer.let_card_decline(order.card)

    opened = peer.keeping.charge_card(order)

    assert peer.keeping.charge_card(order) == opened
    failed = fetched(peer, order, opened.reference)
    assert failed is not None
    assert (failed.state, failed.failure) == (PaymentState.FAILED, word)


def forgets_a_card_for_good(peer: CardPeer) -> None:
    card = a_card(peer)

    for _ in range(2):
        peer.keeping.detach_card(card.reference)
    peer.keeping.detach_card("pm_nobody")

    with pytest.raises(CheckoutRefusedError):
        peer.keeping.charge_card(a_charge(card))


def keeps_and_charges_nothing_inside_a_transaction_nor_without_an_answer(peer: CardPeer) -> None:
    card = a_card(peer)
    acts = (
        lambda: a_customer(peer),
        lambda: peer.keeping.charge_card(a_charge(card)),
        lambda: peer.keeping.detach_card(card.reference),
    )
    with transaction_is_open():
        for act in acts:
            with pytest.raises(OutsideCallInTransactionError):
                act()
    peer.take_away()
    for act in acts:
        with pytest.raises(ProviderUnavailableError):
            act()


CARD_PROMISES = (
    makes_one_customer_per_key,
    keeps_the_card_of_a_payer_who_agreed_and_no_others,
    charges_a_card_once_per_key,
    finds_a_charge_whose_answer_was_lost,
    says_why_a_card_was_declined,
    forgets_a_card_for_good,
    keeps_and_charges_nothing_inside_a_transaction_nor_without_an_answer,
)
