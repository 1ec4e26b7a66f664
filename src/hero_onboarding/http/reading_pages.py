"""Pages that only read a little: answered where the request is, or in a thread.

On SQLite reading takes less time than handing the work to a thread and back, and two threads of
one interpreter take turns anyway. On PostgreSQL reading waits for a server, so it has a thread.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from litestar import Request, Response, get
from litestar.concurrency import sync_to_thread
from litestar.handlers import HTTPRouteHandler

from hero_onboarding.http.services import services_of

Show = TypeVar("Show", bound=Callable[..., Response[str]])


def show(path: str, *, name: str) -> Callable[[Show], HTTPRouteHandler]:
    """Make the route of a page that makes a few short queries and writes nothing."""

    def decorate(answer: Show) -> HTTPRouteHandler:
        @wraps(answer)
        async def handle(request: Request[Any, Any, Any], **given: Any) -> Response[str]:  # noqa: ANN401 - as the page has them
            if services_of(request.app.state).database.is_postgresql:
                return await sync_to_thread(answer, request, **given)
            return answer(request, **given)

        return get(path, name=name)(handle)

    return decorate
