"""Pages that only read a little: answered where the request is, or in a thread.

On SQLite reading takes less time than handing the work to a thread and back, and two threads of
one interpreter take turns anyway. On PostgreSQL reading waits for a server, so it has a thread;
but in a process that does nothing else.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar

from litestar import Litestar, Request, Response, get
from litestar.concurrency import sync_to_thread
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from hero_onboarding.http.services import services_of

ANSWERS_INLINE: Final = "answers_inline"
"""The key of an application's state that says that nothing else waits while it reads."""

_READS: Final = "reads"
Show = TypeVar("Show", bound=Callable[..., Response[str]])


def show(path: str, *, name: str) -> Callable[[Show], HTTPRouteHandler]:
    """Make the route of a page that makes a few short queries and writes nothing."""

    def decorate(answer: Show) -> HTTPRouteHandler:
        @wraps(answer)
        async def handle(request: Request[Any, Any, Any], **given: Any) -> Response[str]:  # noqa: ANN401 - as the page has them
            state = request.app.state
            if services_of(state).database.is_postgresql and not state.get(ANSWERS_INLINE):
                return await sync_to_thread(answer, request, **given)
            return answer(request, **given)

        return get(path, name=name, opt={_READS: True})(handle)

    return decorate


def reading_paths(application: Litestar) -> frozenset[str]:
    """Return the paths of all such pages."""
    return frozenset(
        route.path
        for route in application.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if _READS in handler.opt
    )
