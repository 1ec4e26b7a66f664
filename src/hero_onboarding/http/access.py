"""Who may use the script routes."""

from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from hero_onboarding.http.failures import EdgeError
from hero_onboarding.http.services import services_of
from hero_onboarding.kernel.server import Mode

SECRET_HEADER: Final = "X-Hero-Onboarding-Admin-Secret"  # noqa: S105 - a header's name

_Connection = ASGIConnection[Any, Any, Any, Any]


def require_secret(connection: _Connection, _: BaseRouteHandler) -> None:
    """Let only callers with the admin secret in.

    Raises:
        EdgeError: 401 when the secret is missing or wrong, or this server has none.
    """
    presented = connection.headers.get(SECRET_HEADER, "")
    if not services_of(connection.app.state).is_secret(presented):
        raise EdgeError(401, "request.unauthenticated", f"{SECRET_HEADER} is missing or wrong")


def require_sandbox_write(connection: _Connection, _: BaseRouteHandler) -> None:
    """Refuse writes that the admin secret opens in sandbox mode only.

    Raises:
        EdgeError: 403 in production mode.
    """
    if services_of(connection.app.state).mode is not Mode.SANDBOX:
        detail = "in production mode the admin secret does not open this; it needs an API key"
        raise EdgeError(403, "request.key_needed", detail)
