"""The route that compares the books with the records of payment providers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, post
from litestar.params import JSONBody
from msgspec import Meta

from hero_onboarding.api_keys import Scope
from hero_onboarding.http import require, services_of
from hero_onboarding.payments import Reconciler, Report, require_interval
from hero_onboarding.web.api.description import answers

Instant = Annotated[datetime, Meta(tz=True)]


class Reconciliation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which provider, or all that are set, and which interval; without an end, up to now."""

    since: Instant
    until: Instant | None = None
    provider: str | None = None


class ItemShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that can't be explained; amounts are signed, in hundredths of the currency."""

    provider: str
    why: str
    about: str
    reference: str
    amount: int
    currency: str
    booked: int | None = None
    payment_id: str | None = None
    sentence: str


class BalanceShown(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider holds: ``booked`` - ``in_transit`` + ``unposted`` + ``difference``."""

    provider: str
    currency: str
    held: int
    booked: int
    in_transit: int
    unposted: int
    difference: int
    payments_in_transit: list[str]


class Reconciled(msgspec.Struct, frozen=True, kw_only=True):
    """How many things agree, were repaired, and can't be explained; each of the latter."""

    matched: int
    repaired: int
    unexplained: int
    items: list[ItemShown]
    balances: list[BalanceShown]


@post(
    "/admin/reconcile-now",
    guards=[require(Scope.PAYMENTS_WRITE)],
    status_code=200,
    sync_to_thread=True,
    tags=["payments"],
    summary="Compare the books with the records of payment providers",
    responses=answers(404, 413, 422, 502),
)
def reconcile_now(request: Request[Any, Any, Any], data: JSONBody[Reconciliation]) -> Reconciled:
    """Repair what was missed and name what can't be explained; repeating is safe."""
    services = services_of(request.app.state)
    require_interval(data.since, data.until, services.clock.now())
    reconciler = Reconciler(services.cashier)
    names = reconciler.names if data.provider is None else (data.provider,)
    return _shown([reconciler.reconcile(name, data.since, data.until) for name in names])


def _shown(reports: Sequence[Report]) -> Reconciled:
    return Reconciled(
        matched=sum(report.matched for report in reports),
        repaired=sum(report.repaired for report in reports),
        unexplained=sum(report.unexplained for report in reports),
        items=[
            ItemShown(
                provider=report.provider,
                why=item.oddity,
                about=item.about,
                reference=item.reference,
                amount=item.amount,
                currency=item.currency,
                booked=item.booked,
                payment_id=item.payment_id,
                sentence=item.sentence,
            )
            for report in reports
            for item in report.items
        ],
        balances=[
            BalanceShown(
                provider=report.provider,
                currency=one.currency,
                held=one.held,
                booked=one.booked,
                in_transit=one.in_transit,
                unposted=one.unposted,
                difference=one.difference,
                payments_in_transit=list(one.payments_in_transit),
            )
            for report in reports
            for one in report.balances
        ],
    )
