"""Refuse forms that another site sent, and pages asked for under another name."""

from typing import Any, Final
from urllib.parse import urlsplit

from litestar import MediaType, Request, Response
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from hero_onboarding.http.failures import EdgeError
from hero_onboarding.http.services import services_of
from hero_onboarding.kernel.server import SITE_SERVICE, Mode, is_loopback_host

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


async def require_same_origin(
    connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler
) -> None:
    """Let a form in only when the browser says that a page of ours sent it.

    Browsers say so in ``Sec-Fetch-Site``, which no page can set; older ones in ``Origin``, whose
    host must then be the one that was asked. A request with neither is refused. The session cookie
    is ``SameSite=Lax`` besides.

    Raises:
        EdgeError: 403 for anything else.
    """
    if connection.scope.get("method") in _SAFE:
        return
    fetch_site = connection.headers.get("Sec-Fetch-Site")
    is_ours = fetch_site == "same-origin" if fetch_site else _names_us(connection)
    if not is_ours:
        detail = "a form is taken only from a page of this site"
        raise EdgeError(403, "request.cross_site", detail)


async def refuse_cross_site(
    connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler
) -> None:
    """Refuse what a browser says that another site sent; programs, which say nothing, go on.

    Raises:
        EdgeError: 403 when the browser names another site.
    """
    is_from_browser = {"origin", "sec-fetch-site"} & connection.headers.keys()
    if is_from_browser:
        await require_same_origin(connection, _)


def origin_of(request: Request[Any, Any, Any]) -> str:
    """Return this site's origin as whoever asks knows it.

    That is the public one, whatever ``Host`` says; a sandbox answers under every name of this
    machine, and nothing but those reaches it.
    """
    services = services_of(request.app.state)
    if services.mode is not Mode.SANDBOX:
        return services.public_origin
    return f"http://{request.headers.get('Host', '').lower()}"


def _names_us(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Whether ``Origin`` names this application, scheme and all.

    The site in production has one origin. A sandbox, and the operator's application, which may be
    reached through a tunnel, are what they are asked as.
    """
    services = services_of(connection.app.state)
    is_site = connection.app.state["service"] == SITE_SERVICE
    own = {services.public_origin if is_site else services.admin_origin}
    if services.mode is Mode.SANDBOX or not is_site:
        host = connection.headers.get("Host", "").lower()
        own |= {f"http://{host}", f"https://{host}"}
    return connection.headers.get("Origin", "").lower() in own


async def move_to_public_name(request: Request[Any, Any, Any]) -> Response[str] | None:
    """Send a page that was asked for under another loopback name to the public one.

    Cookies belong to a name. A server on a free port (port 0 in its address) learns its name too
    late and stays put; behind a proxy the name that arrives here may be the proxy's business.
    """
    origin = services_of(request.app.state).public_origin
    public, asked = _authority(origin), request.headers.get("Host", "").lower()
    is_local = is_loopback_host(public) and is_loopback_host(asked)
    is_fixed = public.endswith(":0") or public == asked
    if request.method not in _SAFE or is_fixed or not is_local:
        return None
    query = f"?{request.scope['query_string'].decode('latin-1')}"
    path = request.scope["raw_path"].partition(b"?")[0].decode("latin-1")  # still escaped
    location = f"{origin}{path}{query if query != '?' else ''}"
    return Response("", status_code=307, media_type=MediaType.TEXT, headers={"Location": location})


def _authority(origin: str) -> str:
    return urlsplit(origin).netloc.lower()
