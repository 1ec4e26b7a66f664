"""The actions of the product and the jobs they consist of."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from hero_onboarding.aggregation import retry_quarantine, verify_books
from hero_onboarding.http import Role, Services
from hero_onboarding.kernel.errors import UnavailableError
from hero_onboarding.ledger import take_snapshots
from hero_onboarding.mail import SEND_MAIL
from hero_onboarding.payments import (
    LIST_UNTOLD,
    RECONCILE,
    TELL_PAYER,
    Telling,
    payment_handlers,
    tell,
)
from hero_onboarding.scheduling.ports import Action
from hero_onboarding.sign_in import SEND_MESSAGE, WRITE_EMAIL, EmailClerk, Postman
from hero_onboarding.wallet import close_expired_holds, expire_grants

BILLING_CRON: Final = "hero_onboarding_billing_cron"
CENTRAL_CRON: Final = "hero_onboarding_central_cron"
PAYMENTS_CRON: Final = "hero_onboarding_payments_cron"
RECONCILING_CRON: Final = "hero_onboarding_reconciling_cron"
INTERVAL_MS: Final = 3_600_000
DAY_MS: Final = 24 * INTERVAL_MS

PUSH: Final = "push_usage"
RETRY: Final = "retry_quarantine"
AGGREGATE: Final = "aggregate"
CLOSE_HOLDS: Final = "close_expired_holds"
EXPIRE_GRANTS: Final = "expire_grants"
SNAPSHOTS: Final = "take_snapshots"
BOOKS: Final = "verify_books"
SWEEP_MAILS: Final = "sweep_mails"
SWEEP_PAYMENTS: Final = "sweep_payments"
REFRESH_RATES: Final = "refresh_rates"
LOOK_AT_BALANCES: Final = "look_at_balances"
JOB_KINDS: Final = (
    *(PUSH, RETRY, AGGREGATE, CLOSE_HOLDS, EXPIRE_GRANTS, SNAPSHOTS, BOOKS),
    *(SWEEP_MAILS, SWEEP_PAYMENTS, REFRESH_RATES, LOOK_AT_BALANCES),
)
"""What the hourly actions consist of."""

Handler = Callable[[Mapping[str, Any]], None]
"""Does a job, in transactions of its own; may run twice for the same job."""


class IncompleteError(UnavailableError):
    """A job did what it could and has to be tried again for the rest."""

    code = "scheduling.incomplete"


def billing_cron() -> Action:
    """Return the hourly push, which every server has; a timer of the machine may run it."""
    return Action(BILLING_CRON, INTERVAL_MS, (PUSH,))


def central_cron() -> Action:
    """Return what the centre does every hour after its push, always inside a server."""
    return Action(CENTRAL_CRON, INTERVAL_MS, JOB_KINDS[1:])


def payments_cron() -> Action:
    """Return what asks payment providers every hour for notices that did not arrive."""
    return Action(PAYMENTS_CRON, INTERVAL_MS, (LIST_UNTOLD,))


def reconciling_cron() -> Action:
    """Return what compares the books every day with the records of payment providers."""
    return Action(RECONCILING_CRON, DAY_MS, (RECONCILE,))


def embedded_actions(role: Role, scheduler: str) -> tuple[Action, ...]:
    """Return what a server of this role runs by itself under a setting of ``SCHEDULER``."""
    pushes = (billing_cron(),) if scheduler == "embedded" else ()
    is_centre = scheduler != "off" and role is not Role.NODE
    bills = (central_cron(), payments_cron(), reconciling_cron()) if is_centre else ()
    return pushes + bills


def job_handlers(services: Services) -> Mapping[str, Handler]:
    """Return what does each kind of job."""
    does = (
        *(_push, _retry, _aggregate, _close_holds, _expire_grants, _snapshots, _books),
        *(_sweep_mails, _sweep_payments, _refresh_rates, _look_at_balances),
    )
    hourly = {kind: partial(do, services) for kind, do in zip(JOB_KINDS, does, strict=True)}
    return {
        **hourly,
        SEND_MESSAGE: partial(_send_message, services),
        WRITE_EMAIL: partial(_write_email, services),
        SEND_MAIL: partial(_send_mail, services),
        TELL_PAYER: partial(_tell_payer, services),
        **payment_handlers(services.cashier),
    }


def _send_message(services: Services, payload: Mapping[str, Any]) -> None:
    """Send a sign-in code; where the daemon was taken out of the settings since, it is not."""
    if services.messenger is None:
        return
    postman = Postman(
        services.database,
        services.clock,
        services.messenger,
        services.box,
        services.public_origin,
    )
    postman.deliver(*_letter_of(payload))


def _write_email(services: Services, payload: Mapping[str, Any]) -> None:
    clerk = EmailClerk(services.database, services.clock, services.mailer.outbox, services.box)
    clerk.write(*_letter_of(payload))


def _letter_of(payload: Mapping[str, Any]) -> tuple[str, str]:
    """Return an attempt and which of its letters; jobs from before letters had names say none."""
    return str(payload["attempt"]), str(payload.get("letter", ""))


def _push(services: Services, _: Mapping[str, Any]) -> None:
    failures = services.pusher.push().failures
    if failures:
        raise IncompleteError(f"{failures} buckets could not be pushed")


def _retry(services: Services, _: Mapping[str, Any]) -> None:
    retry_quarantine(services.database, services.clock)


def _aggregate(services: Services, _: Mapping[str, Any]) -> None:
    failures = services.aggregator.aggregate().failures
    if failures:
        raise IncompleteError(f"{failures} repositories could not be read to the end")


def _close_holds(services: Services, _: Mapping[str, Any]) -> None:
    while _in_transaction(services, close_expired_holds):
        pass


def _expire_grants(services: Services, _: Mapping[str, Any]) -> None:
    while _in_transaction(services, expire_grants):
        pass


def _snapshots(services: Services, _: Mapping[str, Any]) -> None:
    _in_transaction(services, take_snapshots)


def _books(services: Services, _: Mapping[str, Any]) -> None:
    verify_books(services.database, services.clock.now())


def _sweep_mails(services: Services, _: Mapping[str, Any]) -> None:
    while services.mailer.sweep():
        pass


def _sweep_payments(services: Services, _: Mapping[str, Any]) -> None:
    while services.cashier.sweep():
        pass
    services.cashier.cards.sweep()


def _refresh_rates(services: Services, _: Mapping[str, Any]) -> None:
    services.rates.refresh()


def _look_at_balances(services: Services, _: Mapping[str, Any]) -> None:
    services.cashier.watch()


def _tell_payer(services: Services, payload: Mapping[str, Any]) -> None:
    telling, now = Telling.of(dict(payload)), services.clock.now()
    with services.database.transaction() as tx:
        tell(tx, services.mailer.outbox, services.locales, telling, now)


def _send_mail(services: Services, payload: Mapping[str, Any]) -> None:
    services.mailer.deliver(payload["mail"], payload["attempts"])


def _in_transaction(services: Services, use_case: Callable[..., int]) -> int:
    with services.database.transaction() as tx:
        return use_case(tx, services.clock.now())
