"""Routes that make, list and revoke API keys."""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from hero_onboarding.api_keys import (
    ApiKey,
    KeyRequest,
    Scope,
    create_key,
    list_keys,
    read_scopes,
    revoke_key,
)
from hero_onboarding.http import key_of, require, services_of
from hero_onboarding.web.api.bodies import refuse_body
from hero_onboarding.web.api.description import answers

_BY_SECRET: Final = "admin_secret"  # noqa: S105 - the name of one

Cursor = Annotated[str | None, QueryParameter(name="cursor", required=False)]


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key to make: ``node_id`` goes with ``usage:record``, ``user_sid`` with ``account:read``."""

    label: str
    scopes: list[str]
    node_id: str | None = None
    user_sid: str | None = None
    expires_days: int | None = None


class KeyShown(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a key; its text is not."""

    id: str
    label: str
    scopes: list[str]
    node_id: str | None
    user_sid: str | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class KeyMade(KeyShown, frozen=True, kw_only=True):
    """A new key, with its text: this answer alone has it."""

    key: str


class KeyPage(msgspec.Struct, frozen=True):
    """One page of keys, newest first."""

    items: list[KeyShown]
    next_cursor: str | None


@post(
    "/admin/api-keys",
    guards=[require(Scope.KEYS_WRITE)],
    sync_to_thread=True,
    tags=["keys"],
    summary="Make an API key and show it, this once",
    responses=answers(404, 413, 422),
)
def create_one(request: Request[Any, Any, Any], data: JSONBody[NewKey]) -> Response[KeyMade]:
    """Make a key; its text is in this answer and nowhere else. Asking twice makes two."""
    services, maker = services_of(request.app.state), key_of(request)
    scopes = read_scopes(data.scopes)
    wanted = KeyRequest(data.label, scopes, data.node_id, data.user_sid, data.expires_days)
    created_by = _BY_SECRET if maker is None else f"key:{maker.id}"
    with services.database.transaction() as tx:
        key, text = create_key(tx, wanted, created_by, services.clock.now())
    made = KeyMade(**_fields(key), key=text)
    return Response(made, status_code=201, headers={"Cache-Control": "no-store"})


@get(
    "/admin/api-keys",
    guards=[require(Scope.READ, Scope.KEYS_WRITE, secret_in_production=True)],
    sync_to_thread=True,
    tags=["keys"],
    summary="List API keys",
    responses=answers(422),
)
def show_keys(request: Request[Any, Any, Any], cursor: Cursor = None) -> KeyPage:
    """List all keys, newest first, those that are revoked or over too; never what opens."""
    with services_of(request.app.state).database.reading() as tx:
        page = list_keys(tx, cursor).map(_key)
    return KeyPage(list(page.items), page.next_cursor)


@post(
    "/admin/api-keys/{key_id:str}/revoke",
    guards=[require(Scope.KEYS_WRITE)],
    before_request=refuse_body,
    status_code=200,
    sync_to_thread=True,
    tags=["keys"],
    summary="Revoke an API key",
    responses=answers(404, 413, 422),
)
def revoke_one(request: Request[Any, Any, Any], key_id: FromPath[str]) -> KeyShown:
    """Revoke a key for ever; what begins after the answer is refused. Repeating is safe."""
    services = services_of(request.app.state)
    with services.database.transaction() as tx:
        return _key(revoke_key(tx, key_id, services.clock.now()))


def _key(key: ApiKey) -> KeyShown:
    return KeyShown(**_fields(key))


def _fields(key: ApiKey) -> dict[str, Any]:
    names = KeyShown.__struct_fields__
    return {**{name: getattr(key, name) for name in names}, "scopes": [*key.scopes]}
