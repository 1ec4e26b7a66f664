"""Where payments meet their providers: written down first, asked outside of any transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from hero_onboarding.database import Database
from hero_onboarding.kernel.clock import Clock
from hero_onboarding.payments import store
from hero_onboarding.payments.automatic import may_charge
from hero_onboarding.payments.cards import CardDesk, CardKeepingProvider, charge_of, claim_customer
from hero_onboarding.payments.dispute_ports import DisputingProvider, ProviderDispute
from hero_onboarding.payments.domain import TopUp, TopUpRequest, TopUpState
from hero_onboarding.payments.errors import (
    CheckoutRefusedError,
    NotRefundableError,
    PaymentsOffError,
    RefundRefusedError,
    TopUpNotFoundError,
    WrongTopUpError,
)
from hero_onboarding.payments.further import settle_further
from hero_onboarding.payments.known import find_known
from hero_onboarding.payments.notices import (
    Kept,
    Replayed,
    drop_bodies,
    keep_notices,
    match_notice,
    replay_notices,
)
from hero_onboarding.payments.ports import (
    SAVED_CARD,
    Delivery,
    OpenedCheckout,
    PaymentProvider,
    PaymentState,
    ProviderPayment,
    ProviderRefund,
    RefundingProvider,
)
from hero_onboarding.payments.questions import want
from hero_onboarding.payments.refunding import (
    ask_refund,
    record_refund,
    record_refund_refused,
)
from hero_onboarding.payments.refunds import Refund, RefundRequest, reversals_of
from hero_onboarding.payments.returns import Returns
from hero_onboarding.payments.service import (
    ask_top_up,
    find_asked,
    record_opened,
    record_refused,
    settle,
)
from hero_onboarding.payments.watching import watch_balances

OVERDUE: Final = timedelta(hours=1)
"""A question that is late for so long lost its job: each attempt failed or ended its worker."""

_AGAIN_SOON: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Cashier:
    """Takes payments through the providers that are set.

    Attributes:
        providers: By name; those whose settings are not set are absent.
        site: The site's origin, to which payers come back.
    """

    database: Database
    clock: Clock
    providers: Mapping[str, PaymentProvider]
    site: str

    def open_top_up(self, request: TopUpRequest) -> tuple[TopUp, bool]:
        """Write a top-up down, then open its checkout; say whether it is new.

        A repeat gives the same top-up, and opens the checkout if that is still to be done.

        Raises:
            PaymentsOffError: If the provider is not set here.
            ProviderAnswerError: If its answer makes no sense; a job finds out what happened.
            ProviderUnavailableError: If it did not answer; a job finds out what happened.
            TopUpKeyReusedError: If the key was used before for other content.
            WalletNotFoundError: If there is no such user.
            WrongTopUpError: If it can't be.
        """
        request.require_sound()
        provider = self._provider(request.provider)
        customer = self._customer_for(provider, request) if request.saves_card else None
        is_live = provider.is_live
        with self.database.transaction() as tx:
            asked = ask_top_up(
                tx, request, is_live=is_live, now=self.clock.now(), customer=customer
            )
        top_up, is_new = asked
        now = self.clock.now()
        if top_up.state is TopUpState.OPEN and top_up.may_resend(now):
            top_up = self._open(provider, top_up)
        return top_up, is_new

    @property
    def cards(self) -> CardDesk:
        """Where saved cards meet their providers."""
        return CardDesk(self.database, self.clock, self.providers)

    def ask(self, top_up_id: UUID, question: int, *, is_thorough: bool = False) -> None:
        """Ask the provider about a top-up, unless the question is answered; the work of a job.

        Where no answer to the order came, or to that of a refund, it is sent again under its key
        while that is good, and searched for afterwards. Where the provider is not set any more,
        the question stays open.

        Args:
            top_up_id: About which top-up.
            question: The number of the question.
            is_thorough: Whether to ask for refunds and disputes of which nothing was told.

        Raises:
            ProviderAnswerError: If its answer makes no sense.
            ProviderUnavailableError: If it did not answer.
        """
        with self.database.reading() as tx:
            known = find_known(tx, top_up_id)
        if known is None or known.top_up.answered >= question:
            return
        top_up = known.top_up
        provider = self.providers.get(top_up.provider)
        if provider is None:
            return
        if self._is_to_be_sent(top_up):
            top_up = self._open(provider, top_up)
            if top_up.state is not TopUpState.OPEN:
                return
        if isinstance(provider, RefundingProvider):
            self._resend_refunds(provider, top_up, known.refunds)
        payment = provider.fetch_payment(top_up.question)
        refunds = _fetch_refunds(provider, payment, is_needed=is_thorough or known.went_back)
        disputes = _fetch_disputes(provider, payment, is_needed=is_thorough or known.is_disputed)
        returns = Returns(refunds, disputes)
        with self.database.transaction() as tx:
            settle(tx, top_up_id, payment, top_up.wanted, self.clock.now(), returns)
            if payment is not None and payment.others:
                settle_further(tx, top_up, payment.others, self.clock.now())

    def ask_now(self, top_up_id: UUID) -> None:
        """Ask the provider all about a top-up that is there, whatever was answered before.

        Raises:
            ProviderAnswerError: If its answer makes no sense; a job asks again.
            ProviderUnavailableError: If it did not answer; a job asks again.
        """
        with self.database.transaction() as tx:
            question = want(tx, top_up_id, self.clock.now())
        self.ask(top_up_id, question, is_thorough=True)

    def refund(self, request: RefundRequest, owner: str | None = None) -> tuple[Refund, bool]:
        """Take a refund from the wallet, then have the provider pay it; say whether it is new.

        A repeat gives the same refund, and opens it at the provider if that is still to be done.

        Args:
            request: What of which top-up.
            owner: Whose top-up it has to be; None for anybody's.

        Raises:
            BalanceTooLowError: If less is available.
            NotRefundableError: If nothing of this top-up can be given back.
            PaymentsOffError: If the provider is not set here.
            ProviderAnswerError: If its answer makes no sense; a job finds out what happened.
            ProviderUnavailableError: If it did not answer; a job finds out what happened.
            RefundKeyReusedError: If the key was used before for other content.
            RefundTooLargeError: If less is left of the payment.
            TopUpNotFoundError: If there is no such top-up.
            WrongRefundError: If it can't be.
        """
        request.require_sound()
        with self.database.reading() as tx:
            top_up = store.find_top_up(tx, request.top_up_id)
        if top_up is None or owner not in {None, top_up.user_sid}:
            raise TopUpNotFoundError(str(request.top_up_id))
        provider = self._provider(top_up.provider)
        if not isinstance(provider, RefundingProvider):
            raise NotRefundableError(f"{provider.name} gives nothing back")
        with self.database.transaction() as tx:
            top_up = store.lock_top_up(tx, request.top_up_id)
            refund, is_new = ask_refund(tx, top_up, request, self.clock.now())
        if refund.may_resend(self.clock.now()):
            refund = self._open_refund(provider, top_up, refund)
        return refund, is_new

    def ask_soon(self, top_up_id: UUID, reference: str) -> None:
        """Have the provider asked at once, when its payer comes back and names its checkout.

        What a browser says decides nothing, and repeating it costs no second question.
        """
        now = self.clock.now()
        with self.database.transaction() as tx:
            top_up = store.lock_top_up(tx, top_up_id)
            due_at = top_up.question_due_at
            is_late = due_at is None or due_at > now + _AGAIN_SOON
            if top_up.state.is_waiting and top_up.reference == reference and is_late:
                want(tx, top_up_id, now)

    def receive(self, provider_name: str, delivery: Delivery) -> bool:
        """Take a notice: check it, keep it, and answer; return whether it was kept as new.

        Raises:
            ForgedNoticeError: If it is not authentic; nothing was stored.
            MalformedNoticeError: If it can't be read; nothing was stored.
            PaymentsOffError: If the provider is not set here, or nothing signs its notices.
        """
        found = self.read(provider_name, delivery)
        return found is not None and self.keep([found])[0]

    def read(self, provider_name: str, delivery: Delivery) -> Kept | None:
        """Check that a notice is authentic; None for one that is of no concern. Stores nothing.

        Raises:
            ForgedNoticeError: If it is not authentic.
            MalformedNoticeError: If it can't be read.
            PaymentsOffError: If the provider is not set here, or nothing signs its notices.
        """
        notice = self._provider(provider_name).read_notice(delivery)
        if notice is None:
            return None
        return Kept(provider_name, notice, delivery.body, delivery.received_at)

    def keep(self, some: Sequence[Kept]) -> Sequence[bool]:
        """Keep notices in one transaction; return which were new."""
        with self.database.transaction() as tx:
            return keep_notices(tx, some)

    def match(self, number: int) -> None:
        """Look again for the top-up of a notice; the work of a job."""
        with self.database.transaction() as tx:
            match_notice(tx, number, self.clock.now())

    def replay(self, since: datetime) -> Replayed:
        """Look at all notices since an instant as if they came now; repeating is safe."""
        total, unmatched, last = 0, 0, None
        while True:
            with self.database.transaction() as tx:
                some = replay_notices(tx, since, last, self.clock.now())
            total, unmatched = total + some.notices, unmatched + some.unmatched
            if some.last is None:
                return Replayed(total, unmatched, last)
            last = some.last

    def watch(self) -> None:
        """Top up who agreed to it and has little, and tell who wants to be told."""
        watch_balances(self.database, self.clock, self.providers)

    def sweep(self) -> int:
        """Ask again about what is overdue and drop old bodies; return how many rows changed."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            overdue = store.list_overdue(tx, now - OVERDUE)
            for top_up_id in overdue:
                want(tx, top_up_id, now)
            return len(overdue) + drop_bodies(tx, now)

    def _provider(self, name: str) -> PaymentProvider:
        provider = self.providers.get(name)
        if provider is None:
            raise PaymentsOffError(name)
        return provider

    def _customer_for(self, provider: PaymentProvider, request: TopUpRequest) -> str:
        """Return the provider's name for a user who wants a card saved; it is asked once."""
        if not isinstance(provider, CardKeepingProvider):
            raise WrongTopUpError(f"{provider.name} saves no cards; leave saves_card out")
        with self.database.transaction() as tx:
            find_asked(tx, request)
            customer = claim_customer(tx, request.user_sid, provider.name, self.clock.now())
        return self.cards.name_of(provider, customer)

    def _open(self, provider: PaymentProvider, top_up: TopUp) -> TopUp:
        """Open the checkout of a top-up and write down what came of it."""
        try:
            opened = self._send(provider, top_up)
        except CheckoutRefusedError as refusal:
            with self.database.transaction() as tx:
                return record_refused(tx, top_up.id, refusal.reason, self.clock.now())
        with self.database.transaction() as tx:
            return record_opened(tx, top_up.id, opened, self.clock.now())

    def _send(self, provider: PaymentProvider, top_up: TopUp) -> OpenedCheckout:
        """Send the order of a top-up: a checkout to pay at, or the charge of a saved card."""
        if top_up.method != SAVED_CARD:
            return provider.open_checkout(top_up.order(self.site))
        if not isinstance(provider, CardKeepingProvider):
            raise CheckoutRefusedError("no_saved_cards")
        return provider.charge_card(charge_of(top_up))

    def _is_to_be_sent(self, top_up: TopUp) -> bool:
        """Whether an order without an answer is sent: not what a card's holder takes back."""
        now = self.clock.now()
        if top_up.state is not TopUpState.OPEN or not top_up.may_resend(now):
            return False
        if top_up.method != SAVED_CARD:
            return True
        with self.database.reading() as tx:
            return may_charge(tx, top_up, now)

    def _open_refund(self, provider: RefundingProvider, top_up: TopUp, refund: Refund) -> Refund:
        """Open a refund at the provider and write down what came of it."""
        try:
            found = provider.open_refund(refund.order(top_up))
        except RefundRefusedError as refusal:
            with self.database.transaction() as tx:
                return record_refund_refused(tx, refund, refusal.reason, self.clock.now())
        with self.database.transaction() as tx:
            return record_refund(tx, refund, found, self.clock.now())

    def _resend_refunds(
        self, provider: RefundingProvider, top_up: TopUp, refunds: Sequence[Refund]
    ) -> None:
        """Open the refunds to whose orders no answer came."""
        for refund in refunds:
            if refund.may_resend(self.clock.now()):
                self._open_refund(provider, top_up, refund)


def _fetch_refunds(
    provider: PaymentProvider, payment: ProviderPayment | None, *, is_needed: bool
) -> Sequence[ProviderRefund]:
    """Ask for the refunds of a payment if there may be any.

    A provider that takes no orders for refunds may still tell that it sent a payment back.
    """
    if not isinstance(provider, RefundingProvider):
        return () if payment is None else reversals_of(payment)
    if payment is None or payment.payment_id is None or not payment.state.has_come_in:
        return ()
    is_back = payment.refunded or payment.state is PaymentState.REFUNDED
    return provider.fetch_refunds(payment.payment_id) if is_back or is_needed else ()


def _fetch_disputes(
    provider: PaymentProvider, payment: ProviderPayment | None, *, is_needed: bool
) -> Sequence[ProviderDispute] | None:
    """Ask for the disputes of a payment if there may be any; None where nobody can tell."""
    if not isinstance(provider, DisputingProvider):
        return None
    if payment is None or payment.payment_id is None or not payment.state.has_come_in:
        return ()
    is_told = payment.is_disputed or payment.state is PaymentState.DISPUTED
    return provider.fetch_disputes(payment.payment_id) if is_told or is_needed else ()


def find_own_top_up(database: Database, top_up_id: UUID, user_sid: str) -> TopUp | None:
    """Return a user's own top-up, None when it is another's or nobody's."""
    with database.reading() as tx:
        top_up = store.find_top_up(tx, top_up_id)
    return top_up if top_up is not None and top_up.user_sid == user_sid else None
