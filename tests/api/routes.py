"""Every route of the billing API: who may use it, and a request that it answers."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from hero_onboarding.api_keys import Scope
from hero_onboarding.kernel.clock import SystemClock
from tests.api.served import a_use

HOLD: Final = {
    "amount": 1,
    "purpose": "a machine",
    "expires_at": "2126-01-01T00:00:00Z",
    "idempotency_key": "h",
}
ADJUSTMENT: Final = {"amount": 5, "reason": "a test", "idempotency_key": "k"}
GRANT: Final = {
    "amount": 5,
    "reason": "a welcome",
    "expires_at": "2126-01-01T00:00:00Z",
    "idempotency_key": "g",
}
KEY: Final = {"label": "a script", "scopes": ["read"]}
CLIENT: Final = {"name": "Hero Notes", "redirect_uris": ["https://notes.example/callback"]}
TOP_UP: Final = {
    "provider": "stripe",
    "method": "checkout",
    "amount": 2_500,
    "currency": "USD",
    "idempotency_key": "t",
}
REFUND: Final = {"amount": 1_000, "idempotency_key": "r"}
_DAY_AGO: Final = SystemClock().now() - timedelta(days=1)
RECONCILIATION: Final = {"provider": "stripe", "since": _DAY_AGO.isoformat()}
NO_KEY: Final = "0" * 16
NO_HOLD: Final = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Route:
    """A route, its path filled in for user ada, and a body that is right.

    ``in_production`` says what the admin secret does there: ``open`` it, need a ``key`` instead,
    or find the route ``gone``. ``scopes`` are those that let a key in, in any mode.
    """

    name: str
    path: str
    body: object = None
    scopes: tuple[Scope, ...] = (Scope.READ,)
    in_production: str = "open"
    on_node: bool = False
    takes_body: bool = False

    @property
    def method(self) -> str:
        return self.name.split(" ")[0]

    @property
    def template(self) -> str:
        return self.name.split(" ")[1]


def _post(
    template: str, scope: Scope, body: object, path: str | None = None, **more: object
) -> Route:
    fields = {"in_production": "key", "takes_body": body is not None, **more}
    name, scopes = f"POST {template}", (scope,)
    return Route(name, path or template, body, scopes, **fields)  # type: ignore[arg-type]  # as named


def _clients(name: str, path: str | None = None, body: object = None) -> Route:
    """A route that registers services; the operator's key opens it too."""
    scopes = (Scope.CLIENTS_WRITE, Scope.KEYS_WRITE)
    found = path or name.split(" ")[1]
    return Route(name, found, body, scopes, in_production="key", takes_body=body is not None)


S = Scope
OWN: Final = (Scope.READ, Scope.ACCOUNT_READ)
HEALTH: Final = Route("GET /health", "/health", on_node=True)
ROUTES: Final = (
    _post("/record_usage", S.USAGE_RECORD, a_use(), in_production="open", on_node=True),
    _post("/v1/usage/batch", S.USAGE_RECORD, [a_use()], on_node=True),
    _post(
        "/admin/push-usage-now",
        S.USAGE_PUSH,
        {"full": False},
        in_production="open",
        on_node=True,
    ),
    _post("/admin/aggregate-now", S.AGGREGATE, None),
    _post("/admin/run-jobs-now", S.JOBS_RUN, None),
    _post("/v1/users", S.USERS_WRITE, {"sid": "ada", "name": "Ada"}),
    Route("GET /v1/users", "/v1/users"),
    Route("GET /v1/users/{sid}/wallet", "/v1/users/ada/wallet", scopes=OWN),
    Route("GET /v1/users/{sid}/movements", "/v1/users/ada/movements", scopes=OWN),
    Route("GET /v1/users/{sid}/statement.csv", "/v1/users/ada/statement.csv", scopes=OWN),
    _post("/v1/users/{sid}/adjustments", S.WALLETS_WRITE, ADJUSTMENT, "/v1/users/ada/adjustments"),
    _post("/v1/users/{sid}/grants", S.WALLETS_WRITE, GRANT, "/v1/users/ada/grants"),
    Route("GET /v1/users/{sid}/grants", "/v1/users/ada/grants", scopes=OWN),
    _post("/v1/users/{sid}/holds", S.WALLETS_WRITE, HOLD, "/v1/users/ada/holds"),
    _post(
        "/v1/users/{sid}/debt-write-offs",
        S.WALLETS_WRITE,
        ADJUSTMENT,
        "/v1/users/ada/debt-write-offs",
    ),
    _post("/v1/holds/{hold_id}/close", S.WALLETS_WRITE, None, f"/v1/holds/{NO_HOLD}/close"),
    _post("/v1/users/{sid}/top-ups", S.PAYMENTS_WRITE, TOP_UP, "/v1/users/ada/top-ups"),
    Route("GET /v1/top-ups/{top_up_id}", f"/v1/top-ups/{NO_HOLD}", scopes=OWN),
    _post(
        "/v1/top-ups/{top_up_id}/refunds",
        S.PAYMENTS_WRITE,
        REFUND,
        f"/v1/top-ups/{NO_HOLD}/refunds",
    ),
    _post("/v1/notices/replay", S.PAYMENTS_WRITE, {}),
    _post("/admin/reconcile-now", S.PAYMENTS_WRITE, RECONCILIATION),
    Route("GET /v1/quarantine", "/v1/quarantine"),
    _post("/v1/quarantine/retry", S.QUARANTINE_RETRY, None),
    Route("GET /v1/incidents", "/v1/incidents", on_node=True),
    Route("GET /v1/books", "/v1/books"),
    Route("GET /v1/charge-rights", "/v1/charge-rights"),
    _post("/v1/charge-rights", S.RIGHTS_WRITE, {"user_sid": "ada"}),
    Route(
        "DELETE /v1/charge-rights/{number}",
        "/v1/charge-rights/9",
        scopes=(S.RIGHTS_WRITE,),
        in_production="key",
    ),
    _post("/admin/api-keys", S.KEYS_WRITE, KEY, on_node=True),
    Route("GET /admin/api-keys", "/admin/api-keys", scopes=(S.READ, S.KEYS_WRITE), on_node=True),
    _post(
        "/admin/api-keys/{key_id}/revoke",
        S.KEYS_WRITE,
        None,
        f"/admin/api-keys/{NO_KEY}/revoke",
        on_node=True,
    ),
    _clients("POST /admin/openid/clients", body=CLIENT),
    Route(
        "GET /admin/openid/clients",
        "/admin/openid/clients",
        scopes=(S.READ, S.CLIENTS_WRITE, S.KEYS_WRITE),
    ),
    _clients(
        "POST /admin/openid/clients/{client_id}/revoke", f"/admin/openid/clients/{NO_KEY}/revoke"
    ),
    _clients("POST /admin/openid/keys/rotate"),
    Route("GET /v1/prices", "/v1/prices"),
    Route("GET /v1/exchange-rates", "/v1/exchange-rates"),
    _post("/v1/exchange-rates", S.PRICES_WRITE, {"currency": "TZS", "rate": "2550"}),
    _post("/v1/prices", S.PRICES_WRITE, {"compute_micros": 30_560, "storage_micros": 19_440}),
    _post(
        "/sandbox/clock",
        S.CLOCK_WRITE,
        {"advance_seconds": 1},
        in_production="gone",
        on_node=True,
    ),
)

SIGN_IN_ROUTES: Final = frozenset(
    {
        "POST /auth/challenge",
        "POST /auth/verify",
        "POST /auth/attempts",
        "GET /auth/attempts/{attempt}/events",
        "POST /auth/attempts/{attempt}/complete",
        "POST /auth/sign-out",
        "GET /v1/me",
        "POST /auth/message",
        "POST /auth/message/verify",
        "POST /auth/email",
        "POST /auth/email/verify",
        "POST /auth/passkeys/ask",
        "POST /auth/passkeys/enrol",
        "POST /auth/passkeys/use",
    }
)
"""Routes by which people sign in; they need no secret, and a node has none of them."""

OPENID_ROUTES: Final = frozenset(
    {
        "GET /.well-known/openid-configuration",
        "GET /oauth/jwks.json",
        "POST /oauth/token",
        "GET /oauth/userinfo",
        "POST /oauth/userinfo",
        "POST /oauth/revoke",
    }
)
"""Routes by which other services sign people in; their errors are the protocol's own."""

WEBHOOK_ROUTES: Final = frozenset({"POST /webhooks/stripe", "POST /webhooks/clickpesa"})
"""Routes that payment providers call; a signature is what they show."""
