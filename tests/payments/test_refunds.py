"""Refunds from the wish to the payer: never more than was paid or is there, once each."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from hero_onboarding.kernel.errors import HeroError
from hero_onboarding.ledger import balance_of
from hero_onboarding.payments import (
    NotRefundableError,
    PaymentsOffError,
    ProviderUnavailableError,
    Refund,
    RefundKeyReusedError,
    RefundRequest,
    RefundState,
    RefundTooLargeError,
    TopUp,
    TopUpNotFoundError,
    TopUpState,
    WrongRefundError,
)
from hero_onboarding.wallet import BalanceTooLowError
from tests.payments.till import Till

PAID = 25_000_000
TEN = 10_000_000


def balances(till: Till) -> tuple[int, int, int, int]:
    """Ada's net and debt, what is on its way back, and what the provider holds."""
    wallet = till.people.wallet("ada")
    with till.database.reading() as tx:
        transit = balance_of(tx, "refunds:stripe", "USD")
        clearing = -balance_of(tx, "provider:stripe:USD:clearing", "USD")
    till.people.assert_books()
    return wallet.net, wallet.debt, transit, clearing


def assert_refused(till: Till, error: type[HeroError], act: Callable[[], object]) -> None:
    """A refusal is an error and not one changed row, and the provider is not asked."""
    before, calls = till.rows(), list(till.provider.calls)

    with pytest.raises(error):
        act()

    assert till.rows() == before
    assert till.provider.calls == calls


def the_refund(till: Till, top_up: TopUp) -> Refund:
    [refund] = till.refunds(top_up)
    return refund


def end(till: Till, refund: Refund, state: RefundState) -> None:
    """The provider says how it ended, and a notice has it asked."""
    assert refund.reference is not None
    till.provider.end_refund(refund.reference, state, "a reason")
    till.notify(refund.reference, till.provider.refunded_payments[refund.reference])
    till.run()


def test_a_part_goes_back_and_the_top_up_stays_paid(till: Till) -> None:
    top_up = till.open_paid()

    refund = till.refund(top_up)

    assert (refund.state, refund.amount, refund.is_ours) == (RefundState.SUCCEEDED, 1_000, True)
    assert balances(till) == (PAID - TEN, 0, 0, PAID - TEN)
    assert till.read(top_up.id).state is TopUpState.PAID
    assert till.kinds(top_up) == ["credited", "refund_asked", "given_back"]
    movement = till.people.statement("ada")[0]
    assert (movement.kind, movement.amount) == ("refund", -TEN)
    assert movement.detail["top_up"] == str(top_up.id)
    assert till.incidents() == []


def test_when_all_was_given_back_the_top_up_is_refunded_and_no_earlier(till: Till) -> None:
    top_up = till.open_paid()
    till.refund(top_up)
    till.provider.refunds_are = RefundState.PENDING
    rest = till.refund(top_up, 1_500, "r2")
    assert till.read(top_up.id).state is TopUpState.PAID
    assert balances(till) == (0, 0, PAID - TEN, PAID - TEN)

    end(till, rest, RefundState.SUCCEEDED)

    assert till.read(top_up.id).state is TopUpState.REFUNDED
    assert balances(till) == (0, 0, 0, 0)
    assert till.incidents() == [], "what we gave back ourselves needs nobody"


def test_a_pending_refund_is_asked_about_until_it_ends(till: Till) -> None:
    till.provider.refunds_are = RefundState.PENDING
    top_up = till.open_paid()
    refund = till.refund(top_up)
    assert refund.state is RefundState.PENDING
    till.clock.advance(minutes=1)
    till.run()
    assert till.read(top_up.id).question_due_at == till.now + timedelta(minutes=1)
    till.provider.end_refund(str(refund.reference), RefundState.SUCCEEDED)

    till.clock.advance(minutes=1)
    till.run()

    assert the_refund(till, top_up).state is RefundState.SUCCEEDED
    assert till.read(top_up.id).question_due_at is None
    assert balances(till) == (PAID - TEN, 0, 0, PAID - TEN)


@pytest.mark.parametrize("first", [RefundState.PENDING, RefundState.SUCCEEDED])
def test_a_refund_that_fails_is_back_in_the_wallet(till: Till, first: RefundState) -> None:
    till.provider.refunds_are = first
    top_up = till.open_paid()
    refund = till.refund(top_up, 2_500)
    assert balances(till)[0] == 0

    end(till, refund, RefundState.FAILED)
    end(till, refund, RefundState.FAILED)

    assert the_refund(till, top_up).state is RefundState.FAILED
    assert the_refund(till, top_up).failure == "a reason"
    assert balances(till) == (PAID, 0, 0, PAID)
    assert till.read(top_up.id).state is TopUpState.PAID
    operations = [movement.kind for movement in till.people.statement("ada")]
    assert operations == ["refund_returned", "refund", "top_up"]
    assert till.refund(top_up, 2_500, "r2").state is first, "it may be given back again"


def test_an_answer_that_was_overtaken_takes_nothing_back(till: Till) -> None:
    top_up = till.open_paid()
    refund = till.refund(top_up)
    before = balances(till)

    end(till, refund, RefundState.PENDING)

    assert the_refund(till, top_up).state is RefundState.SUCCEEDED
    assert balances(till) == before


def test_a_repeated_refund_is_the_same_one(till: Till) -> None:
    top_up = till.open_paid()
    first = till.refund(top_up)
    before = till.rows()

    again, is_new = till.cashier.refund(RefundRequest(top_up.id, 1_000, "r1"))

    assert (again, is_new) == (first, False)
    assert till.rows() == before
    assert len(till.provider.refunds) == 1


def test_a_key_with_other_content_is_a_conflict(till: Till) -> None:
    top_up = till.open_paid()
    till.refund(top_up)

    assert_refused(till, RefundKeyReusedError, lambda: till.refund(top_up, 999))


def test_two_top_ups_may_use_the_same_key(till: Till) -> None:
    first, second = till.open_paid("k1"), till.open_paid("k2")

    assert till.refund(first).id != till.refund(second).id


@pytest.mark.parametrize(("amount", "key"), [(0, "r"), (-1, "r"), (1, ""), (1, "r" * 201)])
def test_what_can_not_be_is_refused(till: Till, amount: int, key: str) -> None:
    top_up = till.open_paid()

    assert_refused(till, WrongRefundError, lambda: till.refund(top_up, amount, key))


def test_no_more_goes_back_than_is_left_of_the_payment(till: Till) -> None:
    top_up = till.open_paid()
    till.people.adjust("ada", PAID, "gift")
    assert_refused(till, RefundTooLargeError, lambda: till.refund(top_up, 2_501))
    till.refund(top_up, 2_000)

    assert_refused(till, RefundTooLargeError, lambda: till.refund(top_up, 501, "r2"))
    till.refund(top_up, 500, "r3")
    assert_refused(till, NotRefundableError, lambda: till.refund(top_up, 1, "r4"))


def test_no_more_goes_back_than_is_available(till: Till) -> None:
    top_up = till.open_paid()
    till.people.adjust("ada", -5_000_000, "spent")
    till.people.dispute("ada", 5_000_000, "owed")
    till.people.hold("ada", 5_000_000, "held")
    assert_refused(till, BalanceTooLowError, lambda: till.refund(top_up, 1_001))

    till.refund(top_up, 1_000)

    assert till.people.wallet("ada").net == TEN


def test_only_what_was_paid_can_be_given_back(till: Till) -> None:
    top_up = till.open()
    assert_refused(till, NotRefundableError, lambda: till.refund(top_up))
    till.pay(top_up)
    till.settle(top_up)
    till.provider.dispute(str(till.read(top_up.id).payment_id))
    till.settle(top_up)

    assert_refused(till, NotRefundableError, lambda: till.refund(top_up))


def test_unknown_top_ups_those_of_others_and_providers_that_are_off_are_refused(till: Till) -> None:
    top_up = till.open_paid()
    off = replace(till.cashier, providers={})
    asked = RefundRequest(top_up.id, 1_000, "r1")
    nobody = RefundRequest(UUID(int=1), 1_000, "r1")

    assert_refused(till, TopUpNotFoundError, lambda: till.cashier.refund(nobody))
    assert_refused(till, TopUpNotFoundError, lambda: till.cashier.refund(asked, owner="bob"))
    assert_refused(till, PaymentsOffError, lambda: off.refund(asked))


def test_a_refund_that_the_provider_refuses_is_back_in_the_wallet(till: Till) -> None:
    top_up = till.open_paid()
    till.provider.refuses_refunds = "charge_disputed"

    refund = till.refund(top_up)

    assert (refund.state, refund.failure) == (RefundState.FAILED, "charge_disputed")
    assert balances(till) == (PAID, 0, 0, PAID)
    assert till.refund(top_up) == refund, "a repeat is the same, and failed"


@pytest.mark.parametrize("fault", ["is_down", "loses_answers"])
def test_without_an_answer_a_job_sends_the_same_order_again(till: Till, fault: str) -> None:
    top_up = till.open_paid()
    setattr(till.provider, fault, True)
    with pytest.raises(ProviderUnavailableError):
        till.refund(top_up)
    assert balances(till) == (PAID - TEN, 0, TEN, PAID)
    setattr(till.provider, fault, False)

    till.clock.advance(minutes=1)
    assert till.run()[1] == 0

    assert the_refund(till, top_up).state is RefundState.SUCCEEDED
    assert len(till.provider.refunds) == 1, "the key makes it the same refund"
    assert balances(till) == (PAID - TEN, 0, 0, PAID - TEN)
    till.clock.advance(days=2)
    till.run()
    assert till.incidents() == []


def lose_answer(till: Till, top_up: TopUp, fault: str) -> None:
    setattr(till.provider, fault, True)
    with pytest.raises(ProviderUnavailableError):
        till.refund(top_up)
    setattr(till.provider, fault, False)
    till.provider.calls.clear()


def test_after_a_day_an_order_is_searched_for_and_never_sent_again(till: Till) -> None:
    top_up = till.open_paid()
    lose_answer(till, top_up, "loses_answers")

    till.clock.advance(hours=22)
    till.run()

    assert till.provider.calls == ["fetch", "fetch refunds"]
    assert the_refund(till, top_up).state is RefundState.SUCCEEDED
    assert balances(till) == (PAID - TEN, 0, 0, PAID - TEN)
    assert till.incidents() == []


def test_an_order_that_never_arrived_is_back_in_the_wallet_an_hour_later(till: Till) -> None:
    top_up = till.open_paid()
    lose_answer(till, top_up, "is_down")
    till.clock.advance(hours=22)
    till.run()
    assert the_refund(till, top_up).state is RefundState.ASKED

    till.clock.advance(hours=1)
    till.run()

    assert "refund" not in till.provider.calls
    refund = the_refund(till, top_up)
    assert (refund.state, refund.failure) == (RefundState.FAILED, "not_found")
    assert balances(till) == (PAID, 0, 0, PAID)
    assert till.read(top_up.id).question_due_at is None


def test_a_refund_made_at_the_provider_is_owed_once_and_told(till: Till) -> None:
    top_up = till.open_paid()
    reference = till.provider.give_back(str(top_up.payment_id), 1_000)
    for _ in range(2):
        till.notify(reference, str(top_up.payment_id))
        till.run()

    assert balances(till) == (PAID, TEN, 0, PAID - TEN)
    assert till.read(top_up.id).state is TopUpState.PAID
    [(kind, evidence)] = till.incidents()
    assert (kind, evidence["refund"]) == ("payment_taken_back", reference)
    assert evidence["amount"] == "1000 USD"
    assert till.kinds(top_up) == ["credited", "given_back"]
    assert_refused(till, RefundTooLargeError, lambda: till.refund(top_up, 1_501))


def test_what_is_owed_for_a_refund_that_failed_there_is_owed_no_more(till: Till) -> None:
    top_up = till.open_paid()
    reference = till.provider.give_back(str(top_up.payment_id), 2_500)
    till.settle(top_up)
    assert till.read(top_up.id).state is TopUpState.REFUNDED

    end(till, the_refund(till, top_up), RefundState.FAILED)

    assert balances(till) == (PAID, 0, 0, PAID)
    assert till.read(top_up.id).state is TopUpState.PAID
    assert the_refund(till, top_up).reference == reference


def test_a_pending_refund_of_the_provider_is_owed_when_it_succeeds(till: Till) -> None:
    till.provider.refunds_are = RefundState.PENDING
    top_up = till.open_paid()
    till.provider.give_back(str(top_up.payment_id), 1_000)
    till.settle(top_up)
    assert balances(till) == (PAID, 0, 0, PAID)
    assert till.incidents() == []

    end(till, the_refund(till, top_up), RefundState.SUCCEEDED)

    assert balances(till) == (PAID, TEN, 0, PAID - TEN)


def test_one_that_names_a_refund_of_ours_that_has_its_own_is_none_of_ours(till: Till) -> None:
    top_up = till.open_paid()
    ours = till.refund(top_up)
    till.provider.give_back(str(top_up.payment_id), 500, refund_id=str(ours.id))

    till.settle(top_up)

    assert balances(till) == (PAID - TEN, 5_000_000, 0, PAID - 15_000_000)
    assert [refund.is_ours for refund in till.refunds(top_up)] == [True, False]


@pytest.mark.parametrize(("amount", "currency"), [(1_000, "EUR"), (0, "USD")])
def test_a_refund_that_can_not_be_moves_nothing_and_is_told(
    till: Till, amount: int, currency: str
) -> None:
    top_up = till.open_paid()
    reference = till.provider.give_back(str(top_up.payment_id), 1_000)
    held = till.provider.refunds[reference]
    till.provider.refunds[reference] = replace(held, amount=amount, currency=currency)

    till.settle(top_up)

    assert balances(till) == (PAID, 0, 0, PAID)
    assert [kind for kind, _ in till.incidents()] == ["payment_mismatch"]
    assert till.refunds(top_up) == []


def test_another_amount_than_was_asked_for_moves_nothing_and_is_told(till: Till) -> None:
    till.provider.refunds_are = RefundState.PENDING
    top_up = till.open_paid()
    refund = till.refund(top_up)
    held = till.provider.refunds[str(refund.reference)]
    till.provider.refunds[held.reference] = replace(held, amount=900)

    end(till, refund, RefundState.SUCCEEDED)

    assert balances(till) == (PAID - TEN, 0, TEN, PAID)
    assert [evidence["wrong"] for _, evidence in till.incidents()] == [["refund"]]


def test_a_payment_that_was_never_refunded_costs_no_second_question(till: Till) -> None:
    top_up = till.open_paid()
    till.settle(top_up)

    assert "fetch refunds" not in till.provider.calls
