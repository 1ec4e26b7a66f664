"""Disputes from the first word to the last: frozen, owed, given back, written off; each once."""

from dataclasses import replace

import pytest

from hero_onboarding.ledger import balance_of
from hero_onboarding.payments import (
    Dispute,
    DisputeState,
    NotRefundableError,
    RefundState,
    TopUp,
    TopUpState,
    service,
)
from hero_onboarding.payments.returns import Returns
from tests.fakes.provider import DISPUTE_FEE
from tests.payments.test_refunds import assert_refused
from tests.payments.till import Till, reference_of

PAID = 25_000_000
FEE = DISPUTE_FEE * 10_000


def stand(till: Till) -> tuple[int, int, int, int]:
    """Ada's net, debt and held, and what the provider holds; all books hold."""
    wallet = till.people.wallet("ada")
    with till.database.reading() as tx:
        clearing = -balance_of(tx, "provider:stripe:USD:clearing", "USD")
        fees = -balance_of(tx, "fees:stripe", "USD")
    till.people.assert_books()
    assert wallet.available == max(wallet.net - wallet.debt - wallet.held, 0)
    assert fees in {0, FEE}
    return wallet.net, wallet.debt, wallet.held, clearing


def the_dispute(till: Till, top_up: TopUp) -> Dispute:
    [dispute] = till.disputes(top_up)
    return dispute


def test_a_dispute_freezes_what_it_is_about_at_once_and_calls_a_person(till: Till) -> None:
    top_up = till.open_paid()
    till.people.adjust("ada", -20_000_000, "spent")
    reference = till.provider.dispute(str(top_up.payment_id))

    till.settle(top_up)
    settled = till.settle(top_up)

    assert settled.state is TopUpState.DISPUTED
    assert stand(till) == (5_000_000, 0, PAID, PAID)
    assert till.people.wallet("ada").available == 0
    [(kind, evidence)] = till.incidents()
    assert (kind, evidence["dispute"], evidence["amount"]) == (
        "payment_disputed",
        reference,
        "2500 USD",
    )
    assert till.kinds(top_up) == ["credited", "dispute_opened", "disputed"]
    till.clock.advance(days=400)
    assert till.people.expire() == 0, "no clock ends it"
    assert_refused(till, NotRefundableError, lambda: till.refund(top_up))


def test_what_the_bank_takes_is_owed_and_its_fee_is_ours(till: Till) -> None:
    top_up = till.open_paid()
    reference = till.provider.dispute(str(top_up.payment_id))
    till.settle(top_up)
    till.provider.move_dispute(reference, DisputeState.OPEN, -2_500)
    for _ in range(2):
        till.settle(top_up)
        assert stand(till) == (PAID, PAID, 0, -FEE)
    till.provider.move_dispute(reference, DisputeState.LOST)
    for _ in range(2):
        settled = till.settle(top_up)
        assert stand(till) == (PAID, PAID, 0, -FEE)
        assert settled.state is TopUpState.DISPUTED
    assert the_dispute(till, top_up).state is DisputeState.LOST


def test_what_is_won_is_owed_no_more_and_the_fee_stays(till: Till) -> None:
    top_up = till.open_paid()
    reference = till.provider.dispute(str(top_up.payment_id), -2_500)
    assert till.settle(top_up).state is TopUpState.DISPUTED
    till.provider.move_dispute(reference, DisputeState.WON, 2_500)

    for _ in range(2):
        settled = till.settle(top_up)
        assert settled.state is TopUpState.PAID
        assert stand(till) == (PAID, 0, 0, PAID - FEE)
    assert till.kinds(top_up)[-3:] == ["disputed", "reinstated", "paid"]
    assert till.refund(top_up).state is RefundState.SUCCEEDED, "and may be given back again"


@pytest.mark.parametrize("state", [DisputeState.WON, DisputeState.CLOSED])
def test_what_ends_without_money_lets_go(till: Till, state: DisputeState) -> None:
    top_up = till.open_paid()
    reference = till.provider.dispute(str(top_up.payment_id), amount=1_000)
    till.settle(top_up)
    assert stand(till) == (PAID, 0, 10_000_000, PAID)

    till.provider.move_dispute(reference, state)

    assert till.settle(top_up).state is TopUpState.PAID
    assert stand(till) == (PAID, 0, 0, PAID)


def test_one_that_is_lost_before_anybody_heard_of_it_is_owed(till: Till) -> None:
    top_up = till.open_paid()
    till.provider.dispute(str(top_up.payment_id), -2_500, state=DisputeState.LOST)

    assert till.settle(top_up).state is TopUpState.DISPUTED
    assert stand(till) == (PAID, PAID, 0, -FEE)
    assert [kind for kind, _ in till.incidents()] == ["payment_disputed"]


def test_one_that_is_over_without_money_needs_nobody(till: Till) -> None:
    top_up = till.open_paid()
    till.provider.dispute(str(top_up.payment_id), state=DisputeState.CLOSED)

    assert till.settle(top_up).state is TopUpState.PAID
    assert stand(till) == (PAID, 0, 0, PAID)
    assert till.incidents() == []


def test_a_payment_that_is_disputed_before_it_is_seen_is_credited_and_owed(till: Till) -> None:
    top_up = till.open()
    till.provider.dispute(till.pay(top_up), -2_500)

    settled = till.settle(top_up)

    assert (settled.state, settled.credited) == (TopUpState.DISPUTED, PAID)
    assert stand(till) == (PAID, PAID, 0, -FEE)


def test_what_comes_back_after_a_write_off_is_no_gift(till: Till) -> None:
    top_up = till.open_paid()
    reference = till.provider.dispute(str(top_up.payment_id), -2_500, state=DisputeState.LOST)
    till.settle(top_up)
    till.people.write_off("ada", 20_000_000)

    till.provider.move_dispute(reference, DisputeState.WON, 2_500)
    till.settle(top_up)

    assert stand(till) == (PAID, 0, 0, PAID - FEE)
    with till.database.reading() as tx:
        assert balance_of(tx, "losses", "USD") == 0


def test_an_answer_that_was_overtaken_takes_nothing_back(till: Till) -> None:
    top_up = till.open_paid()
    payment = till.provider.payments[reference_of(top_up)]
    reference = till.provider.dispute(str(top_up.payment_id), -2_500)
    older = till.provider.disputes[reference]
    till.provider.move_dispute(reference, DisputeState.WON, 2_500)
    settled = till.settle(top_up)
    before = stand(till)

    for question in (0, settled.answered):
        with till.database.transaction() as tx:
            told = Returns((), [older])
            service.settle(tx, top_up.id, payment, question, till.now, told)

    assert stand(till) == before
    assert till.read(top_up.id).state is TopUpState.PAID


def test_one_that_can_not_be_moves_nothing_and_is_told(till: Till) -> None:
    top_up = till.open_paid()
    reference = till.provider.dispute(str(top_up.payment_id))
    held = till.provider.disputes[reference]
    till.provider.disputes[reference] = replace(held, currency="EUR")

    till.settle(top_up)

    assert stand(till) == (PAID, 0, 0, PAID)
    assert [evidence["wrong"] for _, evidence in till.incidents()] == [["dispute"]]
    assert till.disputes(top_up) == []


def test_a_payment_that_was_never_disputed_costs_no_further_question(till: Till) -> None:
    till.settle(till.open_paid())

    assert "fetch disputes" not in till.provider.calls
