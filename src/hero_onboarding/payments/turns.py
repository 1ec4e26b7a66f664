"""Questions in their turns: the job that asks a provider, as often as it may be asked."""

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from hero_onboarding.payments import store
from hero_onboarding.payments.budgets import leave_alone, reserve_turn, take_turn, turn_of
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
        provider = top_up.provider
        try:
            cashier.ask(top_up.id, top_up.wanted)
        except ProviderUnavailableError as error:
            if provider in budgets:
                _heed(cashier, provider, budgets[provider], error)
            raise

    return ask


def ask_in_turn(cashier: Cashier, top_up: TopUp, pause: Pause) -> None:
    """Ask a provider all about a top-up now, but wait for a turn where it takes only so many.

    Raises:
        ProviderAnswerError: If its answer makes no sense.
        ProviderUnavailableError: If it did not answer, or its turns are given out for too long.
    """
    provider = cashier.providers.get(top_up.provider)
    if not isinstance(provider, BudgetedProvider):
        cashier.ask_now(top_up.id)
        return
    per_minute, now = provider.questions_per_minute, cashier.clock.now()
    with cashier.database.transaction() as tx:
        turn = reserve_turn(tx, top_up, per_minute, now)
    if turn - now > WAITED_MAX:
        raise ProviderUnavailableError(f"{top_up.provider} can't be asked before {turn}")
    if turn > now:
        pause(turn - now)
    try:
        cashier.ask_now(top_up.id)
    except ProviderUnavailableError as error:
        _heed(cashier, top_up.provider, per_minute, error)
        raise


def wait(time_left: timedelta) -> None:
    """Wait in this thread."""
    time.sleep(time_left.total_seconds())


def _heed(
    cashier: Cashier, provider: str, per_minute: int, error: ProviderUnavailableError
) -> None:
    """Leave a provider alone for as long as it wants, if it said so."""
    if error.wait_seconds:
        until = cashier.clock.now() + timedelta(seconds=error.wait_seconds)
        with cashier.database.transaction() as tx:
            leave_alone(tx, provider, per_minute, until)


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
