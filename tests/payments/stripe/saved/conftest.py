"""The server of the other tests of Stripe."""

from tests.payments.stripe.test_whole import whole

__all__ = ["whole"]
