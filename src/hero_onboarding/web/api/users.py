"""Routes about users and their wallets."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Stream
from msgspec import Meta

from hero_onboarding.api_keys import Scope
from hero_onboarding.http import require, require_account, services_of
from hero_onboarding.identity import User, list_users
from hero_onboarding.kernel.money import USD
from hero_onboarding.wallet import (
    Adjustment,
    Hold,
    HoldRequest,
    Movement,
    Wallet,
    WriteOff,
    adjust,
    close_hold,
    credit_at,
    get_hold,
    get_wallet,
    hold_funds,
    list_grants,
    list_movements,
    open_user,
    write_off,
)
from hero_onboarding.web.api.bodies import MalformedBodyError, refuse_body
from hero_onboarding.web.api.description import answers
from hero_onboarding.web.statement_file import statement_file

_EXPIRY_YEARS: Final = range(1971, 3000)
Cursor = Annotated[str | None, QueryParameter(name="cursor", required=False)]


class NewUser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A user to create; without a sid the next free one is taken."""

    sid: str | None = None
    name: str = ""


class UserShown(msgspec.Struct, frozen=True):
    """A user."""

    sid: str
    name: str
    created_at: datetime


class UserPage(msgspec.Struct, frozen=True):
    """One page of users, newest first."""

    items: list[UserShown]
    next_cursor: str | None


class NewAdjustment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An amount in micro-dollars to move between the wallet and ``adjustments``."""

    amount: int
    reason: str
    idempotency_key: str
    allow_debt: bool = False


class NewWriteOff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a user's debt that is given up, in micro-dollars."""

    amount: int
    reason: str
    idempotency_key: str


class Adjusted(msgspec.Struct, frozen=True):
    """What became of an adjustment, or of what was written off."""

    status: str
    transfer_id: UUID
    idempotency_key: str


class WalletShown(msgspec.Struct, frozen=True):
    """A wallet, integers in micro-dollars."""

    user_sid: str
    currency: str
    scale: int
    balance: int
    held: int
    available: int
    overdraft: int
    debt: int
    promo: int


class MovementShown(msgspec.Struct, frozen=True):
    """One line of a statement; ``balance_after`` is the signed net, in micro-dollars."""

    id: UUID
    at: datetime
    kind: str
    amount: int
    balance_after: int
    detail: dict[str, Any]


class MovementPage(msgspec.Struct, frozen=True):
    """One page of a statement, newest first."""

    items: list[MovementShown]
    next_cursor: str | None


class NewHold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A claim on what is available, in micro-dollars."""

    amount: int
    purpose: str
    expires_at: Annotated[datetime, Meta(tz=True)]
    idempotency_key: str


class HoldShown(msgspec.Struct, frozen=True):
    """A hold; ``remaining`` is what it still claims."""

    id: UUID
    user_sid: str
    amount: int
    remaining: int
    purpose: str
    expires_at: datetime
    is_open: bool


@post(
    "/v1/users",
    guards=[require(Scope.USERS_WRITE)],
    sync_to_thread=True,
    tags=["users"],
    summary="Create a user, once",
    responses=answers(409, 413, 422, repeat=UserShown),
)
def create_one(request: Request[Any, Any, Any], data: JSONBody[NewUser]) -> Response[UserShown]:
    """Create a user: 201 when new, 200 when there with the same content, 409 with other."""
    services = services_of(request.app.state)
    with services.database.transaction() as tx:
        user, created = open_user(tx, sid=data.sid, name=data.name, now=services.clock.now())
    return Response(_user(user), status_code=201 if created else 200)


@get(
    "/v1/users",
    guards=[require(Scope.READ, secret_in_production=True)],
    sync_to_thread=True,
    tags=["users"],
    summary="List users",
    responses=answers(422),
)
def show_users(request: Request[Any, Any, Any], cursor: Cursor = None) -> UserPage:
    """List users, newest first."""
    with services_of(request.app.state).database.reading() as tx:
        page = list_users(tx, cursor).map(_user)
    return UserPage(list(page.items), page.next_cursor)


@post(
    "/v1/users/{sid:str}/adjustments",
    guards=[require(Scope.WALLETS_WRITE)],
    sync_to_thread=True,
    tags=["wallet"],
    summary="Move an amount by hand, once",
    responses=answers(404, 409, 413, 422, repeat=Adjusted),
)
def adjust_one(
    request: Request[Any, Any, Any], sid: FromPath[str], data: JSONBody[NewAdjustment]
) -> Response[Adjusted]:
    """Move an amount once: 201 when new, 200 for a repeat, 409 beyond what is available."""
    services = services_of(request.app.state)
    adjustment = Adjustment(sid, data.amount, data.reason, data.idempotency_key, data.allow_debt)
    with services.database.transaction() as tx:
        transfer, created = adjust(tx, adjustment, services.clock.now())
    status = "created" if created else "duplicate"
    answer = Adjusted(status, transfer.id, data.idempotency_key)
    return Response(answer, status_code=201 if created else 200)


@post(
    "/v1/users/{sid:str}/debt-write-offs",
    guards=[require(Scope.WALLETS_WRITE)],
    sync_to_thread=True,
    tags=["wallet"],
    summary="Give up a part of a debt, once",
    responses=answers(404, 409, 413, 422, repeat=Adjusted),
)
def write_off_one(
    request: Request[Any, Any, Any], sid: FromPath[str], data: JSONBody[NewWriteOff]
) -> Response[Adjusted]:
    """Write off once: 201 when new, 200 for a repeat, 409 for more than the debt."""
    services = services_of(request.app.state)
    asked = WriteOff(sid, data.amount, data.reason, data.idempotency_key)
    with services.database.transaction() as tx:
        transfer, created = write_off(tx, asked, services.clock.now())
    status = "created" if created else "duplicate"
    answer = Adjusted(status, transfer.id, data.idempotency_key)
    return Response(answer, status_code=201 if created else 200)


@get(
    "/v1/users/{sid:str}/wallet",
    guards=[require(Scope.READ, Scope.ACCOUNT_READ, secret_in_production=True)],
    sync_to_thread=True,
    tags=["wallet"],
    summary="Show a wallet",
    responses=answers(404),
)
def show_wallet(request: Request[Any, Any, Any], sid: FromPath[str]) -> WalletShown:
    """Show a wallet; its figures are views of one signed net, debt, holds and grants."""
    require_account(request, sid)
    services = services_of(request.app.state)
    with services.database.reading() as tx:
        wallet = get_wallet(tx, sid)
        return _wallet(wallet, credit_at(list_grants(tx, sid), services.clock.now()))


@get(
    "/v1/users/{sid:str}/movements",
    guards=[require(Scope.READ, Scope.ACCOUNT_READ, secret_in_production=True)],
    sync_to_thread=True,
    tags=["wallet"],
    summary="List the statement of a wallet",
    responses=answers(404, 422),
)
def show_movements(
    request: Request[Any, Any, Any], sid: FromPath[str], cursor: Cursor = None
) -> MovementPage:
    """List a user's statement, newest first."""
    require_account(request, sid)
    with services_of(request.app.state).database.reading() as tx:
        page = list_movements(tx, sid, cursor).map(_movement)
    return MovementPage(list(page.items), page.next_cursor)


@get(
    "/v1/users/{sid:str}/statement.csv",
    guards=[require(Scope.READ, Scope.ACCOUNT_READ, secret_in_production=True)],
    media_type="text/csv",
    sync_to_thread=True,
    tags=["wallet"],
    summary="Give the whole statement of a wallet as CSV",
    responses=answers(404),
)
def give_statement(request: Request[Any, Any, Any], sid: FromPath[str]) -> Stream:
    """Give all movements as CSV after RFC 4180, oldest first; a method answers one text."""
    require_account(request, sid)
    services = services_of(request.app.state)
    with services.database.reading() as tx:
        wallet = get_wallet(tx, sid)
    return statement_file(services.database, wallet, services.clock.now())


@post(
    "/v1/users/{sid:str}/holds",
    guards=[require(Scope.WALLETS_WRITE)],
    sync_to_thread=True,
    tags=["wallet"],
    summary="Claim part of what is available, once",
    responses=answers(404, 409, 413, 422, repeat=HoldShown),
)
def hold_some(
    request: Request[Any, Any, Any], sid: FromPath[str], data: JSONBody[NewHold]
) -> Response[HoldShown]:
    """Claim part of what is available, once; 409 when less is available."""
    services = services_of(request.app.state)
    if data.expires_at.year not in _EXPIRY_YEARS:
        raise MalformedBodyError("expires_at lies before 1971 or after 2999")
    asked = HoldRequest(sid, data.amount, data.purpose, data.idempotency_key, data.expires_at)
    now = services.clock.now()
    with services.database.transaction() as tx:
        hold, created = hold_funds(tx, asked, now)
        if created and hold.expires_at <= now:
            raise MalformedBodyError("expires_at must lie in the future")
    return Response(_hold(hold), status_code=201 if created else 200)


@post(
    "/v1/holds/{hold_id:uuid}/close",
    guards=[require(Scope.WALLETS_WRITE)],
    before_request=refuse_body,
    status_code=200,
    sync_to_thread=True,
    tags=["wallet"],
    summary="Give back what a hold claims",
    responses=answers(404, 413, 422),
)
def close_one(request: Request[Any, Any, Any], hold_id: FromPath[UUID]) -> HoldShown:
    """Give back what a hold still claims; repeating is safe."""
    services = services_of(request.app.state)
    with services.database.transaction() as tx:
        close_hold(tx, hold_id, services.clock.now())
        return _hold(get_hold(tx, hold_id))


def _user(user: User) -> UserShown:
    return UserShown(user.sid, user.name, user.created_at)


def _wallet(wallet: Wallet, promo: int) -> WalletShown:
    return WalletShown(
        user_sid=wallet.user_sid,
        currency=USD.code,
        scale=USD.scale,
        balance=wallet.balance,
        held=wallet.held,
        available=wallet.available,
        overdraft=wallet.overdraft,
        debt=wallet.owed,
        promo=promo,
    )


def _movement(movement: Movement) -> MovementShown:
    return MovementShown(
        movement.transfer_id,
        movement.at,
        movement.kind,
        movement.amount,
        movement.balance_after,
        dict(movement.detail),
    )


def _hold(hold: Hold) -> HoldShown:
    return HoldShown(
        hold.id,
        hold.user_sid,
        hold.amount,
        hold.remaining,
        hold.purpose,
        hold.expires_at,
        hold.is_open,
    )
