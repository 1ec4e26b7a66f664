"""Routes about prices."""

from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.params import JSONBody

from hero_onboarding.api_keys import Scope
from hero_onboarding.http import require, services_of
from hero_onboarding.pricing import PriceTable, find_prices, set_prices
from hero_onboarding.web.api.description import answers


class Prices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Prices of a unit for an hour in micro-dollars, and whole shillings for a dollar."""

    compute_micros: int
    storage_micros: int
    tzs_per_usd: int | None = None


class PricesShown(msgspec.Struct, frozen=True):
    """The prices that count; ``table`` is null before any were set."""

    table: Prices | None


@get(
    "/v1/prices",
    guards=[require(Scope.READ, secret_in_production=True)],
    sync_to_thread=True,
    tags=["centre"],
    summary="Show the prices that count",
)
def show_prices(request: Request[Any, Any, Any]) -> PricesShown:
    """Show the prices that count, as the home page does."""
    with services_of(request.app.state).database.reading() as tx:
        table = find_prices(tx)
    return PricesShown(None if table is None else _shown(table))


@post(
    "/v1/prices",
    guards=[require(Scope.PRICES_WRITE)],
    sync_to_thread=True,
    tags=["centre"],
    summary="Set prices from now on",
    responses=answers(413, 422),
)
def set_new(request: Request[Any, Any, Any], data: JSONBody[Prices]) -> PricesShown:
    """Set the prices that the home page shows; what is charged is what nodes record."""
    services = services_of(request.app.state)
    table = PriceTable(data.compute_micros, data.storage_micros, data.tzs_per_usd)
    with services.database.transaction() as tx:
        set_prices(tx, table, services.clock.now())
    return PricesShown(_shown(table))


def _shown(table: PriceTable) -> Prices:
    return Prices(table.compute_micros, table.storage_micros, table.tzs_per_usd)
