"""Questions in their turns: the job that asks a provider, as often as it may be asked."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from hero_onboarding.payments import store
from hero_onboarding.payments.budgets import (
    cost_of,
    leave_alone,
    reserve_turn,
    take_turn,
    turn_of,
)
from hero_onboarding.payments.cashier import Cashier
from hero_onboarding.payments.domain import TopUp
from hero_onboarding.payments.errors import ProviderUnavailableError
from hero_onboarding.payments.ports import BudgetedProvider

WAITED_MAX: Final = timedelta(minutes=1)
"""How long somebody waits for a turn; one that is further away is none."""

Pause = Callable[[timedelta], None]
"""Lets time go by."""


def asking(cashier: Cashier) -> Callable[[Mapping[str, Any]], None]:
    """Return what does a question: asks now, or has it asked when its turn comes."""
    budgets = {
        name: provider.questions_per_minute
        for name, provider in cashier.providers.items()
        if isinstance(provider, BudgetedProvider)
    }

    def ask(payload: Mapping[str, Any]) -> None:
        if not budgets:
            cashier.ask(UUID(payload["top_up"]), payload["question"])
            return
        top_up = _find_in_turn(cashier, budgets, payload)
        if top_up is None:
            return
        with heeding(cashier, top_up.provider):
            cashier.ask(top_up.id, top_up.wanted)

    return ask


def ask_in_turn(cashier: Cashier, top_up: TopUp, pause: Pause) -> None:
    """Ask a provider all about a top-up now, but wait for a turn where it takes only so many.

    Raises:
        ProviderAnswerError: If its answer makes no sense.
        ProviderUnavailableError: If it did not answer, or its turns are given out for too long.
    """
    await_turn(cashier, top_up.provider, cost_of(top_up, cashier.clock.now()), pause)
    cashier.ask_now(top_up.id)


def await_turn(cashier: Cashier, name: str, cost: int, pause: Pause) -> None:
    """Wait for the turn of some calls, where a provider takes only so many.

    Raises:
        ProviderUnavailableError: If its turns are given out for too long.
    """
    provider, now = cashier.providers.get(name), cashier.clock.now()
    if not isinstance(provider, BudgetedProvider):
        return
    with cashier.database.transaction() as tx:
        turn = reserve_turn(tx, name, cost, provider.questions_per_minute, now)
        if turn - now > WAITED_MAX:
            # Nobody comes back for it, so that it stays free.
            raise ProviderUnavailableError(f"{name} can't be asked before {turn}")
    if turn > now:
        pause(turn - now)


@contextmanager
def heeding(cashier: Cashier, name: str) -> Iterator[None]:
    """Have nobody ask a provider for as long as it wants, if it says that while it is asked."""
    try:
        yield
    except ProviderUnavailableError as error:
        provider = cashier.providers.get(name)
        if error.wait_seconds and isinstance(provider, BudgetedProvider):
            until = cashier.clock.now() + timedelta(seconds=error.wait_seconds)
            with cashier.database.transaction() as tx:
                leave_alone(tx, name, provider.questions_per_minute, until)
        raise


def wait(time_left: timedelta) -> None:
    """Wait in this thread."""
    time.sleep(time_left.total_seconds())


def _find_in_turn(
    cashier: Cashier, budgets: Mapping[str, int], payload: Mapping[str, Any]
) -> TopUp | None:
    """Return the top-up that is asked about now; None where its turn is later, or nobody asks.

    Whoever comes back for a turn asks whatever is open by then.
    """
    turn = turn_of(payload.get("turn"))
    with cashier.database.reading() as tx:
        top_up = store.find_top_up(tx, UUID(payload["top_up"]))
    if top_up is None:
        return None
    question = payload["question"] if turn is None else top_up.wanted
    if top_up.answered >= question:
        return None
    per_minute = budgets.get(top_up.provider)
    if per_minute is None:
        return top_up
    with cashier.database.transaction() as tx:
        is_now = take_turn(tx, top_up, question, per_minute, cashier.clock.now(), turn)
    return top_up if is_now else None
