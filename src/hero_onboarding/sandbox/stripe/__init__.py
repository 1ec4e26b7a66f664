"""A stand-in for Stripe: its REST interface, its Checkout page and its signed notices."""

from hero_onboarding.sandbox.stripe.launcher import SandboxStripe
from hero_onboarding.sandbox.stripe.switches import Fault, Settings

__all__ = ["Fault", "SandboxStripe", "Settings"]
