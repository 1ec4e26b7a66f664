"""Routes about promotional credit."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from hero_onboarding.aggregation import grant_credit
from hero_onboarding.api_keys import Scope
from hero_onboarding.http import require, require_account, services_of
from hero_onboarding.wallet import Grant, GrantRequest, get_wallet, list_grants
from hero_onboarding.web.api.description import answers

Moment = Annotated[datetime, Meta(tz=True)]


class NewGrant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Credit in micro-dollars for use from ``begins_at``, or now, until ``expires_at``."""

    amount: int
    reason: str
    expires_at: Moment
    idempotency_key: str
    begins_at: Moment | None = None


class GrantShown(msgspec.Struct, frozen=True):
    """A grant, amounts in micro-dollars; its life is whole hours of UTC.

    ``granted`` is ``used`` + ``expired`` + ``left``. It is open until what was left expired.
    """

    id: UUID
    user_sid: str
    reason: str
    granted: int
    used: int
    expired: int
    left: int
    begins_at: datetime
    expires_at: datetime
    granted_at: datetime
    is_open: bool


class GrantList(msgspec.Struct, frozen=True):
    """All grants of a user, those that expire first at the beginning."""

    items: list[GrantShown]


@post(
    "/v1/users/{sid:str}/grants",
    guards=[require(Scope.WALLETS_WRITE)],
    sync_to_thread=True,
    tags=["wallet"],
    summary="Give promotional credit, once",
    responses=answers(404, 409, 413, 422, repeat=GrantShown),
)
def grant_one(
    request: Request[Any, Any, Any], sid: FromPath[str], data: JSONBody[NewGrant]
) -> Response[GrantShown]:
    """Give credit once: 201 when new, 200 for a repeat; it pays for use and is never paid out."""
    services = services_of(request.app.state)
    asked = GrantRequest(
        user_sid=sid,
        amount=data.amount,
        reason=data.reason,
        key=data.idempotency_key,
        expires_at=data.expires_at,
        begins_at=data.begins_at,
    )
    with services.database.transaction() as tx:
        grant, created = grant_credit(tx, asked, services.clock.now())
    return Response(_shown(grant), status_code=201 if created else 200)


@get(
    "/v1/users/{sid:str}/grants",
    guards=[require(Scope.READ, Scope.ACCOUNT_READ, secret_in_production=True)],
    sync_to_thread=True,
    tags=["wallet"],
    summary="List promotional credit",
    responses=answers(404),
)
def show_grants(request: Request[Any, Any, Any], sid: FromPath[str]) -> GrantList:
    """List all grants of a user, those that expire first at the beginning."""
    require_account(request, sid)
    with services_of(request.app.state).database.reading() as tx:
        get_wallet(tx, sid)
        return GrantList([_shown(grant) for grant in list_grants(tx, sid)])


def _shown(grant: Grant) -> GrantShown:
    return GrantShown(
        id=grant.id,
        user_sid=grant.user_sid,
        reason=grant.reason,
        granted=grant.granted,
        used=grant.used,
        expired=grant.expired,
        left=grant.left,
        begins_at=grant.begins_at,
        expires_at=grant.expires_at,
        granted_at=grant.granted_at,
        is_open=grant.is_open,
    )
