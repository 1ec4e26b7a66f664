"""What each route of scripts is called as a method."""

from collections.abc import Collection
from typing import Final

METHOD_NAMES: Final = {
    "POST /record_usage": "usage.record",
    "POST /v1/usage/batch": "usage.record_batch",
    "POST /admin/push-usage-now": "usage.push_now",
    "POST /admin/aggregate-now": "admin.aggregate_now",
    "POST /admin/run-jobs-now": "admin.run_jobs_now",
    "POST /admin/reconcile-now": "admin.reconcile_now",
    "POST /v1/users": "users.create",
    "GET /v1/users": "users.list",
    "POST /v1/users/{sid}/adjustments": "users.adjust",
    "POST /v1/users/{sid}/debt-write-offs": "users.write_off",
    "POST /v1/users/{sid}/grants": "users.grant",
    "GET /v1/users/{sid}/grants": "grants.list",
    "POST /v1/users/{sid}/holds": "users.hold",
    "GET /v1/users/{sid}/wallet": "wallet.show",
    "GET /v1/users/{sid}/movements": "movements.list",
    "GET /v1/users/{sid}/statement.csv": "wallet.statement",
    "POST /v1/users/{sid}/top-ups": "top_ups.open",
    "GET /v1/top-ups/{top_up_id}": "top_ups.show",
    "POST /v1/top-ups/{top_up_id}/refunds": "top_ups.refund",
    "POST /v1/notices/replay": "notices.replay",
    "POST /v1/holds/{hold_id}/close": "holds.close",
    "GET /v1/quarantine": "quarantine.list",
    "POST /v1/quarantine/retry": "quarantine.retry",
    "GET /v1/incidents": "incidents.list",
    "GET /v1/books": "books.show",
    "GET /v1/charge-rights": "rights.list",
    "POST /v1/charge-rights": "rights.give",
    "DELETE /v1/charge-rights/{number}": "rights.take",
    "GET /v1/prices": "prices.show",
    "POST /v1/prices": "prices.set",
    "GET /v1/exchange-rates": "rates.show",
    "POST /v1/exchange-rates": "rates.publish",
    "POST /admin/api-keys": "keys.create",
    "GET /admin/api-keys": "keys.list",
    "POST /admin/api-keys/{key_id}/revoke": "keys.revoke",
    "POST /admin/openid/clients": "clients.create",
    "GET /admin/openid/clients": "clients.list",
    "POST /admin/openid/clients/{client_id}/revoke": "clients.revoke",
    "POST /admin/openid/keys/rotate": "clients.rotate_keys",
    "POST /sandbox/clock": "sandbox.set_clock",
}
"""By verb and path; docs/rpc.md has the same table."""

DISCOVER: Final = "rpc.discover"
"""The method by which OpenRPC has a service describe itself."""

WHOLE_BODY_NAMES: Final = {"POST /v1/usage/batch": "records"}
"""What the body is called as a parameter where it is no object with fields."""


def name_of(route: str) -> str:
    """Return the method of a route.

    Raises:
        AssertionError: If nobody gave it a name: then no caller of methods could reach it.
    """
    assert route in METHOD_NAMES, f"{route} has no method; name it in web/rpc/names.py"
    return METHOD_NAMES[route]


def names_of(routes: Collection[str]) -> dict[str, str]:
    """Return the routes of a server by the names of their methods."""
    return {name_of(route): route for route in routes}
