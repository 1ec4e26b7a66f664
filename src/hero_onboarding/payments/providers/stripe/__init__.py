"""Stripe: Checkout for cards, through the official library."""

from hero_onboarding.payments.providers.stripe.client import (
    GuardedClient,
    StripeProvider,
    ask_mode,
    connect,
)
from hero_onboarding.payments.providers.stripe.settings import StripeSettings

__all__ = ["GuardedClient", "StripeProvider", "StripeSettings", "ask_mode", "connect"]
