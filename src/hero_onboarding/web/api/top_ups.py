"""Routes about payments into wallets."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from hero_onboarding.api_keys import Scope
from hero_onboarding.database import Transaction
from hero_onboarding.exchange import write_rate
from hero_onboarding.http import key_of, require, services_of
from hero_onboarding.kernel.clock import from_unix
from hero_onboarding.payments import (
    Dispute,
    Refund,
    RefundRequest,
    TopUp,
    TopUpNotFoundError,
    TopUpRequest,
    find_counting,
    get_top_up,
    list_disputes,
    list_refunds,
    read_phone,
    require_interval,
)
from hero_onboarding.web.api.description import answers


class NewTopUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A payment to open; ``amount`` is in hundredths of the currency."""

    provider: str
    method: str
    amount: int
    currency: str
    idempotency_key: str
    phone: str | None = None


class NewRefund(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be given back; ``amount`` is in hundredths of the paid currency."""

    amount: int
    idempotency_key: str


class RefundShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A refund; ``failure`` is the provider's word for why it failed."""

    refund_id: UUID
    top_up_id: UUID
    status: str
    amount: int
    currency: str
    failure: str = ""


class DisputeShown(msgspec.Struct, frozen=True, kw_only=True):
    """A dispute in hundredths of the paid currency; ``reference`` is the provider's own."""

    reference: str
    status: str
    amount: int
    withdrawn: int
    currency: str


class ExchangeShown(msgspec.Struct, frozen=True, kw_only=True):
    """What a payment in another currency is worth in micro-dollars, and by which rate.

    ``rate`` is without margin, ``applied`` what a payer pays for a dollar. What is paid until
    ``expires_at`` is worth that; once it is credited, worth and rate are those by which it was.
    """

    worth: int
    rate: str
    applied: str
    source: str
    rated_at: datetime
    expires_at: datetime


class TopUpShown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A top-up; ``credited`` is in micro-dollars, ``amount`` in hundredths of the currency.

    ``failure`` is a word for why it failed, or waits for a person.
    """

    top_up_id: UUID
    user_sid: str
    status: str
    credited: int
    provider: str
    method: str
    amount: int
    currency: str
    failure: str = ""
    redirect_url: str | None = None
    control_number: str | None = None
    exchange: ExchangeShown | None = None
    refunds: tuple[RefundShown, ...] = ()
    disputes: tuple[DisputeShown, ...] = ()


class Replay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which notices to look at again: those since an instant, or all that are kept."""

    since: Annotated[datetime, Meta(tz=True)] | None = None


class NoticesReplayed(msgspec.Struct, frozen=True):
    """How many notices were looked at, and how many of them name no top-up."""

    notices: int
    unmatched: int


@post(
    "/v1/users/{sid:str}/top-ups",
    guards=[require(Scope.PAYMENTS_WRITE)],
    sync_to_thread=True,
    tags=["payments"],
    summary="Open a payment into a wallet, once",
    responses=answers(404, 409, 413, 422, 502, repeat=TopUpShown),
)
def open_one(
    request: Request[Any, Any, Any], sid: FromPath[str], data: JSONBody[NewTopUp]
) -> Response[TopUpShown]:
    """Open a top-up: 201 when new, 200 for a repeat, 409 for other content under its key."""
    services = services_of(request.app.state)
    asked = TopUpRequest(
        user_sid=sid,
        provider=data.provider,
        method=data.method,
        amount=data.amount,
        currency=data.currency,
        key=data.idempotency_key,
        phone=None if data.phone is None else read_phone(data.phone),
    )
    top_up, created = services.cashier.open_top_up(asked)
    with services.database.reading() as tx:
        shown = _shown(tx, top_up, services.clock.now())
    return Response(shown, status_code=201 if created else 200)


@get(
    "/v1/top-ups/{top_up_id:uuid}",
    guards=[require(Scope.READ, Scope.ACCOUNT_READ, secret_in_production=True)],
    sync_to_thread=True,
    tags=["payments"],
    summary="Show a top-up",
    responses=answers(404),
)
def show_one(request: Request[Any, Any, Any], top_up_id: FromPath[UUID]) -> TopUpShown:
    """Show what became of a top-up; to a key that is for one user, another's is not there."""
    services = services_of(request.app.state)
    with services.database.reading() as tx:
        top_up = get_top_up(tx, top_up_id)
        refunds = tuple(_shown_refund(one) for one in list_refunds(tx, top_up_id))
        disputes = tuple(_shown_dispute(one) for one in list_disputes(tx, top_up_id))
        shown = _shown(tx, top_up, services.clock.now())
    key = key_of(request)
    if key is not None and key.user_sid not in {None, top_up.user_sid}:
        raise TopUpNotFoundError(str(top_up_id))
    return msgspec.structs.replace(shown, refunds=refunds, disputes=disputes)


@post(
    "/v1/top-ups/{top_up_id:uuid}/refunds",
    guards=[require(Scope.PAYMENTS_WRITE)],
    sync_to_thread=True,
    tags=["payments"],
    summary="Give back a payment, whole or in part, once",
    responses=answers(404, 409, 413, 422, 502, repeat=RefundShown),
)
def refund_one(
    request: Request[Any, Any, Any], top_up_id: FromPath[UUID], data: JSONBody[NewRefund]
) -> Response[RefundShown]:
    """Give back: 201 when new, 200 for a repeat, 409 for more than is left or available."""
    asked = RefundRequest(top_up_id, data.amount, data.idempotency_key)
    refund, created = services_of(request.app.state).cashier.refund(asked)
    return Response(_shown_refund(refund), status_code=201 if created else 200)


@post(
    "/v1/notices/replay",
    guards=[require(Scope.PAYMENTS_WRITE)],
    status_code=200,
    sync_to_thread=True,
    tags=["payments"],
    summary="Look at kept notices again",
    responses=answers(413, 422),
)
def replay_some(request: Request[Any, Any, Any], data: JSONBody[Replay]) -> NoticesReplayed:
    """Look at notices as if they came now; each top-up they name is asked about once more."""
    services = services_of(request.app.state)
    if data.since is not None:
        require_interval(data.since, None, services.clock.now())
    replayed = services.cashier.replay(data.since or from_unix(0))
    return NoticesReplayed(replayed.notices, replayed.unmatched)


def _shown(tx: Transaction, top_up: TopUp, now: datetime) -> TopUpShown:
    return TopUpShown(
        top_up_id=top_up.id,
        user_sid=top_up.user_sid,
        status=top_up.state,
        credited=top_up.credited,
        provider=top_up.provider,
        method=top_up.method,
        amount=top_up.amount,
        currency=top_up.currency,
        failure=top_up.failure,
        redirect_url=top_up.redirect_url if top_up.may_go_on(now) else None,
        control_number=top_up.control_number,
        exchange=_shown_exchange(tx, top_up),
    )


def _shown_exchange(tx: Transaction, top_up: TopUp) -> ExchangeShown | None:
    quote = find_counting(tx, top_up)
    if quote is None:
        return None
    return ExchangeShown(
        worth=top_up.credited or top_up.credit,
        rate=write_rate(quote.mid),
        applied=write_rate(quote.applied),
        source=quote.source,
        rated_at=quote.rated_at,
        expires_at=quote.expires_at,
    )


def _shown_refund(refund: Refund) -> RefundShown:
    return RefundShown(
        refund_id=refund.id,
        top_up_id=refund.top_up_id,
        status=refund.state,
        amount=refund.amount,
        currency=refund.currency,
        failure=refund.failure,
    )


def _shown_dispute(dispute: Dispute) -> DisputeShown:
    return DisputeShown(
        reference=dispute.reference,
        status=dispute.state,
        amount=dispute.amount,
        withdrawn=dispute.withdrawn,
        currency=dispute.currency,
    )
