"""Questions to a provider that takes only so many calls: all are asked, each in its turn."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import cycle

import pytest
from sqlalchemy import func, select

from hero_onboarding.jobs.tables import jobs
from hero_onboarding.kernel.overriding import override
from hero_onboarding.payments import TopUp, TopUpState, payment_handlers
from hero_onboarding.payments.budgets import take_turn
from hero_onboarding.payments.errors import ProviderUnavailableError
from hero_onboarding.payments.pacing import BURST, step_of
from hero_onboarding.payments.ports import (
    BudgetedProvider,
    OpenedCheckout,
    PaymentQuestion,
    PaymentState,
    ProviderPayment,
)
from hero_onboarding.payments.questions import want
from hero_onboarding.payments.service import ask_top_up, record_opened
from hero_onboarding.scheduling import JobRunner
from tests.fakes.provider import FakeProvider
from tests.payments.test_pacing import most_in_a_minute
from tests.payments.till import Till, a_request, reference_of

PER_MINUTE = 60
QUESTIONS = 100


class ThriftyProvider(FakeProvider):
    """Takes so many calls a minute; with ``wait_seconds`` it says that there were too many."""

    questions_per_minute = PER_MINUTE
    wait_seconds = 0

    @override
    def fetch_payment(self, question: PaymentQuestion) -> ProviderPayment | None:
        if self.wait_seconds:
            raise ProviderUnavailableError("one call too many", self.wait_seconds)
        return super().fetch_payment(question)


@pytest.fixture
def thrifty(till: Till) -> Till:
    provider = ThriftyProvider()
    assert isinstance(provider, BudgetedProvider)
    assert not isinstance(till.provider, BudgetedProvider)
    cashier = replace(till.cashier, providers={provider.name: provider})
    return Till(till.people, provider, cashier)


def open_many(till: Till, count: int) -> list[TopUp]:
    """Open top-ups that nobody will pay, with a question to each in a minute."""
    made = []
    with till.database.transaction() as tx:
        for number in range(count):
            top_up, _ = ask_top_up(tx, a_request(f"k{number}"), is_live=False, now=till.now)
            reference = till.provider._open(top_up.order("https://site.invalid"))
            till.provider.become(reference, PaymentState.FAILED)
            made.append(record_opened(tx, top_up.id, OpenedCheckout(reference), till.now))
    return made


def next_due(till: Till) -> datetime | None:
    query = select(func.min(jobs.c.due_at)).where(jobs.c.state == "waiting")
    with till.database.reading() as tx:
        return tx.execute(query).scalar()


@pytest.mark.slow
def test_a_hundred_questions_at_once_keep_to_the_budget_and_are_all_asked(thrifty: Till) -> None:
    top_ups = open_many(thrifty, QUESTIONS)
    calls: list[datetime] = []

    def note(point: str) -> None:
        if point == "before call":
            calls.append(thrifty.now)

    thrifty.provider.trace = note
    handlers = [payment_handlers(thrifty.cashier) for _ in range(2)]
    servers = cycle(JobRunner(thrifty.database, thrifty.clock, one) for one in handlers)
    late = cycle([0, 0, 0.2, 0, 1.5, 0, 7])
    while (due_at := next_due(thrifty)) is not None:
        thrifty.clock.moment = max(thrifty.now, due_at) + timedelta(seconds=next(late))
        assert next(servers).run_due()[1] == 0

    assert len(calls) == QUESTIONS
    assert most_in_a_minute(calls) <= PER_MINUTE
    assert calls[-1] - calls[0] < 2 * QUESTIONS * step_of(PER_MINUTE)
    assert {thrifty.read(one.id).state for one in top_ups[::20]} == {TopUpState.FAILED}


def test_a_question_that_is_answered_already_takes_no_turn(thrifty: Till) -> None:
    [top_up] = open_many(thrifty, 1)
    thrifty.cashier.ask(top_up.id, 1)
    before = thrifty.rows()
    thrifty.clock.advance(minutes=2)

    assert thrifty.run() == (1, 0)

    assert thrifty.provider.calls == ["fetch"], "what people wait for takes no turn either"
    assert thrifty.rows()["call_budgets"] == before["call_budgets"] == []


def test_a_top_up_that_waits_for_its_turn_takes_no_second_one(thrifty: Till) -> None:
    top_ups = open_many(thrifty, BURST + 1)
    thrifty.clock.advance(minutes=2)
    thrifty.run()
    waiting = top_ups[-1]
    before = thrifty.rows()["call_budgets"]
    assert thrifty.provider.calls == ["fetch"] * BURST

    for _ in range(3):
        with thrifty.database.transaction() as tx:
            want(tx, waiting.id, thrifty.now)
        assert thrifty.run() == (1, 0)
    assert thrifty.rows()["call_budgets"] == before
    assert next_due(thrifty) == thrifty.now + step_of(PER_MINUTE)
    thrifty.clock.advance(seconds=2)
    assert thrifty.run() == (1, 0)

    assert thrifty.provider.calls == ["fetch"] * (BURST + 1)
    after = thrifty.read(waiting.id)
    assert (after.answered, after.state) == (after.wanted, TopUpState.FAILED)
    assert thrifty.waiting_jobs() == 0


def test_notices_of_a_top_up_that_waits_for_its_turn_lead_to_no_job(thrifty: Till) -> None:
    top_ups = open_many(thrifty, BURST + 1)
    thrifty.clock.advance(minutes=2)
    thrifty.run()
    before = thrifty.waiting_jobs()
    assert before == 1, "the turn of the last one"

    for number in range(3):
        thrifty.notify(reference_of(top_ups[-1]), event=f"e{number}")
    assert thrifty.waiting_jobs() == before
    thrifty.clock.advance(seconds=2)
    assert thrifty.run() == (1, 0)

    assert thrifty.provider.calls == ["fetch"] * (BURST + 1)
    assert thrifty.read(top_ups[-1].id).state is TopUpState.FAILED
    assert thrifty.notify(reference_of(top_ups[-1]), event="afterwards")
    assert thrifty.waiting_jobs() == 1, "what comes after the answer is asked about again"


def test_who_was_called_too_often_is_left_alone_as_long_as_it_says(thrifty: Till) -> None:
    top_ups = open_many(thrifty, 2)
    thrifty.clock.advance(minutes=2)
    assert isinstance(thrifty.provider, ThriftyProvider)
    thrifty.provider.wait_seconds = 300
    handler = payment_handlers(thrifty.cashier)["ask_provider"]
    with pytest.raises(ProviderUnavailableError):
        handler({"top_up": str(top_ups[0].id), "question": 1})
    thrifty.provider.wait_seconds = 0

    assert thrifty.run() == (2, 0), "both put back"
    assert thrifty.provider.calls == []
    assert next_due(thrifty) == thrifty.now + timedelta(seconds=300)
    thrifty.clock.advance(seconds=304)
    assert thrifty.run() == (2, 0)

    assert thrifty.provider.calls == ["fetch", "fetch"]


def test_an_order_that_is_sent_again_costs_what_it_takes(thrifty: Till) -> None:
    thrifty.provider.loses_answers = True
    with pytest.raises(ProviderUnavailableError):
        thrifty.open()
    thrifty.provider.loses_answers = False
    thrifty.clock.advance(minutes=2)

    assert thrifty.run() == (1, 0)

    [(_, next_at, _)] = thrifty.rows()["call_budgets"]
    assert next_at == thrifty.now + 3 * step_of(PER_MINUTE)


def test_turns_that_are_asked_for_at_once_are_no_more_than_there_are(thrifty: Till) -> None:
    top_ups = open_many(thrifty, BURST + 10)

    def ask(top_up: TopUp) -> bool:
        with thrifty.database.transaction() as tx:
            return take_turn(tx, top_up, 1, PER_MINUTE, thrifty.now)

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(ask, top_ups))

    assert sum(taken) == BURST
    [(_, next_at, _)] = thrifty.rows()["call_budgets"]
    assert next_at == thrifty.now + (BURST + 10) * step_of(PER_MINUTE)
