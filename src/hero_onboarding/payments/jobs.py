"""The work of payments that is done later."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from hero_onboarding.payments.cashier import Cashier
from hero_onboarding.payments.notices import MATCH_NOTICE
from hero_onboarding.payments.questions import ASK_PROVIDER

Handler = Callable[[Mapping[str, Any]], None]
"""Does a job, in transactions of its own; may run twice for the same job."""


def payment_handlers(cashier: Cashier) -> Mapping[str, Handler]:
    """Return what does each kind of job of payments."""

    def ask(payload: Mapping[str, Any]) -> None:
        cashier.ask(UUID(payload["top_up"]), payload["question"])

    def match(payload: Mapping[str, Any]) -> None:
        cashier.match(payload["notice"])

    return {ASK_PROVIDER: ask, MATCH_NOTICE: match}
