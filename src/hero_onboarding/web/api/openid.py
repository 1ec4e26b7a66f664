"""Routes that other services call to sign their users in here (OpenID Connect Core 1.0).

Bodies and errors are the protocol's: forms, and JSON with ``error`` and ``error_description``.
"""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from litestar import HttpMethod, MediaType, Request, Response, get, post, route
from litestar.concurrency import sync_to_thread
from litestar.openapi import ResponseSpec

from hero_onboarding.database import Transaction
from hero_onboarding.http import read_bearer, services_of
from hero_onboarding.http.limits import limit
from hero_onboarding.http.same_origin import origin_of
from hero_onboarding.openid import (
    JWKS_SECONDS,
    Call,
    Provider,
    Reply,
    describe,
    exchange,
    public_keys,
    refuse_call,
    revoke,
    signing_key,
    tell_user,
)
from hero_onboarding.web.api.description import SIGN_IN, sign_in_answers

ENDPOINTS: Final = {
    "authorization_endpoint": "/oauth/authorize",
    "token_endpoint": "/oauth/token",
    "userinfo_endpoint": "/oauth/userinfo",
    "revocation_endpoint": "/oauth/revoke",
    "jwks_uri": "/oauth/jwks.json",
}
_FIELDS_MAX: Final = 50


class OpenidProblem(msgspec.Struct, frozen=True):
    """How the protocol says that something was refused (RFC 6749, 5.2; RFC 6750, 3.1)."""

    error: str | None = None
    error_description: str | None = None


_REFUSALS: Final = {
    400: ResponseSpec(
        OpenidProblem, generate_examples=False, description="The request or the code is wrong."
    ),
    401: ResponseSpec(
        OpenidProblem, generate_examples=False, description="The client or the token is wrong."
    ),
}
_KEPT: Final = {"Cache-Control": f"public, max-age={JWKS_SECONDS}"}

Act = Callable[[Transaction, Provider, Call], Reply]


@get(
    "/.well-known/openid-configuration",
    name="openid_discovery",
    sync_to_thread=False,
    tags=[SIGN_IN],
    summary="Describe the OpenID provider",
    responses=sign_in_answers(done=dict[str, Any]),
)
def show_discovery(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """Say what this provider does, and where."""
    return Response(describe(origin_of(request), ENDPOINTS), headers=_KEPT)


@get(
    "/oauth/jwks.json",
    name="openid_keys",
    sync_to_thread=True,
    tags=[SIGN_IN],
    summary="List the public keys of identity tokens",
    responses=sign_in_answers(done=dict[str, Any]),
)
def show_keys(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """List the keys by which identity tokens are checked, as a JSON Web Key Set."""
    services = services_of(request.app.state)
    now = services.clock.now()
    with services.database.reading() as tx:
        found = public_keys(tx, now)
    if not found:
        with services.database.transaction() as tx:
            signing_key(tx, services.box, now)
            found = public_keys(tx, now)
    return Response({"keys": found}, headers=_KEPT)


@post(
    "/oauth/token",
    name="openid_token",
    status_code=200,
    tags=[SIGN_IN],
    summary="Exchange a code for tokens",
    responses={**sign_in_answers(403, 413, 429, done=dict[str, Any]), **_REFUSALS},
)
async def exchange_code(request: Request[Any, Any, Any]) -> Response[Any]:
    """Exchange a code, once, for an access token and an identity token (RFC 6749, 4.1.3)."""
    body = await request.body()
    return await sync_to_thread(_serve, request, body, exchange)


@post(
    "/oauth/revoke",
    name="openid_revoke",
    status_code=200,
    tags=[SIGN_IN],
    summary="End an access token",
    responses={**sign_in_answers(403, 413, 429, done=dict[str, Any]), **_REFUSALS},
)
async def revoke_token(request: Request[Any, Any, Any]) -> Response[Any]:
    """End an access token of the asking client's (RFC 7009); one that is none is no error."""
    body = await request.body()
    return await sync_to_thread(_serve, request, body, revoke)


@route(
    "/oauth/userinfo",
    http_method=[HttpMethod.GET, HttpMethod.POST],
    name="openid_user",
    status_code=200,
    sync_to_thread=True,
    tags=[SIGN_IN],
    summary="Say who an access token is about",
    responses={**sign_in_answers(403, 413, 429, done=dict[str, Any]), 401: _REFUSALS[401]},
)
def show_user(request: Request[Any, Any, Any]) -> Response[Any]:
    """Say what the service of an access token may know about its user."""
    limit(request, "tokens")
    token = read_bearer(request.headers.getall("Authorization", []))
    with services_of(request.app.state).database.reading() as tx:
        return _response(tell_user(tx, _provider(request), token))


def _serve(request: Request[Any, Any, Any], body: bytes, act: Act) -> Response[Any]:
    """Answer to a service's form; what was taken to refuse it stays taken."""
    services, provider = services_of(request.app.state), _provider(request)
    limit(request, "tokens")
    call = _read(request, body)
    with services.database.transaction() as tx:
        if call is None:
            detail = "The body must be a form of plain text that names everything once."
            return _response(refuse_call(tx, provider, detail))
        return _response(act(tx, provider, call))


def _read(request: Request[Any, Any, Any], body: bytes) -> Call | None:
    """Read a form; None where it is none, names something twice, or is no plain text."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_FIELDS_MAX)
    except ValueError:
        return None
    form = dict(pairs)
    is_plain = all(value.isascii() and value.isprintable() for pair in pairs for value in pair)
    shown = request.headers.getall("Authorization", [])
    if len(form) != len(pairs) or not is_plain or len(shown) > 1:
        return None
    return Call(form, shown[0] if shown else None)


def _response(reply: Reply) -> Response[Any]:
    headers = {name: value for name, value in reply.headers.items() if name != "Content-Type"}
    return Response(
        dict(reply.body),
        status_code=reply.status,
        media_type=MediaType.JSON,
        headers={**headers, "Cache-Control": "no-store"},
    )


def _provider(request: Request[Any, Any, Any]) -> Provider:
    services = services_of(request.app.state)
    return Provider(origin_of(request), services.box, services.clock.now())
