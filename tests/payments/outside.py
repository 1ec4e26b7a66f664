"""Two providers, and what payers, banks and operators do there.

It knows no SQL and nothing of this product's books: what wallets must be and what providers hold
is counted from what happened there, not from the lines and lists that the providers show.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVar

from hero_onboarding.payments import QUOTE_LIFE, DisputeState, way_of
from hero_onboarding.payments.ports import (
    CheckoutOrder,
    Hundredths,
    PaymentState,
    ProviderPayment,
    RefundState,
)
from hero_onboarding.payments.reconciling import MovementKind
from tests.fakes.account import FEE, SHILLINGS, AccountedProvider, dollars
from tests.fakes.cards import FakeCardProvider
from tests.fakes.clock import FakeClock
from tests.fakes.mobile_account import AccountedMobile

T = TypeVar("T")
MARGIN: Final = 240
RATES: Final = {"2441.40625": 4, "1953.125": 5}
"""Rates, and what a hundredth of a shilling is worth in micro-dollars by them, margin included."""

CENT: Final = 10_000
SCALE: Final = {"USD": 1, "TZS": SHILLINGS}
"""How many hundredths of a currency do for one US cent."""

_RANK: Final = {state: rank for rank, state in enumerate(RefundState)}


def pick(some: Sequence[T], place: int) -> T:
    return some[place % len(some)]


def exchange(provider: str, amount: int, currency: str) -> Hundredths | None:
    """Say what mobile money holds of dollars that a phone paid."""
    is_exchanged = (provider, currency) == ("clickpesa", "USD")
    return Hundredths(amount * SCALE["TZS"] - 7, "TZS") if is_exchanged else None


@dataclass(frozen=True)
class Paid:
    """A payment that came in.

    ``worth`` is micro-dollars for a hundredth, ``is_right`` as asked, ``held`` what the provider
    holds of one that it exchanged.
    """

    provider: str
    owner: str
    reference: str
    payment_id: str
    amount: int
    currency: str
    worth: int
    is_right: bool = True
    held: Hundredths | None = None

    @property
    def received(self) -> Hundredths:
        return self.held or Hundredths(self.amount, self.currency)


def pick_suspended(some: Sequence[Paid], place: int) -> Paid:
    """Pick a payment, every second time one that waits in suspense, where any does."""
    suspended = [one for one in some if not one.is_right]
    return pick(suspended if suspended and place % 2 else some, place // 2)


@dataclass(frozen=True)
class Hint:
    """A notice that a provider sends."""

    provider: str
    event: str
    references: tuple[str, ...]


@dataclass
class Held:
    """What a provider did with one currency, in hundredths."""

    received: int = 0
    refunded: int = 0
    lost: int = 0
    fees: int = 0
    paid_out: int = 0

    @property
    def left(self) -> int:
        return self.received - self.refunded - self.lost - self.fees - self.paid_out


@dataclass
class Outside:
    """Stripe, which gives back and is disputed, and mobile money, which is paid several times."""

    clock: FakeClock
    stripe: FakeCardProvider = field(default_factory=FakeCardProvider)
    mobile: AccountedMobile = field(default_factory=AccountedMobile)
    rates: list[tuple[datetime, int]] = field(default_factory=list)
    known: list[Paid] = field(default_factory=list)
    given: set[str] = field(default_factory=set)
    bag: list[Hint] = field(default_factory=list)

    @property
    def providers(self) -> dict[str, AccountedProvider]:
        return {"stripe": self.stripe, "clickpesa": self.mobile.behind}

    @property
    def is_faulty(self) -> bool:
        return any(one.is_down or one.loses_answers for one in self.providers.values())

    def be(self, fault: str, names: Sequence[str]) -> None:
        for name in names:
            self.providers[name].is_down = fault == "is_down"
            self.providers[name].loses_answers = fault == "loses_answers"

    def tell(self, provider: str, about: str, *references: str) -> None:
        """Send a notice, which may never come."""
        hint = Hint(provider, f"{references[0]} {about}", references)
        self.bag.append(hint)
        if provider == "stripe":
            self.stripe.told.append((hint.event, references, self.clock.now(), False))

    def notices(self) -> list[Hint]:
        return self.bag

    def open_ones(self) -> list[tuple[str, str]]:
        """Say which checkouts nobody has paid and nothing has ended."""
        return [
            (name, reference)
            for name, provider in self.providers.items()
            for reference in sorted(provider.orders)
            if provider.payments[reference].state in {PaymentState.OPEN, PaymentState.PENDING}
        ]

    def pay(self, place: int, off: int, *, by_phone: bool = False) -> None:
        """A payer pays; perhaps not what was asked for, perhaps what the provider exchanges."""
        name, reference = pick(self.open_ones(), place)
        provider, now = self.providers[name], self.clock.now()
        order = provider.orders[reference]
        amount = order.amount + off
        held = exchange(name, amount, order.currency) if by_phone else None
        paid = provider.pay(reference, amount=amount, paid_at=now, held=held)
        if by_phone and (name, order.currency) == ("stripe", "TZS"):
            self.stripe.exchanged.add(str(paid.payment_id))
        self._know(name, paid, order, is_right=not off)
        self.tell(name, "completed", reference)
        self.tell(name, "succeeded", str(paid.payment_id))

    def end(self, place: int, state: PaymentState) -> None:
        """A checkout ends without money, or its money takes time."""
        name, reference = pick(self.open_ones(), place)
        self.providers[name].become(reference, state)
        self.tell(name, state, reference)

    def mobile_ones(self) -> list[Paid]:
        return [one for one in self.known if one.provider == "clickpesa"]

    def pay_again(self, place: int, amount: int, *, by_phone: bool) -> None:
        """A payer pays a link once more."""
        first = pick(self.mobile_ones(), place)
        order = self.mobile.behind.orders[first.reference]
        payment_id = f"{first.payment_id}+{len(self.known)}"
        amount *= SCALE[first.currency]
        held = exchange("clickpesa", amount, first.currency) if by_phone else None
        self.mobile.pay_again(first.reference, payment_id, self.clock.now(), amount, held)
        self._know("clickpesa", self.mobile.further[first.reference][-1], order, is_right=True)
        self.tell("clickpesa", payment_id, first.reference)

    def can_be_sent_back(self) -> list[Paid]:
        return [one for one in self.mobile_ones() if not self._sent_back(one)]

    def send_back(self, place: int) -> None:
        """Mobile money goes back to its payer; nobody tells."""
        one = pick_suspended(self.can_be_sent_back(), place)
        is_first = self.mobile.behind.payments[one.reference].payment_id == one.payment_id
        self.mobile.send_back(one.reference, None if is_first else one.payment_id)

    def cards(self) -> list[Paid]:
        """All payments at Stripe that are what was asked for."""
        return [one for one in self.paid() if one.provider == "stripe" and one.is_right]

    def given_there(self) -> list[Paid]:
        """All payments at Stripe, those that wait in suspense too."""
        return [one for one in self.paid() if one.provider == "stripe"]

    def give_back(self, place: int, amount: int) -> None:
        """An operator gives a part back at the provider's own page."""
        one = pick_suspended(self.given_there(), place)
        amount *= SCALE[one.currency]
        if amount > one.amount - self.stripe.payments[one.reference].refunded:
            return
        refund = self.stripe.give_back(one.payment_id, amount)
        self.given.add(refund)
        self.tell("stripe", refund, one.payment_id)

    def refunds(self) -> list[str]:
        return self.refunds_before(RefundState.FAILED)

    def refunds_before(self, state: RefundState) -> list[str]:
        return [r for r, one in self.stripe.refunds.items() if _RANK[one.state] < _RANK[state]]

    def end_refund(self, place: int, state: RefundState) -> None:
        """A refund comes to its end, or fails after it succeeded."""
        some = self.refunds_before(state)
        if some:
            refund = pick(some, place)
            self.stripe.end_refund(refund, state)
            self.tell("stripe", f"{refund} {state}", self.stripe.refunded_payments[refund])

    def dispute(self, place: int, amount: int, *, takes: bool) -> None:
        """A payer's bank asks for a part of a payment, and may take it at once."""
        one = pick(self.cards(), place)
        amount *= SCALE[one.currency]
        moved = (-amount,) if takes else ()
        dispute = self.stripe.dispute(one.payment_id, *moved, amount=amount)
        self.tell("stripe", dispute, one.payment_id)

    def disputes(self) -> list[str]:
        """Say which disputes can go on."""
        disputes = self.stripe.disputes.items()
        return [name for name, one in disputes if one.state is not DisputeState.WON]

    def go_on_disputing(self, place: int, state: DisputeState) -> None:
        """A dispute goes on: what is open may be taken, what is won is given back."""
        reference = pick(self.disputes(), place)
        held = self.stripe.disputes[reference]
        moved = {DisputeState.OPEN: -held.amount, DisputeState.LOST: -held.amount}.get(state, 0)
        if held.movements:
            state = state if state is not DisputeState.CLOSED else DisputeState.LOST
            moved = held.amount if state is DisputeState.WON else 0
        self.stripe.move_dispute(reference, state, *((moved,) if moved else ()))
        payment_id = self.stripe.disputed_payments[reference]
        self.tell("stripe", f"{reference} {state} {len(self.bag)}", payment_id)

    def take(self, name: str, kind: MovementKind, amount: int, currency: str) -> None:
        """A provider takes a fee of its own, or moves money to our bank."""
        sign = 1 if kind is MovementKind.PAYOUT_FAILED else -1
        amount *= sign * SCALE[currency]
        provider = self.providers[name]
        provider.take(kind, amount, self.clock.now(), currency=currency)

    def paid(self) -> list[Paid]:
        """List all payments that came in, charges of saved cards last."""
        charged = [
            Paid("stripe", order.user_sid, reference, reference, order.amount, "USD", CENT)
            for order, reference in self.stripe.charges.values()
            if self.stripe.payments[reference].state.has_come_in
        ]
        return [*self.known, *charged]

    def waiting_charges(self) -> list[str]:
        payments = self.stripe.payments
        references = [reference for _, reference in self.stripe.charges.values()]
        return [one for one in references if payments[one].state is PaymentState.PENDING]

    def end_charge(self, place: int, state: PaymentState) -> None:
        """A charge of a saved card that took time is paid, or fails."""
        reference = pick(self.waiting_charges(), place)
        self.stripe.become(reference, state)
        self.tell("stripe", state, reference)

    def wallets(self) -> dict[str, Counter[str]]:
        """Say what everybody's net, debt and held must be for what happened, in micro-dollars."""
        wallets: dict[str, Counter[str]] = {}
        paid = {one.payment_id: one for one in self.paid() if one.is_right}
        for one in paid.values():
            wallet = wallets.setdefault(one.owner, Counter())
            wallet["net"] += one.amount * one.worth
            wallet["debt"] += one.worth * self._sent_back(one)
        for reference, refund in self.stripe.refunds.items():
            payment_id = self.stripe.refunded_payments[reference]
            if payment_id not in paid:
                continue
            one = paid[payment_id]
            is_ours, state = reference not in self.given, refund.state
            if is_ours and state is not RefundState.FAILED:
                wallets[one.owner]["net"] -= refund.amount * one.worth
            if not is_ours and state is RefundState.SUCCEEDED:
                wallets[one.owner]["debt"] += refund.amount * one.worth
        for reference, dispute in self.stripe.disputes.items():
            one = paid[self.stripe.disputed_payments[reference]]
            may_be_taken = dispute.state.is_against_us and not dispute.movements
            wallets[one.owner]["debt"] -= one.worth * sum(d.paid[0] for d in dispute.movements)
            wallets[one.owner]["held"] += one.worth * dispute.amount * may_be_taken
        return wallets

    def held(self) -> dict[tuple[str, str], Held]:
        """Say what each provider did with each currency."""
        found = {(name, currency): Held() for name in self.providers for currency in SCALE}
        for one in self.paid():
            received = self._settled(one.payment_id, one.received)
            held = found[one.provider, received.currency]
            held.received += received.amount
            held.fees += FEE
            held.refunded += received.amount if self._sent_back(one) else 0
        for reference, refund in self.stripe.refunds.items():
            payment_id = self.stripe.refunded_payments[reference]
            gone = self._settled(payment_id, Hundredths(refund.amount, refund.currency))
            is_gone = refund.state is RefundState.SUCCEEDED
            found["stripe", gone.currency].refunded += gone.amount * is_gone
        for dispute in self.stripe.disputes.values():
            for moved in dispute.movements:
                held = found["stripe", moved.currency]
                held.lost -= moved.amount
                held.fees += moved.fee
        for name, provider in self.providers.items():
            for line in provider.extra:
                held = found[name, line.currency]
                if line.kind is MovementKind.FEE:
                    held.fees -= line.amount
                else:
                    held.paid_out -= line.amount
        return found

    def _settled(self, payment_id: str, some: Hundredths) -> Hundredths:
        """Say what an amount of a payment is in the account: cents where Stripe exchanged it."""
        is_exchanged = payment_id in self.stripe.exchanged
        return Hundredths(dollars(some.amount), "USD") if is_exchanged else some

    def _know(
        self, name: str, payment: ProviderPayment, order: CheckoutOrder, *, is_right: bool
    ) -> None:
        self.known.append(
            Paid(
                provider=name,
                owner=order.user_sid,
                reference=payment.reference,
                payment_id=str(payment.payment_id),
                amount=payment.amount,
                currency=payment.currency,
                worth=self._worth(name, order),
                is_right=is_right,
                held=payment.held,
            )
        )

    def _worth(self, name: str, order: CheckoutOrder) -> int:
        """Say what a hundredth is worth that is paid now: by the quote while it holds."""
        if order.currency == "USD":
            return CENT
        asked_at = order.expires_at - way_of(name, order.method, order.currency).life
        now = self.clock.now()
        at = asked_at if now <= asked_at + QUOTE_LIFE else now
        return [worth for since, worth in self.rates if since <= at][-1]

    def _sent_back(self, one: Paid) -> int:
        """Say how much of a payment of mobile money went back."""
        if one.provider != "clickpesa":
            return 0
        some = (
            self.mobile.behind.payments[one.reference],
            *self.mobile.further.get(one.reference, ()),
        )
        return sum(p.refunded for p in some if p.payment_id == one.payment_id)
