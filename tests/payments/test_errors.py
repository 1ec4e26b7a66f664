"""What a refused checkout says: what helps, and no more."""

import pytest

from hero_onboarding.payments.errors import CheckoutRefusedError, PaymentsOffError
from hero_onboarding.payments.providers.clickpesa import orders


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        (orders.PHONE_REFUSED, "try another phone number"),
        (orders.AMOUNT_REFUSED, "try another amount"),
        (orders.OPERATOR_UNAVAILABLE, "try again later, or another way to pay"),
        (orders.NOT_AVAILABLE, "try another way to pay; staff find in the log what to mend"),
        ("amount_too_small", "try another amount or another way to pay"),
    ],
)
def test_a_refused_checkout_says_what_helps(reason: str, remedy: str) -> None:
    said = str(CheckoutRefusedError(reason))
    assert said == f"the payment provider refused the checkout ({reason}); {remedy}"


def test_a_provider_that_is_none_is_named_without_a_setting_for_it() -> None:
    assert str(PaymentsOffError("nope")) == (
        "there is no payment provider 'nope'; use clickpesa or stripe"
    )
    assert "HERO_ONBOARDING_STRIPE_SECRET_KEY" in str(PaymentsOffError("stripe"))
