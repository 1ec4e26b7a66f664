"""Every route of the billing API: who may use it, and a request that it answers."""

from dataclasses import dataclass
from typing import Final

from tests.api.served import a_use

HOLD: Final = {
    "amount": 1,
    "purpose": "a machine",
    "expires_at": "2126-01-01T00:00:00Z",
    "idempotency_key": "h",
}
ADJUSTMENT: Final = {"amount": 5, "reason": "a test", "idempotency_key": "k"}
NO_HOLD: Final = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Route:
    """A route, its path filled in for user ada, and a body that is right.

    ``in_production`` says what the admin secret does there: ``open`` it, need a ``key`` instead,
    or find the route ``gone``.
    """

    name: str
    path: str
    body: object = None
    in_production: str = "open"
    on_node: bool = False
    takes_body: bool = False

    @property
    def method(self) -> str:
        return self.name.split(" ")[0]

    @property
    def template(self) -> str:
        return self.name.split(" ")[1]


def _post(template: str, body: object, path: str | None = None, **more: object) -> Route:
    fields = {"in_production": "key", "takes_body": body is not None, **more}
    return Route(f"POST {template}", path or template, body, **fields)  # type: ignore[arg-type]  # as named


HEALTH: Final = Route("GET /health", "/health", on_node=True)
ROUTES: Final = (
    _post("/record_usage", a_use(), in_production="open", on_node=True),
    _post("/v1/usage/batch", [a_use()], on_node=True),
    _post("/admin/push-usage-now", {"full": False}, in_production="open", on_node=True),
    _post("/admin/aggregate-now", None),
    _post("/admin/run-jobs-now", None),
    _post("/v1/users", {"sid": "ada", "name": "Ada"}),
    Route("GET /v1/users", "/v1/users"),
    Route("GET /v1/users/{sid}/wallet", "/v1/users/ada/wallet"),
    Route("GET /v1/users/{sid}/movements", "/v1/users/ada/movements"),
    _post("/v1/users/{sid}/adjustments", ADJUSTMENT, "/v1/users/ada/adjustments"),
    _post("/v1/users/{sid}/holds", HOLD, "/v1/users/ada/holds"),
    _post("/v1/holds/{hold_id}/close", None, f"/v1/holds/{NO_HOLD}/close"),
    Route("GET /v1/quarantine", "/v1/quarantine"),
    _post("/v1/quarantine/retry", None),
    Route("GET /v1/incidents", "/v1/incidents", on_node=True),
    Route("GET /v1/books", "/v1/books"),
    Route("GET /v1/charge-rights", "/v1/charge-rights"),
    _post("/v1/charge-rights", {"user_sid": "ada"}),
    Route("DELETE /v1/charge-rights/{number}", "/v1/charge-rights/9", in_production="key"),
    _post("/sandbox/clock", {"advance_seconds": 1}, in_production="gone", on_node=True),
)
