"""Routes about what other currencies are worth."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.params import JSONBody

from hero_onboarding.api_keys import Scope
from hero_onboarding.exchange import (
    CURRENCIES,
    Rate,
    WrongRateError,
    rate_at,
    read_rate,
    write_rate,
)
from hero_onboarding.http import require, services_of
from hero_onboarding.web.api.description import answers


class NewRate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rate from now on: how much one dollar is, without margin; or whose rates to follow."""

    currency: str
    rate: str | None = None
    follow: bool = False


class RateShown(msgspec.Struct, frozen=True):
    """A published rate: ``rate`` is without margin, ``applied`` what a payer pays for a dollar."""

    currency: str
    source: str
    rate: str
    margin_basis_points: int
    applied: str
    published_at: datetime


class RatesShown(msgspec.Struct, frozen=True):
    """The rates that count."""

    rates: tuple[RateShown, ...]


@get(
    "/v1/exchange-rates",
    guards=[require(Scope.READ, secret_in_production=True)],
    sync_to_thread=True,
    tags=["payments"],
    summary="Show what other currencies are worth",
)
def show_rates(request: Request[Any, Any, Any]) -> RatesShown:
    """Show the rates by which payments in other currencies are credited now."""
    services = services_of(request.app.state)
    now = services.clock.now()
    with services.database.reading() as tx:
        rates = [rate_at(tx, currency, now) for currency in sorted(CURRENCIES)]
    return RatesShown(tuple(_shown(rate) for rate in rates if rate is not None))


@post(
    "/v1/exchange-rates",
    guards=[require(Scope.PRICES_WRITE)],
    status_code=200,
    sync_to_thread=True,
    tags=["payments"],
    summary="Set what a currency is worth from now on, or follow a provider",
    responses=answers(413, 422, 502),
)
def publish_new(request: Request[Any, Any, Any], data: JSONBody[NewRate]) -> RateShown:
    """Set a rate, which counts until another is set, or have the provider's count again."""
    rates = services_of(request.app.state).rates
    if data.follow is (data.rate is not None):
        raise WrongRateError("give either a rate, or follow")
    if data.rate is None:
        return _shown(rates.follow(data.currency))
    return _shown(rates.publish(data.currency, read_rate(data.rate)))


def _shown(rate: Rate) -> RateShown:
    return RateShown(
        currency=rate.currency,
        source=rate.source,
        rate=write_rate(rate.mid),
        margin_basis_points=rate.margin,
        applied=write_rate(rate.applied),
        published_at=rate.published_at,
    )
