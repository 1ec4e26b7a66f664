"""Who may use the script routes: the admin secret, or an API key with the route's scope."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from hero_onboarding.api_keys import ApiKey, Scope, authenticate_key, note_use
from hero_onboarding.http.failures import EdgeError
from hero_onboarding.http.services import Services, services_of
from hero_onboarding.kernel.server import Mode

SECRET_HEADER: Final = "X-Hero-Onboarding-Admin-Secret"  # noqa: S105 - a header's name
_BEARER: Final = re.compile(r"bearer +([!-~]+)", re.IGNORECASE | re.ASCII)
_CREATE: Final = "hero_onboarding keys create --label LABEL --scope"

_Connection = ASGIConnection[Any, Any, Any, Any]


class CallerUnknownError(EdgeError):
    """Neither a secret nor a key that is right came along; which of the two, it does not say."""

    def __init__(self) -> None:
        detail = f"{SECRET_HEADER} or an API key (Authorization: Bearer) is missing or wrong"
        super().__init__(401, "request.unauthenticated", detail, {"WWW-Authenticate": "Bearer"})


@dataclass(frozen=True, slots=True)
class ScopeGuard:
    """Lets in who has a key with one of the scopes, or the admin secret where that opens a route.

    In the sandbox the secret opens every route; in production those with ``secret_in_production``.
    A secret that is wrong is refused whatever stands beside it.
    """

    scopes: tuple[Scope, ...]
    secret_in_production: bool

    def is_opened_by_secret(self, mode: Mode) -> bool:
        """Whether the admin secret alone is enough in a mode."""
        return self.secret_in_production or mode is Mode.SANDBOX

    async def __call__(self, connection: _Connection, _: BaseRouteHandler) -> None:
        """Go on, or refuse; the key that opened a route is found by ``key_of``.

        Raises:
            EdgeError: 401 for who is not known, 403 for who is known and has not the scope.
        """
        services = services_of(connection.app.state)
        secret = connection.headers.get(SECRET_HEADER)
        if secret is not None:
            if not services.is_secret(secret):
                raise CallerUnknownError
            if self.is_opened_by_secret(services.mode):
                return
        shown = connection.headers.getall("Authorization", [])
        if shown:
            connection.scope["auth"] = await sync_to_thread(self._admit, services, shown)
        elif secret is None:
            raise CallerUnknownError
        else:
            raise EdgeError(403, "request.key_needed", _say_how(self.scopes[0]))

    def _admit(self, services: Services, shown: Sequence[str]) -> ApiKey:
        """Look a key up, by one read; its use is noted once a minute and only if it opens this."""
        text, now = read_bearer(shown), services.clock.now()
        with services.database.reading() as tx:
            key = None if text is None else authenticate_key(tx, text, now)
        if key is None:
            raise CallerUnknownError
        if not key.has_any(self.scopes):
            wanted = " or ".join(self.scopes)
            detail = f"this key has not the scope {wanted}; make one that has"
            raise EdgeError(403, "request.scope_needed", detail)
        if key.is_use_to_note(now):
            with services.database.transaction() as tx:
                note_use(tx, key, now)
        return key


def require(*scopes: Scope, secret_in_production: bool = False) -> ScopeGuard:
    """Make the guard of a route: the first scope is the route's own, others open it too."""
    return ScopeGuard(scopes, secret_in_production)


def read_bearer(shown: Sequence[str]) -> str | None:
    """Return the token of a request's ``Authorization`` headers (RFC 6750); several are none."""
    found = _BEARER.fullmatch(shown[0]) if len(shown) == 1 else None
    return None if found is None else found[1]


def key_of(connection: _Connection) -> ApiKey | None:
    """Return the key that opened a route, None where the admin secret did."""
    key = connection.scope.get("auth")
    assert key is None or isinstance(key, ApiKey), key
    return key


def require_node(key: ApiKey | None, node_id: object) -> None:
    """Let a key that is for one node record for no other.

    Raises:
        EdgeError: 403 when it would.
    """
    if key is None or key.node_id is None or not isinstance(node_id, str):
        return
    if node_id != key.node_id:
        detail = f"this key records for the node {key.node_id!r} only; nothing was recorded"
        raise EdgeError(403, "request.key_bound", detail)


def require_account(connection: _Connection, user_sid: str) -> None:
    """Let a key that is for one user see nobody else, nor whether they exist.

    Raises:
        EdgeError: 403 when it would.
    """
    key = key_of(connection)
    if key is not None and key.user_sid not in {None, user_sid}:
        detail = f"this key reads the account of the user {key.user_sid!r} only"
        raise EdgeError(403, "request.key_bound", detail)


def _say_how(scope: Scope) -> str:
    """Say exactly what to do where the admin secret is not enough."""
    node = " --node NODE" if scope is Scope.USAGE_RECORD else ""
    return (
        "in production mode the admin secret does not open this; make an API key with:"
        f" {_CREATE} {scope}{node}, and send it as Authorization: Bearer,"
        " or to commands as HERO_ONBOARDING_API_KEY"
    )
