"""What the API's description says beyond what the framework finds out by itself."""

from typing import Final

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

from hero_onboarding.http import PROBLEM_JSON, SECRET_HEADER, Mode, Problem
from hero_onboarding.web.api.request_bodies import BODIES

SCHEME: Final = "admin_secret"
_BY_FRAMEWORK: Final = "400"
_MEANINGS: Final = {
    401: "The admin secret is missing or wrong; nothing changed.",
    403: "In production mode this needs an API key; nothing changed.",
    404: "What the path names is not there.",
    409: "It contradicts what is there; nothing changed.",
    413: "The body, the batch or the hour's file is over its limit.",
    421: "In sandbox mode: asked for under a name that is not this machine's.",
    422: "The body or a parameter can't be read, or a value is not allowed; nothing changed.",
    503: "Not now; the same request may be sent again as it is.",
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


def make_config(version: str, router: Router) -> OpenAPIConfig:
    """Serve the description as JSON; pages about it would load scripts from elsewhere."""
    scheme = SecurityScheme(
        type="apiKey",
        name=SECRET_HEADER,
        security_scheme_in="header",
        description="The admin secret of this server.",
    )
    return OpenAPIConfig(
        title="hero_onboarding billing API",
        version=version,
        description="Errors are RFC 9457 problems with a stable code.",
        path="/api",
        render_plugins=[JsonRenderPlugin()],
        openapi_router=router,
        components=Components(security_schemes={SCHEME: scheme}),
    )


def complete(description: OpenAPI, mode: Mode) -> None:
    """Add what all routes have in common, and take out what this mode or server never answers."""
    for path, item in (description.paths or {}).items():
        for operation in _operations(item):
            operation.request_body = operation.request_body or BODIES.get(path)
            found = dict(operation.responses or {})
            found.pop(_BY_FRAMEWORK, None)
            added = [401, 503] if operation.security else []
            if mode is Mode.SANDBOX:
                found.pop("403", None)
                added.append(421)
            found |= {str(status): _problem(status) for status in added}
            operation.responses = dict(sorted(found.items()))


def _operations(item: PathItem) -> list[Operation]:
    return [one for one in (item.get, item.post, item.delete) if one is not None]


def _problem(status: int) -> OpenAPIResponse:
    schema = Reference(ref="#/components/schemas/Problem")
    return OpenAPIResponse(
        description=_MEANINGS[status], content={PROBLEM_JSON: OpenAPIMediaType(schema=schema)}
    )
