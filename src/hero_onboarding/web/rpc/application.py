"""The application behind ``rpc.sock``: JSON-RPC over HTTP, and what says what it is."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import msgspec
from litestar import Litestar, MediaType, Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State

from hero_onboarding.http import FAILURE_HANDLERS, show_health
from hero_onboarding.kernel.server import SERVICE
from hero_onboarding.web.rpc.dispatch import Headers, ask_site
from hero_onboarding.web.rpc.document import DESCRIPTION, TITLE, make_document
from hero_onboarding.web.rpc.messages import (
    UNKNOWN_METHOD,
    Call,
    Failure,
    Refused,
    fail,
    read_message,
    write_failure,
    write_result,
)
from hero_onboarding.web.rpc.methods import Method, fill_in, list_methods
from hero_onboarding.web.rpc.names import DISCOVER, names_of

BYTES_MAX: Final = 9 * 1024 * 1024
"""The largest body: a batch of usage, and what stands around it."""

_SHOWN_MAX: Final = 100
_READ_AT_ONCE_MAX: Final = 64 * 1024
"""A longer body is read in a thread, so that nobody waits for it."""


class HeroService(msgspec.Struct, frozen=True):
    """What a Hero service says of itself."""

    protocol: str
    name: str
    title: str
    version: str
    description: str
    socket: str


@dataclass(frozen=True)
class Methods:
    """The methods of a site, made when one is first called: few servers are ever asked."""

    site: Litestar
    routes: Collection[str]
    version: str

    @cached_property
    def _description(self) -> dict[str, Any]:
        self.site.state["describe"]()
        return self.site.openapi_schema.to_schema()

    @cached_property
    def by_name(self) -> dict[str, Method]:
        """Each method by its name."""
        return list_methods(self._description, self.routes)

    @cached_property
    def document(self) -> bytes:
        """The OpenRPC document."""
        document = make_document(self.by_name, self._description, self.version)
        return msgspec.json.encode(document)

    async def do(self, call: Call, headers: Headers) -> bytes | Failure:
        """Do what a call asks for."""
        if call.method == DISCOVER:
            return self.document
        method = self.by_name.get(call.method)
        if method is None:
            return fail(
                UNKNOWN_METHOD, f"there is no method {call.method[:_SHOWN_MAX]!r} at this server"
            )
        asked = fill_in(method, call.params)
        return asked if isinstance(asked, Failure) else await ask_site(self.site, asked, headers)


def make_rpc(site: Litestar) -> Litestar:
    """Make the application that serves a site's script routes as methods.

    Raises:
        AssertionError: If a route has no method.
    """
    services = site.state["services"]
    routes = [f"{verb} {path}" for path, verb in site.state["guards"]]
    names_of(routes)
    return Litestar(
        route_handlers=[show_health, answer_calls, show_document, show_service],
        state=State(
            {
                "services": services,
                "service": SERVICE,
                "methods": Methods(site, routes, services.version),
            }
        ),
        exception_handlers=FAILURE_HANDLERS,
        openapi_config=None,
        request_max_body_size=BYTES_MAX,
        logging_config=None,
    )


@post("/rpc", status_code=200)
async def answer_calls(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Answer one call or a batch; where nothing wants an answer, there is none (204)."""
    body = await request.body()
    is_small = len(body) < _READ_AT_ONCE_MAX
    message = read_message(body) if is_small else await sync_to_thread(read_message, body)
    if isinstance(message, Failure):
        return _json(write_failure(message))
    methods, headers = request.app.state["methods"], request.scope["headers"]
    answers = []
    for call in message.calls:
        answer = await _answer(methods, call, headers)
        if answer is not None:
            answers.append(answer)
    if not answers:
        return Response(b"", status_code=204, media_type=MediaType.JSON)
    return _json(b"[" + b",".join(answers) + b"]" if message.is_batch else answers[0])


@get("/openrpc.json", sync_to_thread=False)
def show_document(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Describe the methods."""
    return _json(request.app.state["methods"].document)


@get("/.well-known/heroservice.json", sync_to_thread=False)
def show_service(request: Request[Any, Any, Any]) -> HeroService:
    """Say what this service is and by which socket of its folder it is asked."""
    version = request.app.state["services"].version
    return HeroService("openrpc", SERVICE, TITLE, version, DESCRIPTION, "rpc")


async def _answer(methods: Methods, call: Call | Refused, headers: Headers) -> bytes | None:
    if isinstance(call, Refused):
        return write_failure(call.failure, call.id)
    done = await methods.do(call, headers)
    if call.id is None:
        return None
    if isinstance(done, Failure):
        return write_failure(done, call.id)
    return write_result(done, call.id)


def _json(body: bytes) -> Response[bytes]:
    """Answer with JSON; a new key may be in it, which nobody is to keep by the way."""
    return Response(body, media_type=MediaType.JSON, headers={"Cache-Control": "no-store"})
