"""Everything that can be missed of ClickPesa at once, and a run that repairs and names it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hero_onboarding.database import Database
from hero_onboarding.ledger import balance_of
from hero_onboarding.payments import Cashier, TopUp, TopUpState, refund_postings, refunding
from hero_onboarding.payments.budgets import leave_alone
from hero_onboarding.payments.errors import ProviderUnavailableError
from hero_onboarding.payments.pacing import COST_MAX, step_of
from hero_onboarding.payments.ports import Hundredths, ProviderPayment
from hero_onboarding.payments.provider_books import Entry
from hero_onboarding.payments.providers.clickpesa import ClickPesaProvider, lines, records
from hero_onboarding.payments.reconciling import (
    MovementKind,
    Oddity,
    Reconciler,
    Report,
    reconciler,
)
from hero_onboarding.payments.reconciling.records import record_of_payment
from hero_onboarding.sandbox.clickpesa import Fault, SandboxClickPesa
from tests.fakes.clock import FakeClock
from tests.payments.clickpesa.peer import PHONE, SettlingPeer
from tests.payments.test_shillings import publish
from tests.payments.till import Till, new_till
from tests.wallet.people import People

PAID = 500_000
WORTH = 1_960_784
MONEY = ("wallets", "holds", "ledger_entries", "money_facts", "payment_events", "account_lines")


@dataclass(frozen=True)
class Mobile:
    """A till whose top-ups are paid by phone at ClickPesa's stand-in; nobody carries notices."""

    till: Till
    peer: SettlingPeer

    def open(self, key: str) -> TopUp:
        fields = {"provider": "clickpesa", "method": "push", "currency": "TZS", "phone": PHONE}
        return self.till.open(key, amount=PAID, **fields)

    def approve(self, top_up: TopUp) -> str:
        """The payer says yes, and nobody hears of it; return the order."""
        self.peer.sandbox.act("prompts", payment=top_up.order_reference, answer="approve")
        return top_up.order_reference

    def paid(self, key: str, status: str = "SETTLED") -> TopUp:
        """A top-up that was credited, and came to stand somewhere at ClickPesa afterwards."""
        top_up = self.open(key)
        self.approve(top_up)
        self.till.cashier.ask_now(top_up.id)
        self.peer.become(top_up.order_reference, status)
        return self.till.read(top_up.id)

    def paid_link(self, key: str, channel: str = "CARD", *, is_told: bool = True) -> str:
        """A page of 25 dollars that was paid and, where it is told, credited; return the order."""
        top_up = self.till.open(key, provider="clickpesa")
        self.peer.sandbox.act("links", link=top_up.order_reference, channel=channel)
        if is_told:
            self.till.cashier.ask_now(top_up.id)
        return top_up.order_reference

    def pay_again(self, order: str, amount: str) -> str:
        """The payer pays a page once more; return the payment's id."""
        return str(self.peer.sandbox.act("twins", payment=order, amount=amount)["id"])

    def run(self, days: int = 3) -> Report:
        reconciler = Reconciler(self.till.cashier, self.pause)
        report = reconciler.reconcile("clickpesa", self.till.now - timedelta(days=days))
        self.till.people.assert_books()
        return report

    def pause(self, wait: timedelta) -> None:
        self.till.clock.advance(seconds=wait.total_seconds())

    def advance(self, **parts: float) -> None:
        """Let time go by at both ends."""
        self.till.clock.advance(**parts)
        self.peer.sandbox.advance(timedelta(**parts).total_seconds())

    def balance(self, account: str, currency: str = "TZS") -> int:
        with self.till.database.reading() as tx:
            return -balance_of(tx, account, currency)

    def money(self) -> dict[str, list[tuple[Any, ...]]]:
        return {name: rows for name, rows in self.till.rows().items() if name in MONEY}


@pytest.fixture
def mobile(database: Database, standing_clickpesa: SandboxClickPesa) -> Mobile:
    standing_clickpesa.clear()
    people = People(database, FakeClock(standing_clickpesa.now()))
    people.open("ada")
    till = new_till(people)
    peer = SettlingPeer(standing_clickpesa, "push", people.clock)
    providers = {"clickpesa": peer.provider}
    cashier = Cashier(database, people.clock, providers, "https://site.invalid")
    publish(till, "2500")
    return Mobile(Till(people, till.provider, cashier), peer)


def test_an_end_beyond_now_is_now(mobile: Mobile) -> None:
    far = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    reconciler = Reconciler(mobile.till.cashier, mobile.pause)

    assert reconciler.reconcile("clickpesa", mobile.till.now, far).unexplained == 0


def test_all_that_was_missed_is_repaired_or_named_and_twice_changes_nothing(
    mobile: Mobile,
) -> None:
    peer = mobile.peer
    peer.become(mobile.approve(mobile.open("lost notice")), "SETTLED")
    link = mobile.paid_link("paid twice")
    peer.become(mobile.pay_again(link, "30"), "SETTLED")
    peer.become(mobile.paid("reversed").order_reference, "REVERSED")
    mobile.paid("sent back before it was settled", "REFUNDED")
    waiting = mobile.paid("in transit", "SUCCESS").payment_id
    wrong = mobile.paid("wrong amount", "SUCCESS")
    peer.enter("Credit", "Payment", 490_000, reference=wrong.order_reference)
    peer.enter("Debit", "Fee - Payment", 5_000, reference=link)
    peer.enter("Debit", "Withdraw", 100_000)
    peer.enter("Debit", "Fee - Withdraw", 236_000)
    peer.enter("Debit", "Payout", 70_000)
    peer.enter("Credit", "Reversed Payout", 70_000)
    peer.sandbox.act("deposits", amount="33")
    foreign = peer.provider.open_checkout(peer.an_order()).reference
    peer.pay(foreign)

    first = mobile.run()

    assert {(item.oddity, item.amount, item.booked) for item in first.items} == {
        (Oddity.UNKNOWN_PAYMENT, PAID, None),
        (Oddity.OTHER_AMOUNT, 490_000, PAID),
        (Oddity.UNKNOWN_LINE, 3_300, None),
    }
    [unknown] = [item for item in first.items if item.oddity is Oddity.UNKNOWN_LINE]
    assert unknown.sentence.endswith("not understood: Deposit")
    assert (first.repaired, first.unexplained) == (4, 3)
    shillings, dollars = first.balances
    assert (shillings.difference, dollars.difference) == (0, 0)
    assert shillings.in_transit == 2 * PAID
    assert shillings.payments_in_transit == [waiting, wrong.payment_id]
    assert shillings.unposted == 490_000 + 3_300 + PAID
    assert dollars.in_transit == 2_500
    wallet = mobile.till.people.wallet("ada")
    assert (wallet.net, wallet.debt) == (5 * WORTH + 55_000_000, 2 * WORTH)
    assert mobile.balance("fees:clickpesa") == 5_000 + 236_000
    assert mobile.balance("bank:clickpesa") == 100_000
    named = [kind for kind, _ in mobile.till.incidents()]
    assert sorted(named) == ["payment_taken_back"] * 2 + ["reconciliation"] * 3
    before = mobile.money()

    again = mobile.run()

    assert (again.repaired, again.items) == (0, first.items)
    assert mobile.money() == before
    assert len(mobile.till.incidents()) == len(named)

    mobile.till.clock.advance(days=2, minutes=1)
    late = [item for item in mobile.run().items if item.oddity is Oddity.NO_LINE]
    assert sorted((item.currency, item.booked) for item in late) == [("TZS", PAID), ("USD", 2_500)]


def test_a_reversal_long_after_its_payment_is_found_by_its_line(mobile: Mobile) -> None:
    top_up = mobile.paid("k1")
    mobile.run()
    mobile.advance(days=40)
    assert mobile.run().matched == 0
    mobile.peer.become(top_up.order_reference, "REVERSED")

    report = mobile.run()

    assert (report.repaired, report.items) == (1, [])
    assert [one.difference for one in report.balances] == [0]
    assert mobile.till.read(top_up.id).state is TopUpState.REFUNDED
    assert mobile.till.people.wallet("ada").debt == WORTH
    assert mobile.run().matched == 1


def test_dollars_that_phones_pay_agree_with_the_list_the_lines_and_the_balance(
    mobile: Mobile,
) -> None:
    peer = mobile.peer
    peer.sandbox.switches.change({"usd_to_tzs": 2_510})
    peer.become(mobile.paid_link("settled", "M-PESA"), "SETTLED")
    peer.become(mobile.paid_link("nobody told", "M-PESA", is_told=False), "SETTLED")
    gone = mobile.paid_link("sent back", "M-PESA")
    peer.become(gone, "SETTLED")
    peer.become(gone, "REVERSED")
    peer.become(mobile.paid_link("sent back before it was settled", "M-PESA"), "REFUNDED")
    mobile.paid_link("in transit", "M-PESA")
    mobile.paid_link("card")

    reports = [mobile.run(), mobile.run()]

    assert [report.items for report in reports] == [[], []]
    assert [report.repaired for report in reports] == [3, 0]
    shillings, dollars = reports[-1].balances
    assert (shillings.difference, dollars.difference) == (0, 0)
    assert (shillings.held, shillings.in_transit) == (2 * 6_275_000, 6_275_000)
    assert (dollars.held, dollars.in_transit) == (0, 2_500)
    wallet = mobile.till.people.wallet("ada")
    assert (wallet.net, wallet.debt) == (150_000_000, 50_000_000)
    assert mobile.balance("fx:TZS") == -3 * 6_275_000
    assert {kind for kind, _ in mobile.till.incidents()} == {"payment_taken_back"}


def test_a_balance_that_nothing_explains_is_named_until_its_lines_are_read(mobile: Mobile) -> None:
    mobile.paid("k1")
    mobile.run()
    mobile.peer.enter("Debit", "Fee - Withdraw", 700)
    mobile.advance(days=10)

    [item] = mobile.run().items

    assert (item.oddity, item.amount, item.booked) == (Oddity.OTHER_BALANCE, PAID - 700, PAID)
    assert mobile.run(20).items == []
    assert mobile.run().items == []


def test_a_status_that_nobody_knows_is_named_in_its_word(
    mobile: Mobile, monkeypatch: pytest.MonkeyPatch
) -> None:
    top_up = mobile.paid("k1")
    mobile.peer.become(top_up.order_reference, "CHARGEBACK")

    first = mobile.run()
    monkeypatch.setattr(ClickPesaProvider, "list_payments", lambda *_: iter(()))
    without_a_list = mobile.run()

    [item] = [one for one in first.items if one.about == "payment" and one.booked]
    assert (item.oddity, item.reference) == (Oddity.ODD_STATUS, top_up.payment_id)
    assert (item.booked, item.payment_id) == (PAID, top_up.payment_id)
    assert item.sentence.endswith("says otherwise: chargeback")
    assert item in without_a_list.items
    assert Oddity.NOT_AT_PROVIDER not in {one.oddity for one in first.items}
    assert mobile.till.people.wallet("ada").net == WORTH
    assert mobile.till.read(top_up.id).state is TopUpState.PAID


def test_questions_of_a_run_wait_for_their_turns_or_end_it(mobile: Mobile) -> None:
    top_up = mobile.open("k1")
    mobile.approve(top_up)
    per_minute = mobile.peer.provider.questions_per_minute
    begun = mobile.till.now

    def hold(seconds: int) -> None:
        with mobile.till.database.transaction() as tx:
            leave_alone(tx, "clickpesa", per_minute, begun + timedelta(seconds=seconds))

    hold(300)
    with pytest.raises(ProviderUnavailableError, match="can't be asked before"):
        mobile.run()
    assert mobile.till.now == begun
    mobile.advance(seconds=290)
    assert mobile.run().repaired == 1
    reading = reconciler.READING_TURNS * COST_MAX
    turn = begun + timedelta(seconds=300) + reading * step_of(per_minute)
    assert abs(mobile.till.now - turn) < timedelta(milliseconds=1)


def test_a_run_that_was_one_call_too_many_has_the_next_one_wait(mobile: Mobile) -> None:
    path = "/third-parties/payments/all"
    mobile.peer.sandbox.switches.add(Fault(kind="answer", path_prefix=path, count=1, status=429))
    begun = mobile.till.now
    with pytest.raises(ProviderUnavailableError):
        mobile.run()
    assert mobile.till.now == begun

    assert mobile.run().unexplained == 0
    assert mobile.till.now >= begun + timedelta(seconds=10)


def nobody_reads_orders(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(records, "ORDERS_ASKED_MAX", 0)


def reversals_are_read_from_the_list_alone(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(lines._KINDS, (Entry.DEBIT, "REVERSED-PAYMENT"), MovementKind.OTHER)


def what_went_before_it_was_settled_is_late(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reconciler, "sum_gone", lambda *_: {})


def the_list_tells_of_no_reversal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reconciler, "record_of_reversal", record_of_payment)


def the_balance_is_another(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ClickPesaProvider, "fetch_balances", lambda *_: {"TZS": 1})


def dollars_are_held_where_shillings_came_in(patch: pytest.MonkeyPatch) -> None:
    asked = property(lambda payment: Hundredths(payment.amount, payment.currency))
    patch.setattr(ProviderPayment, "received", asked)


def dollars_go_back_where_shillings_came_in(patch: pytest.MonkeyPatch) -> None:
    for module in (refunding, refund_postings):
        patch.setattr(module, "sent_back", lambda _, one: Hundredths(one.amount, one.currency))


PHONES = test_dollars_that_phones_pay_agree_with_the_list_the_lines_and_the_balance
ALL = test_all_that_was_missed_is_repaired_or_named_and_twice_changes_nothing
LATE = test_a_reversal_long_after_its_payment_is_found_by_its_line
PLANTED: tuple[tuple[Callable[[pytest.MonkeyPatch], None], Callable[[Mobile], None]], ...] = (
    (nobody_reads_orders, LATE),
    (reversals_are_read_from_the_list_alone, LATE),
    (what_went_before_it_was_settled_is_late, ALL),
    (the_list_tells_of_no_reversal, ALL),
    (the_balance_is_another, ALL),
    (dollars_are_held_where_shillings_came_in, PHONES),
    (dollars_go_back_where_shillings_came_in, PHONES),
)


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(("plant", "finder"), PLANTED)
def test_a_planted_bug_is_found(
    mobile: Mobile,
    monkeypatch: pytest.MonkeyPatch,
    plant: Callable[[pytest.MonkeyPatch], None],
    finder: Callable[[Mobile], None],
) -> None:
    plant(monkeypatch)

    with pytest.raises(AssertionError):
        finder(mobile)
