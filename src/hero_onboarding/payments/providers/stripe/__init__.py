"""Stripe: Checkout for cards, through the official library."""

from hero_onboarding.payments.providers.stripe.client import StripeProvider, connect
from hero_onboarding.payments.providers.stripe.settings import StripeSettings

__all__ = ["StripeProvider", "StripeSettings", "connect"]
