"""A cashier with a provider in memory, as a test uses and looks at them."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select

from hero_onboarding.database import Database
from hero_onboarding.incidents.tables import incidents
from hero_onboarding.jobs.tables import jobs
from hero_onboarding.payments import (
    Cashier,
    Dispute,
    Refund,
    RefundRequest,
    TopUp,
    TopUpRequest,
    get_top_up,
    list_disputes,
    list_refunds,
    payment_handlers,
)
from hero_onboarding.payments.alerts.tables import wallet_alerts
from hero_onboarding.payments.automatic.tables import automatic_top_ups
from hero_onboarding.payments.cards.tables import payment_customers, saved_cards
from hero_onboarding.payments.store import list_events
from hero_onboarding.payments.tables import (
    account_lines,
    call_budgets,
    disputes,
    notices,
    payment_events,
    refunds,
    top_up_references,
    top_ups,
)
from hero_onboarding.scheduling import JobRunner
from hero_onboarding_schema import PaymentEvent
from tests.fakes.clock import FakeClock
from tests.fakes.provider import FakeProvider, a_delivery
from tests.wallet.people import MONEY_TABLES, People

ALL_TABLES: tuple[Table, ...] = (
    *MONEY_TABLES,
    *(top_ups, top_up_references, refunds, disputes, account_lines),
    *(payment_events, notices, call_budgets, jobs, incidents),
    *(payment_customers, saved_cards, automatic_top_ups, wallet_alerts),
)


@dataclass(frozen=True)
class Till:
    people: People
    provider: FakeProvider
    cashier: Cashier
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def database(self) -> Database:
        return self.people.database

    @property
    def clock(self) -> FakeClock:
        return self.people.clock

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def open(
        self, key: str = "k1", *, amount: int = 2_500, sid: str = "ada", **changes: object
    ) -> TopUp:
        return self.cashier.open_top_up(a_request(key, amount=amount, sid=sid, **changes))[0]

    def read(self, top_up_id: UUID) -> TopUp:
        with self.database.reading() as tx:
            return get_top_up(tx, top_up_id)

    def events(self, top_up: TopUp) -> list[PaymentEvent]:
        with self.database.reading() as tx:
            return list(list_events(tx, top_up.id))

    def kinds(self, top_up: TopUp) -> list[str]:
        return [event.kind for event in self.events(top_up)]

    def pay(self, top_up: TopUp, **changes: object) -> str:
        """The payer pays; return the provider's id of the payment."""
        paid = self.provider.pay(reference_of(top_up), **changes)
        return str(paid.payment_id)

    def open_paid(self, key: str = "k1", *, amount: int = 2_500, sid: str = "ada") -> TopUp:
        """A top-up that was paid and credited."""
        top_up = self.open(key, amount=amount, sid=sid)
        self.pay(top_up)
        return self.settle(top_up)

    def refund(self, top_up: TopUp, amount: int = 1_000, key: str = "r1") -> Refund:
        return self.cashier.refund(RefundRequest(top_up.id, amount, key))[0]

    def refunds(self, top_up: TopUp) -> list[Refund]:
        with self.database.reading() as tx:
            return list(list_refunds(tx, top_up.id))

    def disputes(self, top_up: TopUp) -> list[Dispute]:
        with self.database.reading() as tx:
            return list(list_disputes(tx, top_up.id))

    def notify(self, *references: str, event: str = "", top_up_id: str | None = None) -> bool:
        event = event or f"evt_{next(self.numbers)}"
        delivery = a_delivery(event, list(references), self.now, top_up_id=top_up_id)
        return self.cashier.receive("stripe", delivery)

    def run(self) -> tuple[int, int]:
        """Run what is due; return how many jobs ran and how many failed."""
        handlers = payment_handlers(self.cashier)
        return JobRunner(self.database, self.clock, handlers).run_due()

    def settle(self, top_up: TopUp) -> TopUp:
        """Let a notice come and what follows from it happen."""
        self.notify(reference_of(top_up))
        self.run()
        return self.read(top_up.id)

    def incidents(self) -> list[tuple[str, Any]]:
        with self.database.reading() as tx:
            rows = tx.execute(select(incidents.c.kind, incidents.c.evidence)).all()
        return [(row.kind, row.evidence) for row in rows]

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        return self.people.rows(ALL_TABLES)

    def waiting_jobs(self) -> int:
        with self.database.reading() as tx:
            query = select(jobs.c.number).where(jobs.c.state.in_(("waiting", "running")))
            return len(tx.execute(query).all())


def a_request(
    key: str = "k1", *, amount: int = 2_500, sid: str = "ada", **changes: object
) -> TopUpRequest:
    fields = {"provider": "stripe", "method": "checkout", "currency": "USD", **changes}
    return TopUpRequest(user_sid=sid, amount=amount, key=key, **fields)  # type: ignore[arg-type]  # as named


def reference_of(top_up: TopUp) -> str:
    assert top_up.reference is not None, top_up
    return top_up.reference


def new_till(people: People, provider: FakeProvider | None = None) -> Till:
    provider = provider or FakeProvider()
    providers = {provider.name: provider}
    cashier = Cashier(people.database, people.clock, providers, "https://site.invalid")
    return Till(people, provider, cashier)
