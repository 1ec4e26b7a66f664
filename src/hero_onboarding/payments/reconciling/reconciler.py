"""Walk a provider's own records, repair what was missed, name what can't be explained.

Calls are made outside of any transaction, and each page is done in one of its own: a run that
ends half way leaves nothing half done, and the next one does it all again.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, TypeVar
from uuid import UUID

from hero_onboarding.payments.cashier import Cashier
from hero_onboarding.payments.errors import PaymentsOffError, ProviderAnswerError
from hero_onboarding.payments.line_store import keep_line, list_known
from hero_onboarding.payments.notices import find_named
from hero_onboarding.payments.pacing import COST_MAX
from hero_onboarding.payments.ports import (
    BudgetedProvider,
    PaymentProvider,
    RefundingProvider,
    RefundState,
)
from hero_onboarding.payments.reconciling.balances import compare_balances
from hero_onboarding.payments.reconciling.findings import (
    Balance,
    Oddity,
    Outcome,
    Report,
    Tally,
    odd_balance,
)
from hero_onboarding.payments.reconciling.ports import ListedPayment, ReconcilingProvider
from hero_onboarding.payments.reconciling.records import (
    PAYMENT,
    Record,
    odd_credit,
    record_of_line,
    record_of_payment,
    record_of_reversal,
)
from hero_onboarding.payments.reconciling.reporting import report_items
from hero_onboarding.payments.reconciling.store import (
    Booked,
    find_booked,
    find_failed_refunds,
    find_shown,
    list_credited,
    list_unsettled,
    list_waiting,
    sum_gone,
)
from hero_onboarding.payments.service import get_top_up
from hero_onboarding.payments.suspense import SUSPENDED
from hero_onboarding.payments.turns import Pause, ask_in_turn, await_turn, heeding, wait

LATE: Final = timedelta(days=2)
"""A payment that no line of the provider's account shows after so long is named."""

SKEW: Final = timedelta(minutes=10)
"""How far a provider's clock may be ahead."""

READING_TURNS: Final = 2
"""How many turns reading takes, of three calls each: lists, statements and balances."""

_PAGE: Final = 100
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Reconciles the providers of a cashier; ``pause`` waits for turns of those that are asked."""

    cashier: Cashier
    pause: Pause = wait

    @property
    def names(self) -> Sequence[str]:
        """Name the providers that are set and show their records."""
        providers = self.cashier.providers.items()
        return sorted(name for name, one in providers if isinstance(one, ReconcilingProvider))

    def reconcile(self, name: str, since: datetime, until: datetime | None = None) -> Report:
        """Compare a provider's records of an interval with the books; repeating is safe.

        Args:
            name: Which provider.
            since: Where the interval begins.
            until: Where it ends, at most now; None for now, and then its balance is compared too.

        Raises:
            PaymentsOffError: If the provider is not set here, or shows no records.
            ProviderAnswerError: If a list makes no sense.
            ProviderUnavailableError: If it did not answer; what was repaired stays repaired.
        """
        provider = self.cashier.providers.get(name)
        if provider is None or not isinstance(provider, ReconcilingProvider):
            raise PaymentsOffError(name)
        now = self.cashier.clock.now()
        ends = now + SKEW if until is None else min(until, now + SKEW)
        run = _Run(self.cashier, self.pause, provider, provider, since, ends)
        for _ in range(READING_TURNS):
            await_turn(self.cashier, name, COST_MAX, self.pause)
        with heeding(self.cashier, name):
            before = provider.fetch_balances() if until is None else None
            run.walk(is_last=until is None)
            balances = () if before is None else run.compare(before)
        report = Report(
            provider=name,
            since=since,
            until=now if until is None else until,
            matched=run.tally.count(Outcome.MATCHED),
            repaired=run.tally.count(Outcome.REPAIRED),
            items=list(run.tally.odd.values()),
            balances=balances,
        )
        with self.cashier.database.transaction() as tx:
            report_items(tx, report, self.cashier.clock.now())
        return report


@dataclass(frozen=True, slots=True)
class _Run:
    """One provider and interval while they are looked at."""

    cashier: Cashier
    pause: Pause
    provider: PaymentProvider
    records: ReconcilingProvider
    since: datetime
    until: datetime
    tally: Tally = field(default_factory=Tally)
    asked: set[UUID] = field(default_factory=set)

    @property
    def name(self) -> str:
        """Name the provider."""
        return self.provider.name

    def walk(self, *, is_last: bool) -> None:
        """Look at the provider's records first, then at what the books have beyond them."""
        for payments in _pages(self.records.list_payments(self.since, self.until)):
            self._look_for_odd_ones([one for one in payments if not one.state.has_come_in])
            come_in = [one for one in payments if one.state.has_come_in]
            self._look_for([record_of_payment(one) for one in come_in])
            self._look_for([record_of_reversal(one) for one in come_in if one.reversal])
        for lines in _pages(self.records.list_movements(self.since, self.until)):
            self._look_for([record_of_line(line) for line in lines])
        self._ask_about_waiting(is_last=is_last)
        self._look_for_credits_there()

    def compare(self, before: Mapping[str, int]) -> Sequence[Balance]:
        """Compare the balances, unless money moved while the records were read."""
        after = self.records.fetch_balances()
        if dict(before) != dict(after):
            return ()
        with self.cashier.database.reading() as tx:
            balances = compare_balances(tx, self.name, after)
        for one in balances:
            if one.difference:
                self.tally.name(odd_balance(one))
        return balances

    def _look_for_odd_ones(self, payments: Sequence[ListedPayment]) -> None:
        """Ask for what is listed as if it had not come in, and is in the books.

        It may have come in since the list was read.
        """
        for booked in self._find([record_of_payment(one) for one in payments]).values():
            self._ask_for(booked)

    def _look_for(self, records: Sequence[Record]) -> None:
        """Look for a page of records in the books, ask about what is missing, keep the lines."""
        before = self._find(records)
        missing = [one for one in records if one.key is not None and one.key not in before]
        known = {one.reference for one in missing if self._ask_about(one)}
        after = self._find(missing)
        failed = self._find_failed([one for one in missing if one.key not in after])
        settled = self._find_settled(records)
        for record in records:
            is_missing = record.key not in before and record.key not in after
            if is_missing and (record.key in failed or record.reference in settled):
                self.tally.note(record.about, record.reference, Outcome.MATCHED)
            else:
                self._judge(record, before, after, is_known=record.reference in known)
        now = self.cashier.clock.now()
        with self.cashier.database.transaction() as tx:
            for record in records:
                is_odd = (record.about, record.reference) in self.tally.odd
                if record.line is not None:
                    keep_line(tx, self.name, record.line, record.key, now, is_posted=not is_odd)

    def _judge(
        self,
        record: Record,
        before: Mapping[str, Booked],
        after: Mapping[str, Booked],
        *,
        is_known: bool,
    ) -> None:
        """Say what a record turned out to be."""
        key = record.key or ""
        booked = before.get(key) or after.get(key)
        if booked is not None and not record.is_same(booked):
            self.tally.name(record.odd(Oddity.OTHER_AMOUNT, booked))
        elif booked is not None or record.is_ours_to_post:
            is_repaired = key in after
            outcome = Outcome.REPAIRED if is_repaired else Outcome.MATCHED
            self.tally.note(record.about, record.reference, outcome)
        elif record.key is None:
            self.tally.name(record.odd(Oddity.UNKNOWN_LINE))
        else:
            oddity = Oddity.NOT_IN_BOOKS if is_known else Oddity.UNKNOWN_PAYMENT
            self.tally.name(record.odd(oddity))

    def _find(self, records: Sequence[Record]) -> Mapping[str, Booked]:
        keys = [one.key for one in records if one.key is not None]
        if not keys:
            return {}
        with self.cashier.database.reading() as tx:
            return find_booked(tx, self.name, keys)

    def _find_failed(self, missing: Sequence[Record]) -> Collection[str]:
        """Say which missing lines are of refunds that failed before we heard that they were paid.

        What left came back, so the books need neither line. No row is kept of a refund of what
        waits in suspense: the provider is asked.
        """
        named = {str(one.refund): one for one in missing if one.refund is not None}
        if not named:
            return ()
        with self.cashier.database.reading() as tx:
            failed = set(find_failed_refunds(tx, self.name, list(named)))
            keys = [f"in:{one.payment_id}" for name, one in named.items() if name not in failed]
            booked = find_booked(tx, self.name, keys).values()
        for one in booked:
            if one.kind == SUSPENDED:
                failed.update(self._ask_for_failed(str(one.payment_id)))
        return frozenset(str(one.key) for one in missing if one.refund in failed)

    def _ask_for_failed(self, payment_id: str) -> Collection[str]:
        """Ask the provider which refunds of a payment failed."""
        if not isinstance(self.provider, RefundingProvider):
            return ()
        try:
            refunds = self.provider.fetch_refunds(payment_id)
        except ProviderAnswerError:
            return ()
        return {one.reference for one in refunds if one.state is RefundState.FAILED}

    def _find_settled(self, records: Sequence[Record]) -> Collection[str]:
        """Say which lines that nobody understands now were understood before."""
        odd = [one.reference for one in records if one.key is None and not one.is_ours_to_post]
        if not odd:
            return ()
        with self.cashier.database.reading() as tx:
            return list_known(tx, self.name, odd)

    def _ask_about(self, record: Record) -> bool:
        """Ask about the top-ups that a record names; return whether there is any."""
        with self.cashier.database.reading() as tx:
            found = find_named(tx, self.name, record.references, record.top_up_id)
        for top_up_id in found:
            self._ask(top_up_id)
        return bool(found)

    def _ask(self, top_up_id: UUID) -> None:
        """Ask the provider about a top-up, once in a run; nonsense about one stops no other."""
        if top_up_id in self.asked:
            return
        self.asked.add(top_up_id)
        with self.cashier.database.reading() as tx:
            top_up = get_top_up(tx, top_up_id)
        try:
            ask_in_turn(self.cashier, top_up, self.pause)
        except ProviderAnswerError:
            return

    def _ask_about_waiting(self, *, is_last: bool) -> None:
        """Ask about what waits, and count what that brings into the books as repaired.

        What is disputed or on its way back is asked about however old it is, but once a run. Where
        calls are few, its list alone has to tell what came in.
        """
        is_asked = not isinstance(self.provider, BudgetedProvider)
        with self.cashier.database.reading() as tx:
            waiting = list(list_waiting(tx, self.name, self.since, self.until)) if is_asked else []
            waiting += list_unsettled(tx, self.name) if is_last else ()
        for top_up_id in waiting:
            with self.cashier.database.reading() as tx:
                before = get_top_up(tx, top_up_id).payment_id
            self._ask(top_up_id)
            with self.cashier.database.reading() as tx:
                after = get_top_up(tx, top_up_id).payment_id
            if before is None and after is not None:
                self.tally.note(PAYMENT, after, Outcome.REPAIRED)

    def _look_for_credits_there(self) -> None:
        """Look for what was credited in the interval and no record showed."""
        with self.cashier.database.reading() as tx:
            credited = list_credited(tx, self.name, self.since, self.until)
            shown = find_shown(tx, self.name, [one.key for one in credited])
            gone = sum_gone(tx, self.name, [str(one.payment_id) for one in credited])
        late = self.cashier.clock.now() - LATE
        for one in credited:
            if not self.tally.has(PAYMENT, str(one.payment_id)):
                self._ask_for(one)
            if one.key in shown or gone.get(str(one.payment_id)) == one.amount:
                continue
            if one.recorded_at < late:
                self.tally.name(odd_credit(one, Oddity.NO_LINE))

    def _ask_for(self, booked: Booked) -> None:
        """Ask the provider for a payment that none of its records showed as one that came in."""
        with self.cashier.database.reading() as tx:
            top_up = get_top_up(tx, booked.top_up_id)
        try:
            payment = self.provider.fetch_payment(top_up.question)
        except ProviderAnswerError:
            payment = None
        ids = () if payment is None else (payment.payment_id, *payment.references)
        if payment is None or booked.payment_id not in ids:
            self.tally.name(odd_credit(booked, Oddity.NOT_AT_PROVIDER))
        elif not payment.state.has_come_in:
            said = payment.failure or payment.state
            self.tally.name(odd_credit(booked, Oddity.ODD_STATUS, said))
        else:
            self.tally.note(PAYMENT, str(booked.payment_id), Outcome.MATCHED)


def _pages(records: Iterable[T]) -> Iterator[Sequence[T]]:
    """Cut what is listed into pages; whatever that calls is called outside of transactions."""
    left = iter(records)
    while page := list(islice(left, _PAGE)):
        yield page
