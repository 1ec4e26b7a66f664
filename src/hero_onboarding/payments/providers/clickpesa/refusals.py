"""Why ClickPesa would not open something: its statuses and texts as words of ours."""

import logging
from typing import Final

from hero_onboarding.payments.errors import CheckoutRefusedError
from hero_onboarding.payments.providers.clickpesa.calls import BAD_REQUEST, Answered
from hero_onboarding.payments.providers.clickpesa.orders import (
    AMOUNT_REFUSED,
    NOT_AVAILABLE,
    PHONE_REFUSED,
)

_TOPICS: Final = (
    *("checksum", "client id", "feature", "order reference", "reference", "currency"),
    *("payment method", "collection method", "checkout", "kyc", "limit"),
)
"""What a log may repeat of a text; the rest of it may name people."""

_log = logging.getLogger(__name__)


def refuse(call: str, answered: Answered) -> CheckoutRefusedError:
    """Say why a call was refused; what only staff can mend is logged."""
    words = answered.words
    if answered.status == BAD_REQUEST and ("phone" in words or "subscriber" in words):
        return CheckoutRefusedError(PHONE_REFUSED)
    if answered.status == BAD_REQUEST and words.startswith(("amount", "totalprice", "billamount")):
        return CheckoutRefusedError(AMOUNT_REFUSED)
    about = next((topic for topic in _TOPICS if topic in words), "something else")
    _log.error(
        "ClickPesa answered %s with %d, about %s; look at the application in its dashboard",
        *(call, answered.status, about),
    )
    return CheckoutRefusedError(NOT_AVAILABLE)
