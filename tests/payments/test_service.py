"""Top-ups from the wish to the credit: once each, and refusals change nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from hero_onboarding.kernel.errors import HeroError
from hero_onboarding.ledger import balance_of
from hero_onboarding.payments import (
    PaymentsOffError,
    ProviderUnavailableError,
    TopUpKeyReusedError,
    TopUpRequest,
    TopUpState,
    WrongTopUpError,
)
from hero_onboarding.payments.ports import PaymentState, RefundState
from hero_onboarding.wallet import WalletNotFoundError
from hero_onboarding_schema import PAYMENT_EVENT_KINDS, PaymentEvent
from tests.fakes.provider import FakeProvider
from tests.payments.till import Till, a_request, reference_of


def assert_refused(till: Till, error: type[HeroError], act: Callable[[], object]) -> None:
    """A refusal is an error and not one changed row, and the provider is not asked."""
    before, calls = till.rows(), list(till.provider.calls)

    with pytest.raises(error):
        act()

    assert till.rows() == before
    assert till.provider.calls == calls


def test_a_payment_is_credited_when_the_provider_says_that_it_is_paid(till: Till) -> None:
    top_up = till.open()
    assert top_up.redirect_url is not None
    payment_id = till.pay(top_up)

    settled = till.settle(top_up)

    assert (settled.state, settled.credited) == (TopUpState.PAID, 25_000_000)
    assert settled.payment_id == payment_id
    assert till.people.wallet("ada").net == 25_000_000
    assert till.people.wallet("bob").net == 0
    with till.database.reading() as tx:
        assert balance_of(tx, "provider:stripe:USD:clearing", "USD") == -25_000_000
    movement = till.people.statement("ada")[0]
    assert (movement.kind, movement.amount) == ("top_up", 25_000_000)
    assert movement.detail["payment"] == payment_id
    assert till.kinds(top_up) == ["credited"]
    assert settled.question_due_at is None
    till.people.assert_books()


def test_each_fact_is_a_record_that_other_programs_can_read(till: Till) -> None:
    top_up = till.open()
    payment_id = till.pay(top_up)
    till.settle(top_up)

    [event] = till.events(top_up)

    assert msgspec.json.decode(msgspec.json.encode(event), type=PaymentEvent) == event
    assert event.kind in PAYMENT_EVENT_KINDS
    assert (event.payment_id, event.key) == (payment_id, f"in:{payment_id}")
    assert (event.amount, event.currency, event.is_live) == (2_500, "USD", False)


def test_it_is_credited_without_any_notice_by_asking(till: Till) -> None:
    top_up = till.open()
    till.pay(top_up)

    till.clock.advance(minutes=1)
    till.run()

    assert till.people.wallet("ada").net == 25_000_000
    assert till.read(top_up.id).question_due_at is None


def test_a_notice_alone_moves_nothing(till: Till) -> None:
    top_up = till.open()

    settled = till.settle(top_up)

    assert (settled.state, settled.credited) == (TopUpState.OPEN, 0)
    assert till.people.wallet("ada").net == 0


def test_notices_without_number_credit_once(till: Till) -> None:
    top_up = till.open()
    payment_id = till.pay(top_up)
    for _ in range(3):
        till.notify(reference_of(top_up), payment_id)
        till.run()
    for number in range(5):
        till.notify(reference_of(top_up), event=f"evt_burst_{number}")
    calls = len(till.provider.calls)

    assert till.run() == (1, 0)

    assert len(till.provider.calls) == calls + 1, "a burst costs one call"
    assert till.people.wallet("ada").net == 25_000_000
    assert till.kinds(top_up) == ["credited"]
    till.people.assert_books()


def test_a_repeated_top_up_is_the_same_one(till: Till) -> None:
    first = till.open()
    before = till.rows()

    again, is_new = till.cashier.open_top_up(a_request())

    assert (again, is_new) == (first, False)
    assert till.rows() == before
    assert len(till.provider.orders) == 1


@pytest.mark.parametrize("amount", [2_501, 500])
def test_a_key_with_other_content_is_a_conflict(till: Till, amount: int) -> None:
    till.open()

    asked = a_request(amount=amount)
    assert_refused(till, TopUpKeyReusedError, lambda: till.cashier.open_top_up(asked))


def test_two_users_may_use_the_same_key(till: Till) -> None:
    assert till.open(sid="ada").id != till.open(sid="bob").id


@pytest.mark.parametrize(
    "asked",
    [
        a_request(amount=499),
        a_request(amount=100_001),
        a_request(amount=-2_500),
        a_request(currency="TZS"),
        a_request(currency="usd"),
        a_request(method="push"),
        a_request(provider="nobody"),
        a_request(""),
        a_request("k" * 201),
        a_request("a\nb"),
    ],
)
def test_what_can_not_be_is_refused(till: Till, asked: TopUpRequest) -> None:
    assert_refused(till, WrongTopUpError, lambda: till.cashier.open_top_up(asked))


def test_unknown_users_and_providers_that_are_not_set_are_refused(till: Till) -> None:
    off = replace(till.cashier, providers={})

    assert_refused(
        till, WalletNotFoundError, lambda: till.cashier.open_top_up(a_request(sid="eve"))
    )
    assert_refused(till, PaymentsOffError, lambda: off.open_top_up(a_request()))


def test_a_refused_checkout_is_a_failed_top_up(till: Till) -> None:
    till.provider.refuses = "amount_too_small"

    top_up = till.open()

    assert (top_up.state, top_up.failure) == (TopUpState.FAILED, "amount_too_small")
    assert till.kinds(top_up) == ["failed"]
    till.clock.advance(days=1)
    till.run()
    assert till.provider.calls == ["open"]


@pytest.mark.parametrize("fault", ["is_down", "loses_answers"])
def test_without_an_answer_a_job_opens_the_same_checkout_again(till: Till, fault: str) -> None:
    setattr(till.provider, fault, True)
    with pytest.raises(ProviderUnavailableError):
        till.open()
    setattr(till.provider, fault, False)

    till.clock.advance(minutes=1)
    assert till.run() == (1, 0)

    top_up, is_new = till.cashier.open_top_up(a_request())
    assert not is_new
    assert top_up.redirect_url is not None
    assert len(till.provider.orders) == 1, "the key makes it the same checkout"


def test_after_a_day_an_order_is_searched_for_and_never_sent_again(till: Till) -> None:
    till.provider.loses_answers = True
    with pytest.raises(ProviderUnavailableError):
        till.open()
    till.provider.loses_answers = False
    till.provider.pay("cs_1")

    till.clock.advance(hours=23)
    till.run()

    assert till.provider.calls == ["open", "fetch"]
    assert till.people.wallet("ada").net == 25_000_000


def test_an_order_that_never_arrived_expires(till: Till) -> None:
    till.provider.is_down = True
    with pytest.raises(ProviderUnavailableError):
        till.open()
    till.provider.is_down = False

    till.clock.advance(hours=23)
    till.run()

    top_up = till.read(the_id(till))
    assert (top_up.state, top_up.question_due_at) == (TopUpState.EXPIRED, None)
    assert till.provider.orders == {}
    assert till.cashier.open_top_up(a_request())[0] == top_up


def the_id(till: Till) -> UUID:
    [row] = till.rows()["top_ups"]
    assert isinstance(row[1], UUID)
    return row[1]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"amount": 2_499}, "amount"),
        ({"currency": "EUR"}, "currency"),
        ({"top_up_id": "00000000-0000-0000-0000-000000000000"}, "top_up_id"),
        ({"top_up_id": None}, "top_up_id"),
    ],
)
def test_a_payment_that_is_not_what_was_asked_for_credits_nobody(
    till: Till, changes: dict[str, object], wrong: str
) -> None:
    top_up = till.open()
    till.pay(top_up, **changes)

    till.settle(top_up)
    settled = till.settle(top_up)

    assert (settled.state, settled.failure) == (TopUpState.PENDING, "mismatch")
    assert settled.credited == 0
    assert till.people.wallet("ada").net == 0
    assert till.kinds(top_up) == ["suspended"]
    [(kind, evidence)] = till.incidents()
    assert (kind, evidence["wrong"]) == ("payment_mismatch", [wrong])
    till.people.assert_books()
    currency = str(changes.get("currency", "USD"))
    units = 2_500 if currency == "EUR" else 10_000 * int(str(changes.get("amount", 2_500)))
    with till.database.reading() as tx:
        assert balance_of(tx, "suspense:stripe", currency) == units
        assert balance_of(tx, f"provider:stripe:{currency}:clearing", currency) == -units


def test_what_waits_aside_and_goes_back_leaves_suspense_and_nobody_owes(till: Till) -> None:
    top_up = till.open()
    payment_id = till.pay(top_up, amount=900)
    till.settle(top_up)
    refund = till.provider.give_back(payment_id, 900)
    for event in ("e1", "e2"):
        till.notify(payment_id, event=event, top_up_id=str(top_up.id))
        till.run()

    wallet = till.people.wallet("ada")
    assert (wallet.net, wallet.debt) == (0, 0)
    assert till.kinds(top_up) == ["suspended", "given_back"]
    assert balance(till, "suspense:stripe") == 0
    assert balance(till, "provider:stripe:USD:clearing") == 0
    till.people.assert_books()

    till.provider.end_refund(refund, RefundState.FAILED)
    till.notify(payment_id, event="e3", top_up_id=str(top_up.id))
    till.run()

    assert till.kinds(top_up) == ["suspended", "given_back", "came_back"]
    assert balance(till, "suspense:stripe") == 9_000_000
    till.people.assert_books()


def balance(till: Till, account: str) -> int:
    with till.database.reading() as tx:
        return balance_of(tx, account, "USD")


def test_a_payment_of_the_other_mode_enters_no_books(till: Till) -> None:
    top_up = till.open()
    till.pay(top_up, is_live=True)

    till.settle(top_up)

    assert till.people.wallet("ada").net == 0
    assert till.rows()["ledger_transfers"] == []
    assert [kind for kind, _ in till.incidents()] == ["payment_mismatch"]


def test_a_second_payment_of_one_top_up_waits_aside(till: Till) -> None:
    top_up = till.open()
    till.pay(top_up)
    till.settle(top_up)
    till.pay(top_up, payment_id="pi_other")

    settled = till.settle(top_up)

    assert (settled.state, settled.credited) == (TopUpState.PAID, 25_000_000)
    assert till.people.wallet("ada").net == 25_000_000
    assert till.kinds(top_up) == ["credited", "suspended"]
    assert [evidence["wrong"] for _, evidence in till.incidents()] == [["payment_id"]]
    till.people.assert_books()


def test_one_payment_can_not_pay_two_top_ups(till: Till) -> None:
    first, second = till.open("k1"), till.open("k2")
    till.pay(first, payment_id="pi_same")
    till.settle(first)
    till.pay(second, payment_id="pi_same")

    settled = till.settle(second)

    assert settled.credited == 0
    assert till.people.wallet("ada").net == 25_000_000
    assert [kind for kind, _ in till.incidents()] == ["payment_mismatch"]
    till.people.assert_books()


@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        (PaymentState.PENDING, TopUpState.PENDING),
        (PaymentState.FAILED, TopUpState.FAILED),
        (PaymentState.EXPIRED, TopUpState.EXPIRED),
    ],
)
def test_what_becomes_of_a_payment_is_told(
    till: Till, said: PaymentState, becomes: TopUpState
) -> None:
    top_up = till.open()
    till.provider.become(reference_of(top_up), said, "a reason")

    settled = till.settle(top_up)

    assert (settled.state, settled.failure, settled.credited) == (becomes, "a reason", 0)
    assert till.kinds(top_up) == [str(becomes)]
    assert (settled.question_due_at is None) == (not becomes.is_waiting)


def test_a_failed_top_up_that_is_paid_after_all_is_credited(till: Till) -> None:
    top_up = till.open()
    till.provider.become(reference_of(top_up), PaymentState.FAILED)
    till.settle(top_up)
    till.pay(top_up)

    settled = till.settle(top_up)

    assert (settled.state, settled.credited) == (TopUpState.PAID, 25_000_000)
    assert till.people.wallet("ada").net == 25_000_000


def test_an_answer_that_was_overtaken_takes_nothing_back(till: Till) -> None:
    top_up = till.open()
    till.pay(top_up)
    till.settle(top_up)
    before = till.people.wallet("ada")
    till.provider.become(reference_of(top_up), PaymentState.OPEN)

    settled = till.settle(top_up)

    assert settled.state is TopUpState.PAID
    assert till.people.wallet("ada") == before


@pytest.mark.parametrize("ended", [PaymentState.FAILED, PaymentState.EXPIRED])
def test_what_has_ended_is_not_opened_again_by_an_older_answer(
    till: Till, ended: PaymentState
) -> None:
    top_up = till.open()
    till.provider.become(reference_of(top_up), ended)
    before = till.settle(top_up)
    for older in (PaymentState.OPEN, PaymentState.PENDING):
        till.provider.become(reference_of(top_up), older)

        after = till.settle(top_up)

        assert (after.state, after.changed_at) == (before.state, before.changed_at)
        assert after.question_due_at is None


class Untelling(FakeProvider):
    """A provider that says that a payment is disputed, and nothing more."""

    fetch_disputes = None  # type: ignore[assignment]  # it has no such method


def test_a_dispute_of_which_nothing_more_is_told_is_told_to_a_person(till: Till) -> None:
    provider = Untelling()
    cashier = replace(till.cashier, providers={"stripe": provider})
    till = replace(till, provider=provider, cashier=cashier)
    top_up = till.open_paid()
    till.provider.become(reference_of(top_up), PaymentState.DISPUTED)

    till.settle(top_up)
    settled = till.settle(top_up)

    assert settled.state is TopUpState.DISPUTED
    [(kind, evidence)] = till.incidents()
    assert (kind, evidence["state"]) == ("payment_taken_back", "disputed")
    assert evidence["payment"] == settled.payment_id
    till.people.assert_books()


def test_money_that_came_in_and_went_back_unseen_is_both_credited_and_told(till: Till) -> None:
    top_up = till.open()
    till.provider.give_back(till.pay(top_up), 2_500)

    settled = till.settle(top_up)

    assert (settled.state, settled.credited) == (TopUpState.REFUNDED, 25_000_000)
    assert till.kinds(top_up) == ["credited", "given_back", "refunded"]
    assert [kind for kind, _ in till.incidents()] == ["payment_taken_back"]
    till.people.assert_books()


def test_an_open_top_up_is_asked_about_ever_more_rarely_and_then_no_more(till: Till) -> None:
    top_up = till.open()
    waits = []
    while (due_at := till.read(top_up.id).question_due_at) is not None:
        waits.append(due_at - till.now)
        till.clock.moment = due_at
        assert till.run() == (1, 0)

    minutes = [wait // timedelta(minutes=1) for wait in waits]
    assert sorted(set(minutes)) == [1, 10, 60, 1440]
    assert minutes == sorted(minutes)
    assert len(waits) < 90


def test_a_question_whose_job_was_lost_is_asked_again_by_the_sweep(till: Till) -> None:
    top_up = till.open()
    till.pay(top_up)
    with till.database.transaction() as tx:
        tx.connection.exec_driver_sql("DELETE FROM jobs")
    till.clock.advance(minutes=59)
    assert till.cashier.sweep() == 0
    till.clock.advance(hours=1)

    assert till.cashier.sweep() == 1
    assert till.cashier.sweep() == 0
    till.run()

    assert till.people.wallet("ada").net == 25_000_000


def test_a_payer_who_comes_back_has_the_provider_asked_once(till: Till) -> None:
    top_up = till.open()
    till.pay(top_up)

    till.cashier.ask_soon(top_up.id, "cs_other")
    assert till.run() == (0, 0)
    for _ in range(3):
        till.cashier.ask_soon(top_up.id, reference_of(top_up))

    assert till.run() == (1, 0)
    assert till.people.wallet("ada").net == 25_000_000


def test_a_provider_that_is_not_set_any_more_is_not_asked(till: Till) -> None:
    top_up = till.open()
    off = replace(till, cashier=replace(till.cashier, providers={}))
    till.clock.advance(minutes=1)

    assert off.run() == (1, 0)

    assert till.provider.calls == ["open"]
    assert till.read(top_up.id).question_due_at is not None
