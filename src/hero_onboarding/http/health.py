"""The route that says a program is ready."""

from typing import Any

import msgspec
from litestar import Request, get

from hero_onboarding.http.services import services_of


class Health(msgspec.Struct, frozen=True):
    """Says that this program is ready."""

    status: str
    service: str
    version: str


@get("/health", tags=["machine"], summary="Say that this program is ready")
async def show_health(request: Request[Any, Any, Any]) -> Health:
    """Say that this program is ready."""
    service = request.app.state["service"]
    return Health("ok", service, services_of(request.app.state).version)
