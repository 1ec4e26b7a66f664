"""Top-ups driven at random against real SQL: notices lost, repeated and reordered, answers lost.

The model knows what the payers did at the provider and no SQL. After every step no wallet has
more than its payers paid; at the end, when everything that waits was done, exactly that.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import count
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hero_onboarding.database import Database
from hero_onboarding.kernel.clock import from_unix
from hero_onboarding.kernel.errors import ConflictError, HeroError
from hero_onboarding.kernel.overriding import override
from hero_onboarding.payments import (
    DisputeState,
    ProviderUnavailableError,
    Reconciler,
    Report,
    TopUp,
    TopUpKeyReusedError,
    list_top_ups,
)
from hero_onboarding.payments.ports import PaymentState, RefundState
from tests.fakes.account import AccountedProvider
from tests.fakes.clock import FakeClock
from tests.payments.till import Till, a_request, new_till
from tests.support.emptied import empty
from tests.wallet.people import People

PERSONS = ("p", "q")
AMOUNTS = (500, 2_500)
KEYS = "abc"
FINAL = {
    PaymentState.PAID,
    PaymentState.EXPIRED,
    PaymentState.FAILED,
    PaymentState.REFUNDED,
}
RANK = {state: rank for rank, state in enumerate(RefundState)}


class TopUpMachine(RuleBasedStateMachine):
    """Two payers, a provider that fails, and notices in a bag."""

    database: ClassVar[Database]
    numbers: ClassVar[Iterator[int]] = count()

    @initialize()
    def begin(self) -> None:
        people = People(self.database, FakeClock())
        self.prefix = f"t{next(self.numbers)}"
        empty(self.database)
        for name in PERSONS:
            people.open(self.prefix + name)
        self.provider = AccountedProvider()
        self.till: Till = new_till(people, self.provider)
        # Ids of a provider are its own for ever, also across the examples on one database.
        self.provider.numbers = count(next(self.numbers) * 1_000_000)
        self.asked: dict[tuple[str, str], int] = {}
        self.bag: list[tuple[str, str]] = []
        self.paid: dict[str, int] = dict.fromkeys(PERSONS, 0)
        self.given: set[str] = set()

    def owner(self, reference: str) -> str:
        return self.provider.orders[reference].user_sid.removeprefix(self.prefix)

    def references(self) -> list[str]:
        return sorted(self.provider.orders)

    def open_references(self) -> list[str]:
        """Say which checkouts nobody has paid and nothing has ended."""
        payments = self.provider.payments
        return [
            reference
            for reference in self.references()
            if payments[reference].state not in FINAL and payments[reference].payment_id is None
        ]

    @rule(name=st.sampled_from(PERSONS), key=st.sampled_from(KEYS), amount=st.sampled_from(AMOUNTS))
    def ask(self, name: str, key: str, amount: int) -> None:
        """Ask for a top-up, perhaps again."""
        asked = a_request(key, amount=amount, sid=self.prefix + name)
        known = self.asked.get((name, key))
        try:
            top_up, is_new = self.till.cashier.open_top_up(asked)
        except TopUpKeyReusedError:
            assert known not in {None, amount}
        except ProviderUnavailableError:
            assert self.provider.is_down or self.provider.loses_answers
            self.asked.setdefault((name, key), amount)
        else:
            assert is_new == (known is None)
            assert self.asked.setdefault((name, key), amount) == top_up.amount

    @rule(data=st.data())
    def pay(self, data: st.DataObject) -> None:
        """A payer pays an open checkout."""
        some = self.open_references()
        if not some:
            return
        reference = data.draw(st.sampled_from(some))
        payment = self.provider.pay(reference)
        self.paid[self.owner(reference)] += payment.amount * 10_000
        self.bag += [(reference, f"{reference}a"), (str(payment.payment_id), f"{reference}b")]

    @rule(data=st.data(), amount=st.sampled_from((300, 500)), key=st.sampled_from("rs"))
    def give_back(self, data: st.DataObject, amount: int, key: str) -> None:
        """Somebody asks for a part of a top-up back, perhaps again; refusals move nothing."""
        some = [top_up for top_up in self.top_ups() if top_up.payment_id]
        if not some:
            return
        top_up = data.draw(st.sampled_from(some))
        before = self.till.people.wallet(top_up.user_sid)
        try:
            self.till.refund(top_up, amount, key)
        except ProviderUnavailableError:
            assert self.provider.is_down or self.provider.loses_answers
        except ConflictError:
            assert self.till.people.wallet(top_up.user_sid) == before

    @rule(data=st.data(), amount=st.sampled_from((200, 500)))
    def give_back_there(self, data: st.DataObject, amount: int) -> None:
        """An operator gives a part back at the provider's own page."""
        some = [r for r in self.references() if self.left_there(r) >= amount]
        if not some:
            return
        payment_id = str(self.provider.payments[data.draw(st.sampled_from(some))].payment_id)
        refund = self.provider.give_back(payment_id, amount)
        self.given.add(refund)
        self.bag.append((payment_id, f"{refund}c"))

    @rule(data=st.data(), state=st.sampled_from((RefundState.SUCCEEDED, RefundState.FAILED)))
    def end_refund(self, data: st.DataObject, state: RefundState) -> None:
        """A refund comes to its end, or fails after it succeeded."""
        some = [r for r, one in self.provider.refunds.items() if RANK[one.state] < RANK[state]]
        if not some:
            return
        refund = data.draw(st.sampled_from(sorted(some)))
        self.provider.end_refund(refund, state)
        self.bag.append((self.provider.refunded_payments[refund], f"{refund}{state}"))

    @rule(data=st.data(), amount=st.sampled_from((300, 500)), takes=st.booleans())
    def dispute(self, data: st.DataObject, amount: int, *, takes: bool) -> None:
        """A payer's bank asks for a part of a payment, and may take it at once."""
        some = [r for r in self.references() if self.provider.payments[r].payment_id]
        if not some:
            return
        payment_id = str(self.provider.payments[data.draw(st.sampled_from(some))].payment_id)
        moved = (-amount,) if takes else ()
        dispute = self.provider.dispute(payment_id, *moved, amount=amount)
        self.bag.append((payment_id, f"{dispute}d"))

    @rule(data=st.data(), state=st.sampled_from(DisputeState))
    def go_on_disputing(self, data: st.DataObject, state: DisputeState) -> None:
        """A dispute goes on: what is open may be taken, what is won is given back."""
        some = [r for r, one in self.provider.disputes.items() if one.state is not DisputeState.WON]
        if not some:
            return
        reference = data.draw(st.sampled_from(some))
        held = self.provider.disputes[reference]
        moved = {DisputeState.OPEN: -held.amount, DisputeState.LOST: -held.amount}.get(state, 0)
        if held.movements:
            state = state if state is not DisputeState.CLOSED else DisputeState.LOST
            moved = held.amount if state is DisputeState.WON else 0
        self.provider.move_dispute(reference, state, *((moved,) if moved else ()))
        self.bag.append((self.provider.disputed_payments[reference], f"{reference}{state}"))

    def disputed(self, name: str) -> tuple[int, int]:
        """Sum what banks took from a payer's payments, and what they may still take."""
        owners = {p.payment_id: self.owner(r) for r, p in self.provider.payments.items()}
        taken = frozen = 0
        for reference, dispute in self.provider.disputes.items():
            if owners[self.provider.disputed_payments[reference]] == name:
                taken -= 10_000 * sum(one.amount for one in dispute.movements)
                may_be_taken = dispute.state.is_against_us and not dispute.movements
                frozen += 10_000 * dispute.amount * may_be_taken
        return taken, frozen

    @rule(state=st.sampled_from((RefundState.PENDING, RefundState.SUCCEEDED)))
    def let_refunds_be(self, state: RefundState) -> None:
        self.provider.refunds_are = state

    def left_there(self, reference: str) -> int:
        payment = self.provider.payments[reference]
        return payment.amount - payment.refunded if payment.payment_id else 0

    def went_back(self, name: str, *, there: bool) -> int:
        """Sum what went back to a payer or is on its way, asked for here or made there."""
        owners = {p.payment_id: self.owner(r) for r, p in self.provider.payments.items()}
        return 10_000 * sum(
            refund.amount
            for reference, refund in self.provider.refunds.items()
            if owners[self.provider.refunded_payments[reference]] == name
            and (reference in self.given) is there
            and refund.state is not RefundState.FAILED
            and not (there and refund.state is RefundState.PENDING)
        )

    @rule(data=st.data(), state=st.sampled_from(["pending", "failed", "expired"]))
    def let_it_end(self, data: st.DataObject, state: str) -> None:
        """A checkout ends without money, or its money takes time."""
        some = self.open_references()
        if not some:
            return
        reference = data.draw(st.sampled_from(some))
        self.provider.become(reference, PaymentState(state))
        self.bag.append((reference, f"{reference}{state}"))

    @rule(data=st.data(), is_kept=st.booleans())
    def notify(self, data: st.DataObject, *, is_kept: bool) -> None:
        """A notice arrives, in whatever order; it may come again."""
        if not self.bag:
            return
        place = data.draw(st.integers(0, len(self.bag) - 1))
        reference, event = self.bag[place] if is_kept else self.bag.pop(place)
        self.till.notify(reference, event=event)

    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        """A notice is lost."""
        if self.bag:
            self.bag.pop(data.draw(st.integers(0, len(self.bag) - 1)))

    @rule(fault=st.sampled_from(["is_down", "loses_answers", "none"]))
    def change_fault(self, fault: str) -> None:
        self.provider.is_down = fault == "is_down"
        self.provider.loses_answers = fault == "loses_answers"

    @rule(minutes=st.sampled_from((1, 12, 60, 22 * 60, 24 * 60)))
    def let_time_pass(self, minutes: int) -> None:
        self.till.clock.advance(minutes=minutes)
        self.till.run()

    @rule()
    def run(self) -> None:
        self.till.run()

    @rule()
    def sweep(self) -> None:
        self.till.cashier.sweep()

    @rule()
    def replay(self) -> None:
        self.till.cashier.replay(from_unix(0))

    @rule()
    def reconcile(self) -> None:
        """Somebody compares the books with the provider's records."""
        try:
            self.compare()
        except ProviderUnavailableError:
            assert self.provider.is_down or self.provider.loses_answers

    def compare(self) -> Report:
        since = FakeClock().now() - timedelta(days=1)
        return Reconciler(self.till.cashier).reconcile("stripe", since)

    @rule(name=st.sampled_from(PERSONS), key=st.sampled_from(KEYS))
    def come_back(self, name: str, key: str) -> None:
        """A payer's browser comes back and names its checkout."""
        for top_up in self.top_ups():
            if (top_up.user_sid, top_up.key) == (self.prefix + name, key) and top_up.reference:
                self.till.cashier.ask_soon(top_up.id, top_up.reference)

    def top_ups(self) -> list[TopUp]:
        with self.database.reading() as tx:
            pages = [list_top_ups(tx, self.prefix + name, None) for name in PERSONS]
        return [top_up for page in pages for top_up in page.items]

    @invariant()
    def nobody_has_more_than_they_paid(self) -> None:
        for name, paid in getattr(self, "paid", {}).items():
            assert 0 <= self.till.people.wallet(self.prefix + name).net <= paid

    @invariant()
    def what_is_wanted_has_a_job_or_is_due(self) -> None:
        for top_up in self.top_ups() if hasattr(self, "till") else ():
            assert top_up.answered <= top_up.wanted
            assert (top_up.question_due_at is not None) >= (top_up.answered < top_up.wanted)

    @override
    def teardown(self) -> None:
        """In the end, with the provider there, everybody has exactly what they paid."""
        if not hasattr(self, "till"):
            return
        self.change_fault("none")
        self.provider.refuses_refunds = ""
        for _ in range(4):
            self.till.clock.advance(days=1)
            self.till.run()
            self.till.cashier.sweep()
            self.till.run()
        self.tell_everything()
        report = self.compare()
        assert report.items == []
        assert [one.difference for one in report.balances] in ([], [0])
        for name, paid in self.paid.items():
            wallet = self.till.people.wallet(self.prefix + name)
            assert wallet.net == paid - self.went_back(name, there=False)
            taken, frozen = self.disputed(name)
            assert wallet.debt == self.went_back(name, there=True) + taken
            assert wallet.held == frozen
        self.till.people.assert_books()
        kinds = {
            kind
            for kind, evidence in self.till.incidents()
            if str(evidence.get("user_sid")).startswith(self.prefix)
        }
        assert kinds <= {"payment_taken_back", "payment_disputed"}

    def tell_everything(self) -> None:
        """Let a notice come about each payment: what ended long after is told by nothing else."""
        for reference in self.references():
            self.till.notify(reference, event=f"{reference}end")
        self.till.run()


def together(work: Sequence[Callable[[], object]]) -> list[HeroError]:
    """Do several things at once; return what they raised."""
    start = threading.Barrier(len(work))
    raised: list[HeroError] = []

    def do(one: Callable[[], object]) -> None:
        start.wait()
        try:
            one()
        except HeroError as error:
            raised.append(error)

    threads = [threading.Thread(target=do, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
