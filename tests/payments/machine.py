"""Top-ups driven at random against real SQL: notices lost, repeated and reordered, answers lost.

The model knows what the payers did at the provider and no SQL. After every step no wallet has
more than its payers paid; at the end, when everything that waits was done, exactly that.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import delete, update

from hero_onboarding.database import Database
from hero_onboarding.jobs.tables import jobs
from hero_onboarding.kernel.clock import from_unix
from hero_onboarding.kernel.errors import HeroError
from hero_onboarding.kernel.overriding import override
from hero_onboarding.payments import (
    ProviderUnavailableError,
    TopUp,
    TopUpKeyReusedError,
    list_top_ups,
)
from hero_onboarding.payments.ports import PaymentState
from hero_onboarding.payments.tables import notices, top_ups
from tests.fakes.clock import FakeClock
from tests.payments.till import Till, a_request, new_till
from tests.wallet.people import People

PERSONS = ("p", "q")
AMOUNTS = (500, 2_500)
KEYS = "abc"
FINAL = {PaymentState.PAID, PaymentState.EXPIRED, PaymentState.FAILED}


class TopUpMachine(RuleBasedStateMachine):
    """Two payers, a provider that fails, and notices in a bag."""

    database: ClassVar[Database]
    numbers: ClassVar[Iterator[int]] = count()

    @initialize()
    def begin(self) -> None:
        people = People(self.database, FakeClock())
        self.prefix = f"t{next(self.numbers)}"
        self.forget_earlier_examples()
        for name in PERSONS:
            people.open(self.prefix + name)
        self.till: Till = new_till(people)
        self.provider = self.till.provider
        # Ids of a provider are its own for ever, also across the examples on one database.
        self.provider.numbers = count(next(self.numbers) * 1_000_000)
        self.asked: dict[tuple[str, str], int] = {}
        self.bag: list[tuple[str, str]] = []
        self.paid: dict[str, int] = dict.fromkeys(PERSONS, 0)

    def forget_earlier_examples(self) -> None:
        """Their provider is gone, and nobody may be asked about them."""
        with self.database.transaction() as tx:
            for statement in (delete(jobs), delete(notices)):
                tx.execute(statement)
            tx.execute(update(top_ups).values(question_due_at=None))

    def owner(self, reference: str) -> str:
        return self.provider.orders[reference].user_sid.removeprefix(self.prefix)

    def references(self) -> list[str]:
        return sorted(self.provider.orders)

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
        some = [r for r in self.references() if self.provider.payments[r].state not in FINAL]
        if not some:
            return
        reference = data.draw(st.sampled_from(some))
        payment = self.provider.pay(reference)
        self.paid[self.owner(reference)] += payment.amount * 10_000
        self.bag += [(reference, f"{reference}a"), (str(payment.payment_id), f"{reference}b")]

    @rule(data=st.data(), state=st.sampled_from(["pending", "failed", "expired"]))
    def let_it_end(self, data: st.DataObject, state: str) -> None:
        """A checkout ends without money, or its money takes time."""
        some = [r for r in self.references() if self.provider.payments[r].state not in FINAL]
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
        for _ in range(4):
            self.till.clock.advance(days=1)
            self.till.run()
            self.till.cashier.sweep()
            self.till.run()
        for name, paid in self.paid.items():
            assert self.till.people.wallet(self.prefix + name).net == paid
        self.till.people.assert_books()
        about = [str(evidence.get("user_sid")) for _, evidence in self.till.incidents()]
        assert not [sid for sid in about if sid.startswith(self.prefix)]


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
