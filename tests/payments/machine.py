"""All money in, driven at random against real SQL: two providers, and a process that is killed.

Notices come in any order, again or never, answers are lost, and the process ends between any two
steps: they are counted, and an example draws how many there are from one end to the next. The model
knows what was done at the providers, and no SQL. In the end, when everything that waits was done,
everybody has exactly what they paid, and the books what each provider holds.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count
from typing import ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hero_onboarding.database import Database
from hero_onboarding.exchange import Rate, publish_rate, read_rate
from hero_onboarding.jobs import end_all_leases
from hero_onboarding.kernel.clock import from_unix
from hero_onboarding.kernel.errors import ConflictError, HeroError
from hero_onboarding.kernel.overriding import override
from hero_onboarding.payments import (
    Cashier,
    DisputeState,
    PaymentProvider,
    ProviderUnavailableError,
    Reconciler,
    TopUp,
    TopUpKeyReusedError,
    list_top_ups,
)
from hero_onboarding.payments.ports import PaymentState, RefundState
from hero_onboarding.payments.reconciling import MovementKind, fill_gaps
from tests.fakes.clock import FakeClock
from tests.fakes.provider import a_delivery
from tests.payments.cards.wallet_of_cards import CardTill
from tests.payments.crash import CrashAt, CrashError
from tests.payments.outside import CENT, MARGIN, RATES, SCALE, Outside, pick
from tests.payments.settled import (
    assert_clearing,
    assert_credited_once,
    assert_reconciled,
    assert_wallet,
)
from tests.payments.till import a_request
from tests.support.emptied import empty
from tests.support.world import a_record
from tests.wallet.people import People

T = TypeVar("T")
PERSONS = ("p", "q")
NAMES = ("stripe", "clickpesa")
WAYS = (
    ("stripe", "checkout", "USD"),
    ("stripe", "checkout", "TZS"),
    ("clickpesa", "checkout", "USD"),
    ("clickpesa", "control_number", "TZS"),
    ("clickpesa", "push", "TZS"),
)
FIRST = WAYS[:4]
PHONE = "255712345678"
PLACES = st.integers(0, 99)
PARTS = st.sampled_from((300, 500))
START = from_unix(0)


def if_any(things: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Leave a rule out while there is nothing of some kind outside."""
    return precondition(lambda self: bool(getattr(self.outside, things)()))


def by(way: tuple[str, str, str]) -> dict[str, str | None]:
    """Say how a top-up is paid; a phone is named where one is asked."""
    provider, method, currency = way
    phone = PHONE if method == "push" else None
    return {"provider": provider, "method": method, "currency": currency, "phone": phone}


class MoneyInMachine(RuleBasedStateMachine):
    """Two payers, two providers that fail, notices in a bag, and a process that ends."""

    database: ClassVar[Database]
    crash: ClassVar[CrashAt]
    ends: "ClassVar[Counter[tuple[str, int]]]"
    numbers: ClassVar[Iterator[int]] = count()

    @initialize(gaps=st.lists(st.integers(1, 15), max_size=12), wrong=st.sampled_from((None, 0, 2)))
    def begin(self, gaps: list[int], wrong: int | None) -> None:
        """The process ends after so many steps of its work; one payment may not be as asked."""
        empty(self.database)
        people = People(self.database, FakeClock())
        for name in PERSONS:
            people.open(name)
        self.outside = Outside(people.clock)
        # Ids of a provider are its own, and no other's.
        self.outside.mobile.behind.numbers = count(1_000_000)
        for provider in self.outside.providers.values():
            provider.trace = self.crash
        fakes: dict[str, PaymentProvider] = {
            "stripe": self.outside.stripe,
            "clickpesa": self.outside.mobile,
        }
        cashier = Cashier(self.database, people.clock, fakes, "https://site.invalid")
        self.till = CardTill(people, self.outside.stripe, cashier)
        self.cashier, self.people, self.clock = cashier, people, people.clock
        self.used = dict.fromkeys(PERSONS, 0)
        self.gaps = gaps
        self.publish(next(iter(RATES)))
        self.save_a_card()
        for number, way in enumerate(FIRST):
            amount = 2_500 * SCALE[way[2]]
            self.till.open(f"first{number}", amount=amount, sid=PERSONS[number % 2], **by(way))
        for number in range(len(FIRST) - 1):
            self.outside.pay(0, 100 if number == wrong else 0, by_phone=number == 1)
        self.clock.advance(minutes=5)
        self.till.run()

    def save_a_card(self) -> None:
        """One of the payers is topped up by themselves: by 25 dollars below 10."""
        self.outside.stripe.now = self.clock.now
        saved = self.till.open("saved", sid=PERSONS[0], saves_card=True)
        self.outside.pay(0, 0)
        self.till.settle(saved)
        self.till.agree(PERSONS[0])

    def act(self, kind: str, work: Callable[[], T]) -> T | None:
        """Do some work of ours; None where the process ended in the middle of it."""
        crash = self.crash
        crash.points, crash.at = 0, self.gaps[-1] if self.gaps else None
        try:
            return work()
        except CrashError:
            self.ends[kind, crash.points] += 1
        finally:
            crash.at = None
            if self.gaps:
                self.gaps[-1] -= crash.points
        self.gaps.pop()
        with self.database.transaction() as tx:
            end_all_leases(tx)
        return None

    def try_to(self, kind: str, work: Callable[[], T]) -> T | None:
        """Do some work that fails where a provider does not answer."""
        try:
            return self.act(kind, work)
        except ProviderUnavailableError:
            assert self.outside.is_faulty
            return None

    @rule(rate=st.sampled_from(sorted(RATES)))
    def publish(self, rate: str) -> None:
        """An operator sets another rate; no two things happen in the same second."""
        self.clock.advance(seconds=1)
        with self.database.transaction() as tx:
            publish_rate(tx, Rate(0, "TZS", "operator", read_rate(rate), MARGIN, self.till.now))
        self.outside.rates.append((self.till.now, RATES[rate]))
        self.clock.advance(seconds=1)

    @rule(
        name=st.sampled_from(PERSONS),
        key=st.sampled_from("abc"),
        cents=st.sampled_from((500, 2_500)),
        way=st.sampled_from(WAYS),
        off=st.sampled_from((0, 0, 100, None)),
    )
    def ask(
        self, name: str, key: str, cents: int, way: tuple[str, str, str], off: int | None
    ) -> None:
        """Ask for a top-up, perhaps again, and perhaps pay one, or not what was asked for."""
        provider, method, currency = way
        asked = a_request(key, amount=cents * SCALE[currency], sid=name, **by(way))
        known = [one for one in self.top_ups() if (one.user_sid, one.key) == (name, key)]
        is_same = [(o.provider, o.method, o.currency, o.amount) for o in known] == [
            (provider, method, currency, asked.amount)
        ]
        try:
            found = self.try_to("ask", lambda: self.cashier.open_top_up(asked))
        except TopUpKeyReusedError:
            assert known
            assert not is_same
        else:
            assert is_same or not known
            assert found is None or found[1] == (not known)
        if off is not None and self.outside.open_ones():
            self.outside.pay(cents + len(known), off, by_phone=len(known) % 2 == 0)

    @if_any("open_ones")
    @rule(place=PLACES, by_phone=st.booleans())
    def pay(self, place: int, *, by_phone: bool) -> None:
        self.outside.pay(place, 0, by_phone=by_phone)

    @if_any("open_ones")
    @rule(place=PLACES, state=st.sampled_from(("pending", "failed", "expired")))
    def end_checkout(self, place: int, state: str) -> None:
        self.outside.end(place, PaymentState(state))

    @if_any("mobile_ones")
    @rule(place=PLACES, cents=st.sampled_from((100, 500)), by_phone=st.booleans())
    def pay_again(self, place: int, cents: int, *, by_phone: bool) -> None:
        self.outside.pay_again(place, cents, by_phone=by_phone)

    @if_any("can_be_sent_back")
    @rule(place=PLACES)
    def send_back(self, place: int) -> None:
        self.outside.send_back(place)

    @if_any("paid")
    @rule(place=PLACES, amount=PARTS, key=st.sampled_from("rs"))
    def give_back(self, place: int, amount: int, key: str) -> None:
        """Somebody asks for a part of a top-up back, perhaps again; refusals move nothing."""
        some = [top_up for top_up in self.top_ups() if top_up.payment_id]
        if not some:
            return
        top_up = pick(some, place)
        before = self.people.wallet(top_up.user_sid)
        amount *= SCALE[top_up.currency]
        try:
            self.try_to("refund", lambda: self.till.refund(top_up, amount, key))
        except ConflictError:
            assert self.people.wallet(top_up.user_sid) == before

    @if_any("given_there")
    @rule(place=PLACES, amount=PARTS)
    def give_back_there(self, place: int, amount: int) -> None:
        self.outside.give_back(place, amount)

    @if_any("refunds")
    @rule(place=PLACES, state=st.sampled_from((RefundState.SUCCEEDED, RefundState.FAILED)))
    def end_refund(self, place: int, state: RefundState) -> None:
        self.outside.end_refund(place, state)

    @if_any("cards")
    @rule(place=PLACES, amount=PARTS, takes=st.booleans())
    def dispute(self, place: int, amount: int, *, takes: bool) -> None:
        self.outside.dispute(place, amount, takes=takes)

    @if_any("disputes")
    @rule(place=PLACES, state=st.sampled_from(DisputeState))
    def go_on_disputing(self, place: int, state: DisputeState) -> None:
        self.outside.go_on_disputing(place, state)

    @rule(
        provider=st.sampled_from(NAMES),
        kind=st.sampled_from((MovementKind.FEE, MovementKind.PAYOUT, MovementKind.PAYOUT_FAILED)),
        amount=PARTS,
        currency=st.sampled_from(sorted(SCALE)),
    )
    def take(self, provider: str, kind: MovementKind, amount: int, currency: str) -> None:
        self.outside.take(provider, kind, amount, currency)

    @if_any("notices")
    @rule(place=PLACES, fate=st.sampled_from(("comes", "comes again", "is lost")))
    def notify(self, place: int, fate: str) -> None:
        """A notice arrives, in whatever order; it may come again later, or never."""
        hint = pick(self.outside.bag, place)
        if fate != "comes again":
            self.outside.bag.remove(hint)
        if fate != "is lost":
            delivery = a_delivery(hint.event, list(hint.references), self.till.now)
            self.act("notice", lambda: self.cashier.receive(hint.provider, delivery))

    @rule(
        fault=st.sampled_from(("is_down", "loses_answers", "none")),
        names=st.sampled_from((NAMES, NAMES[:1], NAMES[1:])),
    )
    def change_fault(self, fault: str, names: Sequence[str]) -> None:
        self.outside.be(fault, names)

    @rule(name=st.sampled_from(PERSONS), cents=st.sampled_from((100, 1_600)))
    def use(self, name: str, cents: int) -> None:
        """Somebody uses something, and is charged for it, whatever they have."""
        record = a_record(
            f"u{next(self.numbers)}", user_sid=name, amount_cents=cents, resource_kind="cpu"
        )
        self.people.accept([record])
        self.used[name] += cents * CENT
        self.act("charge", self.people.charge)

    @rule(
        word=st.sampled_from(("", "generic_decline", "authentication_required")),
        takes_time=st.booleans(),
    )
    def change_habits(self, word: str, *, takes_time: bool) -> None:
        """Cards are declined from now on, and money takes time, or not."""
        stripe = self.outside.stripe
        stripe.declines = word
        stripe.charges_are = PaymentState.PENDING if takes_time else PaymentState.PAID
        stripe.refunds_are = RefundState.PENDING if takes_time else RefundState.SUCCEEDED

    @if_any("waiting_charges")
    @rule(place=PLACES, state=st.sampled_from((PaymentState.PAID, PaymentState.FAILED)))
    def end_charge(self, place: int, state: PaymentState) -> None:
        self.outside.end_charge(place, state)

    @rule(minutes=st.sampled_from((0, 1, 12, 60, 22 * 60, 24 * 60)))
    def work(self, minutes: int) -> None:
        """Time passes, and what is due is done."""
        self.clock.advance(minutes=minutes)
        self.act("work", self.till.run)

    @rule(kind=st.sampled_from(("sweep", "replay", "watch")))
    def operate(self, kind: str) -> None:
        """What is overdue is asked about, old notices are replayed, low balances topped up."""
        acts: dict[str, Callable[[], object]] = {
            "sweep": self.cashier.sweep,
            "replay": partial(self.cashier.replay, START),
            "watch": self.cashier.watch,
        }
        self.act(kind, acts[kind])

    @rule(name=st.sampled_from(NAMES))
    def reconcile(self, name: str) -> None:
        """Somebody compares the books with a provider's records."""
        self.try_to("reconcile", lambda: Reconciler(self.cashier).reconcile(name, START))

    @rule(name=st.sampled_from(PERSONS), key=st.sampled_from("abc"))
    def come_back(self, name: str, key: str) -> None:
        """A payer's browser comes back and names its checkout."""
        for top_up in self.top_ups():
            if (top_up.user_sid, top_up.key) == (name, key) and top_up.reference is not None:
                self.act("come back", partial(self.cashier.ask_soon, top_up.id, top_up.reference))

    def top_ups(self) -> list[TopUp]:
        with self.database.reading() as tx:
            pages = [list_top_ups(tx, name, None, size=200) for name in PERSONS]
        return [top_up for page in pages for top_up in page.items]

    @invariant()
    def nobody_has_more_than_they_paid(self) -> None:
        paid = dict.fromkeys(PERSONS, 0)
        for one in self.outside.paid():
            paid[one.owner] += one.amount * one.worth
        for name in PERSONS:
            assert -self.used[name] <= self.people.wallet(name).net <= paid[name]

    @invariant()
    def what_is_wanted_has_a_job_or_is_due(self) -> None:
        for top_up in self.top_ups():
            assert top_up.answered <= top_up.wanted
            assert (top_up.question_due_at is not None) >= (top_up.answered < top_up.wanted)

    @override
    def teardown(self) -> None:
        """In the end, with the providers there, all is as it was done there."""
        if not hasattr(self, "used"):
            return
        self.outside.be("none", NAMES)
        for _ in range(3):
            self.clock.advance(days=1)
            self.till.run()
            self.cashier.sweep()
        self.people.charge()
        fill_gaps(self.cashier, START, is_untold=False)
        self.till.run()
        assert_reconciled(self.cashier, START)
        for name in PERSONS:
            assert_wallet(self.people.wallet(name), self.outside, self.used[name])
        with self.database.reading() as tx:
            assert_credited_once(tx, self.outside)
            assert_clearing(tx, self.outside)
        self.people.assert_books()
        expected = {
            "payment_taken_back",
            "payment_disputed",
            "notice_unmatched",
            "automatic_top_ups",
        }
        if not all(one.is_right for one in self.outside.paid()):
            expected |= {"payment_mismatch"}
        assert [one for one in self.till.incidents() if one[0] not in expected] == []


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
