"""Top-ups as values, and the rules that decide what becomes of them."""

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Final
from uuid import UUID

import msgspec

from hero_onboarding.kernel.money import USD, micros_from_cents
from hero_onboarding.payments.errors import WrongTopUpError
from hero_onboarding.payments.phones import is_phone
from hero_onboarding.payments.ports import (
    CheckoutOrder,
    Hundredths,
    PaymentQuestion,
    ProviderPayment,
)
from hero_onboarding.payments.ways import Way, require_amount_of, way_of

KEY_CHARACTERS_MAX: Final = 200

RESEND_LIFE: Final = timedelta(hours=22)
"""How long an order without an answer is sent again under its key, which is good for a day.

A checkout needs half an hour of life left when it is opened; later one can only search.
"""

_REFERENCE_CHARACTERS: Final = 18

MISMATCH: Final = "mismatch"
"""Why a top-up stays pending whose money came in and waits aside for a person."""

FIRST_QUESTION: Final = timedelta(minutes=1)
FIRST_PUSH_QUESTION: Final = timedelta(seconds=5)
_DAILY: Final = timedelta(days=1)
_STEPS: Final = (
    (timedelta(minutes=10), FIRST_QUESTION),
    (timedelta(hours=2), timedelta(minutes=10)),
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta(days=30), _DAILY),
)
"""Up to which age of what is not settled the provider is asked again how soon."""

_PUSH_STEPS: Final = (
    (timedelta(seconds=20), FIRST_PUSH_QUESTION),
    (timedelta(minutes=1), timedelta(seconds=10)),
    (timedelta(minutes=2), timedelta(seconds=30)),
    (timedelta(minutes=5), timedelta(minutes=1)),
    *_STEPS[1:],
)
"""The same while a phone rings: the payer looks at the page."""

_WATCHED: Final = frozenset({"clickpesa"})
_WATCHED_FOR: Final = timedelta(days=7)
"""Whose credited payments are asked about daily for how long: no notice tells of reversals."""


class TopUpState(StrEnum):
    """What became of a top-up, in the words of the contract."""

    OPEN = "open"
    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    REFUNDED = "refunded"
    DISPUTED = "disputed"

    @property
    def is_waiting(self) -> bool:
        """Whether the provider is asked again by itself."""
        return self in {TopUpState.OPEN, TopUpState.PENDING}


_RANK: Final = {
    TopUpState.OPEN: 0,
    TopUpState.PENDING: 1,
    TopUpState.FAILED: 2,
    TopUpState.EXPIRED: 2,
}
"""Before money comes in, states only move up: an answer that was overtaken takes nothing back."""


@dataclass(frozen=True, slots=True)
class TopUpRequest:
    """A payment into a wallet that somebody wants to make; ``amount`` is in hundredths."""

    user_sid: str
    provider: str
    method: str
    amount: int
    currency: str
    key: str
    phone: str | None = field(default=None, repr=False)
    saves_card: bool = False

    @property
    def way(self) -> Way:
        """Return the way it is to be paid.

        Raises:
            WrongTopUpError: If there is none.
        """
        return way_of(self.provider, self.method, self.currency)

    def require_sound(self) -> None:
        """Check everything that can be checked without asking anybody.

        Raises:
            WrongTopUpError: Saying what can't be.
        """
        assert type(self.amount) is int, self
        way = self.way
        require_amount_of(way, self.amount, self.currency)
        if not way.has_phone and self.phone is not None:
            raise WrongTopUpError(f"phone can't be given with {self.method}; leave it out")
        if way.has_phone and not is_phone(self.phone or ""):
            raise WrongTopUpError(f"phone is needed with {self.method}: whom to ask")
        if not 1 <= len(self.key) <= KEY_CHARACTERS_MAX or not self.key.isprintable():
            detail = f"idempotency_key must have 1 to {KEY_CHARACTERS_MAX} printable characters"
            raise WrongTopUpError(detail)

    @property
    def digest(self) -> bytes:
        """Digest the content, so that a repeat with other content is noticed."""
        content: list[object] = [self.provider, self.method, self.amount, self.currency]
        if self.phone is not None:
            content.append(self.phone)
        if self.saves_card:
            content.append("saves_card")
        return hashlib.blake2b(msgspec.json.encode(content), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class TopUp:
    """A top-up as it stands.

    Attributes:
        credit: What its payment is worth by what was shown before paying, in micro-dollars.
        credited: What the wallet got for it so far, in micro-dollars.
        is_live: Whether it was asked for with keys that move real money.
        reference: What the provider calls its checkout, None before the provider answered.
        payment_id: The provider's payment that was credited, None before.
        phone: Whom the provider asks, while it does; 255 and nine digits.
        control_number: What the payer types at their bank or operator.
        wanted: How many questions to the provider were asked for.
        answered: The last of them that is answered; smaller ones need not be asked any more.
        customer: The provider's name for the payer, where a card is saved or charged.
        card: The provider's name for the saved card that is charged; None for all other ways.
        held_amount: What the provider holds of its payment, in hundredths of ``held_currency``;
            both are None unless it exchanged what was asked for.
    """

    number: int
    id: UUID
    user_sid: str
    key: str
    provider: str
    method: str
    amount: int
    currency: str
    credit: int
    credited: int
    is_live: bool
    state: TopUpState
    failure: str
    reference: str | None
    redirect_url: str | None
    payment_id: str | None
    wanted: int
    answered: int
    asked_at: datetime
    expires_at: datetime
    changed_at: datetime
    question_due_at: datetime | None
    phone: str | None = field(default=None, repr=False)
    control_number: str | None = None
    customer: str | None = None
    card: str | None = None
    held_amount: int | None = None
    held_currency: str | None = None

    @property
    def held(self) -> Hundredths | None:
        """What the provider holds of its payment where it exchanged that; None where it did not."""
        if self.held_amount is None or self.held_currency is None:
            return None
        return Hundredths(self.held_amount, self.held_currency)

    @property
    def saves_card(self) -> bool:
        """Whether the payer agreed that the card is kept."""
        return self.customer is not None and self.card is None

    def order(self, site: str) -> CheckoutOrder:
        """Write the order that opens its checkout; the same each time."""
        return CheckoutOrder(
            top_up_id=self.id,
            user_sid=self.user_sid,
            method=self.method,
            amount=self.amount,
            currency=self.currency,
            key=f"topup-{self.id}-session-1",
            expires_at=self.expires_at,
            return_url=f"{site}/top-ups/{self.id}",
            order_reference=self.order_reference,
            phone=self.phone,
            customer=self.customer,
            saves_card=self.saves_card,
        )

    @property
    def order_reference(self) -> str:
        """Name the order towards providers that have us name it: the same for ever."""
        return order_reference_of(self.id)

    @property
    def question(self) -> PaymentQuestion:
        """Ask for its payment."""
        return PaymentQuestion(
            top_up_id=self.id,
            reference=self.reference,
            asked_at=self.asked_at,
            expires_at=self.expires_at,
            order_reference=self.order_reference,
            method=self.method,
            amount=self.amount,
            currency=self.currency,
            payment_id=self.payment_id,
            customer=self.customer,
        )

    def may_resend(self, now: datetime) -> bool:
        """Whether an order without an answer is sent again rather than searched for."""
        return self.reference is None and now < self.asked_at + RESEND_LIFE

    def may_go_on(self, now: datetime) -> bool:
        """Whether the payer can still be sent to the provider."""
        return (
            self.state is TopUpState.OPEN
            and self.redirect_url is not None
            and now < self.expires_at
        )


class Step(Enum):
    """What to do about an answer of a provider."""

    NOTHING = "nothing"
    BECOME = "become"
    CREDIT = "credit"
    SUSPEND = "suspend"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, the state to take on, and what differs from what was asked."""

    step: Step
    state: TopUpState
    wrong: tuple[str, ...] = ()


def order_reference_of_key(user_sid: str, key: str) -> str:
    """Make a name for an order that is only asked about, before there is a top-up."""
    return _reference_of(f"{user_sid}\x1f{key}".encode())


def order_reference_of(top_up_id: UUID) -> str:
    """Make the name of a top-up's order: ``TU`` and 90 bits in letters and digits."""
    return _reference_of(top_up_id.bytes)


def _reference_of(named: bytes) -> str:
    digest = hashlib.blake2b(named, digest_size=15).digest()
    return "TU" + base64.b32encode(digest).decode()[:_REFERENCE_CHARACTERS]


def units_of(amount: int, currency: str) -> int:
    """Turn hundredths into the ledger's units of a currency: USD counts finer everywhere."""
    return micros_from_cents(amount) if currency == USD.code else amount


def decide(top_up: TopUp, payment: ProviderPayment | None, now: datetime) -> Decision:
    """Decide what an answer of the provider means for a top-up.

    Amount, currency, mode and our own id must be what was asked for: otherwise nothing is
    credited to anybody, and money that came in waits aside for a person. What is paid in the
    other mode is no money of this server's books.
    """
    if payment is None:
        return _without_payment(top_up, now)
    wrong = _find_wrong(top_up, payment)
    if wrong:
        is_money = payment.state.has_come_in and "mode" not in wrong
        step = Step.SUSPEND if is_money else Step.REPORT
        return Decision(step, top_up.state, wrong)
    if payment.state.has_come_in:
        return _come_in(top_up, payment)
    state = TopUpState(payment.state)
    is_news = top_up.payment_id is None and _RANK[state] > _RANK[top_up.state]
    return Decision(Step.BECOME if is_news else Step.NOTHING, state)


def next_question_at(
    since: datetime | None, now: datetime, *, is_push: bool = False
) -> datetime | None:
    """Return when the provider is asked again about what waits since then; None for never."""
    if since is None:
        return None
    age = now - since
    steps = _PUSH_STEPS if is_push else _STEPS
    return next((now + wait for until, wait in steps if age < until), None)


def watched_until(top_up: TopUp) -> datetime | None:
    """Return until when a credited payment is asked about, daily; None for not at all."""
    is_watched = top_up.provider in _WATCHED and top_up.state is TopUpState.PAID
    return top_up.changed_at + _WATCHED_FOR if is_watched else None


def next_watch_at(top_up: TopUp, now: datetime) -> datetime | None:
    """Return when the provider is asked again about a credited payment; None for never."""
    until = watched_until(top_up)
    return now + _DAILY if until is not None and now < until else None


def _without_payment(top_up: TopUp, now: datetime) -> Decision:
    """Decide about a top-up of which the provider knows nothing: nobody can pay it any more."""
    is_over = not top_up.may_resend(now) and top_up.state.is_waiting
    if top_up.reference is None and is_over:
        return Decision(Step.BECOME, TopUpState.EXPIRED)
    if top_up.reference is not None:
        return Decision(Step.REPORT, top_up.state, ("reference",))
    return Decision(Step.NOTHING, top_up.state)


def _find_wrong(top_up: TopUp, payment: ProviderPayment) -> tuple[str, ...]:
    """Name what differs from what was asked for."""
    pairs = {
        "amount": (payment.amount, top_up.amount),
        "currency": (payment.currency, top_up.currency),
        "top_up_id": (payment.top_up_id, str(top_up.id)),
        "mode": (payment.is_live, top_up.is_live),
    }
    wrong = [name for name, (found, asked) in pairs.items() if found != asked]
    if payment.state.has_come_in and top_up.payment_id not in {None, payment.payment_id}:
        wrong.append("payment_id")
    elif payment.state.has_come_in and top_up.payment_id and payment.held != top_up.held:
        wrong.append("held")
    return tuple(wrong)


def _come_in(top_up: TopUp, payment: ProviderPayment) -> Decision:
    """Decide about money that came in and is what was asked for."""
    state = TopUpState(payment.state)
    if top_up.payment_id is None:
        return Decision(Step.CREDIT, state)
    return Decision(Step.NOTHING if state is top_up.state else Step.BECOME, state)
