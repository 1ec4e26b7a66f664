"""Failures of Stripe's library into ours."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from hero_onboarding.payments.errors import ProviderAnswerError, ProviderUnavailableError

_log = logging.getLogger(__name__)


@contextmanager
def translated() -> Iterator[None]:
    """Turn the library's failures into ours; what was sent never stands in them.

    An order or a reference that Stripe refuses stays as it is, for the caller to judge.
    """
    try:
        yield
    except stripe.InvalidRequestError:
        raise
    except stripe.IdempotencyError as error:
        raise ProviderAnswerError(f"the key was used for another order: {told(error)}") from None
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        detail = f"Stripe does not let us: {told(error)}; check HERO_ONBOARDING_STRIPE_SECRET_KEY"
        _log.error("%s", detail)
        raise ProviderUnavailableError(detail, is_locked_out=True) from None
    except (stripe.RateLimitError, stripe.APIConnectionError, stripe.APIError) as error:
        raise ProviderUnavailableError(f"Stripe did not do it: {told(error)}") from None
    except stripe.StripeError as error:
        raise ProviderAnswerError(told(error)) from None


def told(error: stripe.StripeError) -> str:
    """Describe a failure by its kind, code and the id of the request alone."""
    parts = (type(error).__name__, error.http_status, error.code, error.request_id)
    return " ".join(str(part) for part in parts if part)
