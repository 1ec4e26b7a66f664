"""Questions in their turns: the job that asks a provider, as often as it may be asked."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from hero_onboarding.payments import store
from hero_onboarding.payments.budgets import leave_alone, take_turn, turn_of
from hero_onboarding.payments.cashier import Cashier
from hero_onboarding.payments.domain import TopUp
from hero_onboarding.payments.errors import ProviderUnavailableError
from hero_onboarding.payments.ports import BudgetedProvider


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
            if error.wait_seconds and provider in budgets:
                until = cashier.clock.now() + timedelta(seconds=error.wait_seconds)
                with cashier.database.transaction() as tx:
                    leave_alone(tx, provider, budgets[provider], until)
            raise

    return ask


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
