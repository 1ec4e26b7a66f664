"""What the API's description says beyond what the framework finds out by itself."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from litestar import Litestar
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPI,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    PathItem,
    Reference,
    SecurityScheme,
)
from litestar.router import Router
from litestar.routes import HTTPRoute

from hero_onboarding.http import PROBLEM_JSON, SECRET_HEADER, Mode, Problem, ScopeGuard
from hero_onboarding.web.api.request_bodies import BODIES

SECRET_SCHEME: Final = "admin_secret"  # noqa: S105 - a scheme's name
KEY_SCHEME: Final = "api_key"
Guards = Mapping[tuple[str, str], ScopeGuard]
"""The guard of each script route, by path and method."""

_BY_FRAMEWORK: Final = "Bad request syntax or unsupported method"
"""How the framework describes a 400 that no route of ours answers."""

_MEANINGS: Final = {
    401: "The admin secret or the API key is missing or wrong; nothing changed.",
    403: "The API key has not the scope, or is for another node or user; or the admin secret is"
    " not enough here; nothing changed.",
    404: "What the path names is not there.",
    400: "It is authentic and can't be read; nothing was stored.",
    409: "It contradicts what is there; nothing changed.",
    413: "The body, the batch or the hour's file is over its limit.",
    421: "In sandbox mode: asked for under a name that is not this machine's.",
    422: "The body or a parameter can't be read, or a value is not allowed; nothing changed.",
    429: "Too much at once; Retry-After says when to come again.",
    502: "Another server answered what makes no sense; the same request may be sent again.",
    503: "Not now; the same request may be sent again as it is.",
}
SIGN_IN: Final = "sign-in"
"""The tag of routes by which people sign in; they need no secret."""

_OF_SIGN_IN: Final = {
    401: "Unknown, over, used or wrong: the answer is the same, and nothing changed.",
    403: "A page of another site sent it, or the session may not do this; nothing changed.",
    409: "The address belongs to an account already; nothing changed.",
}


def answers(*refusals: int, repeat: type | None = None) -> dict[int, ResponseSpec]:
    """Describe how a route refuses, and how it answers a repeat where that has another status.

    What all routes have in common is added by ``complete``.
    """
    described = {
        status: ResponseSpec(
            Problem,
            generate_examples=False,
            description=_MEANINGS[status],
            media_type=PROBLEM_JSON,
        )
        for status in refusals
    }
    if repeat is not None:
        words = "It was there before with the same content; nothing changed."
        described[200] = ResponseSpec(repeat, generate_examples=False, description=words)
    return described


def sign_in_answers(*refusals: int, done: type | None = None) -> dict[int, ResponseSpec]:
    """Describe how a route of signing in refuses, and what it says where its type does not."""
    described = {
        status: replace(spec, description=_OF_SIGN_IN.get(status, spec.description))
        for status, spec in answers(*refusals).items()
    }
    if done is not None:
        described[200] = ResponseSpec(done, generate_examples=False, description="Done.")
    return described


def make_config(version: str, router: Router) -> OpenAPIConfig:
    """Serve the description as JSON; pages about it would load scripts from elsewhere."""
    secret = SecurityScheme(
        type="apiKey",
        name=SECRET_HEADER,
        security_scheme_in="header",
        description="The admin secret of this server.",
    )
    key = SecurityScheme(
        type="http",
        scheme="bearer",
        description="An API key with the scope that is named beside a route; several are"
        " alternatives. docs/api_keys.md has the list.",
    )
    return OpenAPIConfig(
        title="hero_onboarding billing API",
        version=version,
        description="Errors are RFC 9457 problems with a stable code.",
        path="/api",
        use_handler_docstrings=True,
        render_plugins=[JsonRenderPlugin()],
        openapi_router=router,
        components=Components(security_schemes={SECRET_SCHEME: secret, KEY_SCHEME: key}),
    )


def guards_of(application: Litestar, script_paths: Router) -> Guards:
    """Find the guard of each script route.

    Raises:
        AssertionError: If one has none, and so would be open to everybody.
    """
    paths = {route.path_format for route in script_paths.routes}
    found: dict[tuple[str, str], ScopeGuard] = {}
    for route in application.routes:
        if isinstance(route, HTTPRoute) and route.path_format in paths:
            for handler in route.route_handlers:
                methods = handler.http_methods - {"OPTIONS"}  # the framework's own
                guards = [one for one in handler.guards or () if isinstance(one, ScopeGuard)]
                assert len(guards) == 1 or not methods, handler
                found |= {(route.path_format, str(method)): guards[0] for method in methods}
    return found


def complete(description: OpenAPI, guards: Guards, mode: Mode) -> None:
    """Add what all routes have in common, and take out what this mode or server never answers."""
    for path, item in (description.paths or {}).items():
        for method, operation in _operations(item):
            operation.request_body = operation.request_body or BODIES.get(path)
            found = dict(operation.responses or {})
            if "400" in found and found["400"].description == _BY_FRAMEWORK:
                del found["400"]
            guard = guards.get((path, method))
            added = [421] if mode is Mode.SANDBOX else []
            if guard is not None:
                _describe_guard(operation, guard, mode)
                added += [401, 403, 503]
            elif operation.tags == [SIGN_IN]:
                added.append(503)
            if "204" in found:
                found["204"] = OpenAPIResponse(description="Done; there is nothing to say.")
            found |= {str(status): _problem(status) for status in added}
            operation.responses = dict(sorted(found.items()))


def _describe_guard(operation: Operation, guard: ScopeGuard, mode: Mode) -> None:
    """Say which secret or key opens a route; what a list of requirements holds are alternatives."""
    by_secret = [{SECRET_SCHEME: list[str]()}] if guard.is_opened_by_secret(mode) else []
    operation.security = [*by_secret, *({KEY_SCHEME: [str(one)]} for one in guard.scopes)]
    scopes = " or ".join(f"`{scope}`" for scope in guard.scopes)
    operation.description = f"{operation.description}\n\nScope of an API key: {scopes}."


def _operations(item: PathItem) -> list[tuple[str, Operation]]:
    found = {"GET": item.get, "POST": item.post, "DELETE": item.delete}
    return [(method, one) for method, one in found.items() if one is not None]


def _problem(status: int) -> OpenAPIResponse:
    schema = Reference(ref="#/components/schemas/Problem")
    return OpenAPIResponse(
        description=_MEANINGS[status], content={PROBLEM_JSON: OpenAPIMediaType(schema=schema)}
    )
