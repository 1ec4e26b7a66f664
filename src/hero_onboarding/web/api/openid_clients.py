"""Routes that register, list and revoke services that sign their users in here."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from hero_onboarding.api_keys import Scope
from hero_onboarding.http import key_of, require, services_of
from hero_onboarding.openid import (
    Client,
    ClientRequest,
    create_client,
    list_clients,
    renew_seals,
    revoke_client,
    rotate_keys,
    signing_key,
)
from hero_onboarding.web.api.bodies import refuse_body
from hero_onboarding.web.api.description import answers

_BY_SECRET: Final = "admin_secret"  # noqa: S105 - the name of one

Cursor = Annotated[str | None, QueryParameter(name="cursor", required=False)]


class NewClient(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A service to register; a public one runs where its users could read a secret."""

    name: str
    redirect_uris: list[str]
    is_public: bool = False
    algorithm: Literal["ES256", "RS256"] = "ES256"


class ClientShown(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a client; its secret is not."""

    id: str
    name: str
    redirect_uris: list[str]
    algorithm: str
    is_public: bool
    created_at: datetime
    created_by: str
    revoked_at: datetime | None


class ClientMade(ClientShown, frozen=True, kw_only=True):
    """A new client, with its secret: this answer alone has it; a public one has none."""

    secret: str | None


class ClientPage(msgspec.Struct, frozen=True):
    """One page of clients, newest first."""

    items: list[ClientShown]
    next_cursor: str | None


class KeysRotated(msgspec.Struct, frozen=True):
    """The ids of the new keys, one for each algorithm in use; they sign in six minutes."""

    kids: list[str]


@post(
    "/admin/openid/clients",
    guards=[require(Scope.CLIENTS_WRITE, Scope.KEYS_WRITE)],
    sync_to_thread=True,
    tags=["openid"],
    summary="Register a service and show its secret, this once",
    responses=answers(413, 422),
)
def create_one(request: Request[Any, Any, Any], data: JSONBody[NewClient]) -> Response[ClientMade]:
    """Register a client; its secret is in this answer and nowhere else. Asking twice makes two."""
    services, maker = services_of(request.app.state), key_of(request)
    wanted = ClientRequest(data.name, tuple(data.redirect_uris), data.is_public, data.algorithm)
    created_by = _BY_SECRET if maker is None else f"key:{maker.id}"
    with services.database.transaction() as tx:
        client, secret = create_client(tx, wanted, created_by, services.clock.now())
        signing_key(tx, services.box, services.clock.now(), client.algorithm)  # shown before used
    made = ClientMade(**_fields(client), secret=secret)
    return Response(made, status_code=201, headers={"Cache-Control": "no-store"})


@get(
    "/admin/openid/clients",
    guards=[require(Scope.READ, Scope.CLIENTS_WRITE, Scope.KEYS_WRITE, secret_in_production=True)],
    sync_to_thread=True,
    tags=["openid"],
    summary="List services",
    responses=answers(422),
)
def show_clients(request: Request[Any, Any, Any], cursor: Cursor = None) -> ClientPage:
    """List all clients, newest first, those that are revoked too; never a secret."""
    with services_of(request.app.state).database.reading() as tx:
        page = list_clients(tx, cursor).map(_client)
    return ClientPage(list(page.items), page.next_cursor)


@post(
    "/admin/openid/clients/{client_id:str}/revoke",
    guards=[require(Scope.CLIENTS_WRITE, Scope.KEYS_WRITE)],
    before_request=refuse_body,
    status_code=200,
    sync_to_thread=True,
    tags=["openid"],
    summary="Revoke a service",
    responses=answers(404, 413, 422),
)
def revoke_one(request: Request[Any, Any, Any], client_id: FromPath[str]) -> ClientShown:
    """Revoke a client for ever, with all that it was given. Repeating is safe."""
    services = services_of(request.app.state)
    with services.database.transaction() as tx:
        return _client(revoke_client(tx, client_id, services.clock.now()))


@post(
    "/admin/openid/keys/rotate",
    guards=[require(Scope.CLIENTS_WRITE, Scope.KEYS_WRITE)],
    before_request=refuse_body,
    status_code=200,
    sync_to_thread=True,
    tags=["openid"],
    summary="Make new keys that will sign identity tokens",
    responses=answers(413, 422),
)
def rotate_now(request: Request[Any, Any, Any]) -> KeysRotated:
    """Make new keys: shown now, they sign in six minutes; those before stay while tokens live."""
    services = services_of(request.app.state)
    with services.database.transaction() as tx:
        renew_seals(tx, services.box)
        return KeysRotated(rotate_keys(tx, services.box, services.clock.now()))


def _client(client: Client) -> ClientShown:
    return ClientShown(**_fields(client))


def _fields(client: Client) -> dict[str, Any]:
    names = ClientShown.__struct_fields__
    found = {name: getattr(client, name) for name in names}
    return {**found, "redirect_uris": [*client.redirect_uris]}
