"""Which payment providers there are: a line for each."""

from collections.abc import Mapping
from typing import Final

from hero_onboarding.bootstrap.payment_settings import is_live_key, split_secrets
from hero_onboarding.bootstrap.settings import Settings
from hero_onboarding.database import Database
from hero_onboarding.exchange import RateKeeper, RateSource
from hero_onboarding.kernel.clock import Clock
from hero_onboarding.kernel.server import Mode
from hero_onboarding.payments import Cashier, PaymentProvider
from hero_onboarding.payments.providers import clickpesa, stripe

CLICKPESA: Final = "https://api.clickpesa.com/third-parties"
"""ClickPesa's own address: every call there is real."""


def make_cashier(settings: Settings, database: Database, clock: Clock) -> Cashier:
    """Make what takes payments through the providers that are set."""
    return Cashier(database, clock, _connect_all(settings, clock), settings.public_url)


def make_rate_keeper(settings: Settings, cashier: Cashier) -> RateKeeper:
    """Make what keeps rates, from whichever provider tells them."""
    sources = [one for one in cashier.providers.values() if isinstance(one, RateSource)]
    source = sources[0] if sources else None
    return RateKeeper(cashier.database, cashier.clock, source, settings.exchange_margin)


def _connect_all(settings: Settings, clock: Clock) -> Mapping[str, PaymentProvider]:
    found: dict[str, PaymentProvider] = {}
    if (cards := stripe_settings(settings)) is not None:
        found["stripe"] = stripe.connect(cards)
    if (mobile := clickpesa_settings(settings)) is not None:
        found["clickpesa"] = clickpesa.connect(mobile, clock)
    return found


def stripe_settings(settings: Settings) -> stripe.StripeSettings | None:
    """Return what Stripe needs to be used; None where it is not set."""
    key = settings.stripe_secret_key
    if key is None:
        return None
    secrets = split_secrets(settings.stripe_webhook_secret)
    return stripe.StripeSettings(key, is_live_key(key), secrets, settings.stripe_api_base)


def clickpesa_settings(settings: Settings) -> clickpesa.ClickPesaSettings | None:
    """Return what ClickPesa needs to be used; None where it is not set."""
    client_id, api_key = settings.clickpesa_client_id, settings.clickpesa_api_key
    if client_id is None or api_key is None:
        return None
    return clickpesa.ClickPesaSettings(
        client_id=client_id,
        api_key=api_key,
        base_url=settings.clickpesa_base_url or CLICKPESA,
        is_live=settings.mode is Mode.PRODUCTION,
        checksum_key=settings.clickpesa_checksum_key,
    )
