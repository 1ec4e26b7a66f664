"""The work of payments that is done later."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from hero_onboarding.jobs import Job, enqueue
from hero_onboarding.kernel.clock import from_unix, unix_seconds
from hero_onboarding.payments.cards import DETACH_CARD
from hero_onboarding.payments.cashier import Cashier
from hero_onboarding.payments.notices import MATCH_NOTICE
from hero_onboarding.payments.questions import ASK_PROVIDER
from hero_onboarding.payments.reconciling import Reconciler, fill_gaps
from hero_onboarding.payments.turns import asking
from hero_onboarding.payments.watching import WATCH_BALANCES

LIST_UNTOLD: Final = "list_untold_notices"
"""The hourly job that asks providers for notices that they could not deliver."""

RECONCILE: Final = "reconcile_payments"
"""The daily job that asks for all notices, and has each day of each provider reconciled."""

RECONCILE_DAY: Final = "reconcile_day"
"""Jobs of this kind reconcile one provider and day; each is soon done."""

LOOKED_BACK: Final = timedelta(days=3)
_DAY: Final = timedelta(days=1)

Handler = Callable[[Mapping[str, Any]], None]
"""Does a job, in transactions of its own; may run twice for the same job."""


def payment_handlers(cashier: Cashier) -> Mapping[str, Handler]:
    """Return what does each kind of job of payments."""

    def match(payload: Mapping[str, Any]) -> None:
        cashier.match(payload["notice"])

    def list_untold(_: Mapping[str, Any]) -> None:
        fill_gaps(cashier, cashier.clock.now() - LOOKED_BACK, is_untold=True)

    def reconcile(_: Mapping[str, Any]) -> None:
        enqueue_days(cashier, cashier.clock.now())
        fill_gaps(cashier, cashier.clock.now() - LOOKED_BACK, is_untold=False)

    def reconcile_day(payload: Mapping[str, Any]) -> None:
        until = None if payload["until"] is None else from_unix(payload["until"])
        if payload["provider"] in cashier.providers:
            since = from_unix(payload["since"])
            Reconciler(cashier).reconcile(payload["provider"], since, until)

    return {
        ASK_PROVIDER: asking(cashier),
        MATCH_NOTICE: match,
        LIST_UNTOLD: list_untold,
        RECONCILE: reconcile,
        RECONCILE_DAY: reconcile_day,
        **_card_handlers(cashier),
    }


def _card_handlers(cashier: Cashier) -> Mapping[str, Handler]:
    """Return what does each kind of job of saved cards and low balances."""

    def detach(payload: Mapping[str, Any]) -> None:
        cashier.cards.detach(UUID(payload["card"]))

    def watch(_: Mapping[str, Any]) -> None:
        cashier.watch()

    return {DETACH_CARD: detach, WATCH_BALANCES: watch}


def enqueue_days(cashier: Cashier, now: datetime) -> None:
    """Have the last three days of each provider reconciled, the present one with its balance."""
    starts = [now - LOOKED_BACK + number * _DAY for number in range(LOOKED_BACK // _DAY)]
    with cashier.database.transaction() as tx:
        for name in Reconciler(cashier).names:
            for start in starts:
                since, end = unix_seconds(start), start + _DAY
                until = None if end >= now else unix_seconds(end)
                payload = {"provider": name, "since": since, "until": until}
                enqueue(tx, Job(RECONCILE_DAY, f"{name}.{since}", now, payload))
