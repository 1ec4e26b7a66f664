"""Money in: top-ups, their providers, notices, and what is credited."""

from hero_onboarding.payments.cashier import Cashier, find_own_top_up
from hero_onboarding.payments.domain import (
    AMOUNT_MAX,
    AMOUNT_MIN,
    TopUp,
    TopUpRequest,
    TopUpState,
)
from hero_onboarding.payments.errors import (
    CheckoutRefusedError,
    ForgedNoticeError,
    MalformedNoticeError,
    PaymentsOffError,
    ProviderAnswerError,
    ProviderUnavailableError,
    TopUpKeyReusedError,
    TopUpNotFoundError,
    WrongTopUpError,
)
from hero_onboarding.payments.jobs import payment_handlers
from hero_onboarding.payments.notices import BODY_BYTES_MAX, MATCH_NOTICE, Replayed
from hero_onboarding.payments.ports import Delivery, PaymentProvider
from hero_onboarding.payments.service import (
    ASK_PROVIDER,
    MISMATCH,
    get_top_up,
    list_top_ups,
    sum_payments,
)

__all__ = [
    "AMOUNT_MAX",
    "AMOUNT_MIN",
    "ASK_PROVIDER",
    "BODY_BYTES_MAX",
    "MATCH_NOTICE",
    "MISMATCH",
    "Cashier",
    "CheckoutRefusedError",
    "Delivery",
    "ForgedNoticeError",
    "MalformedNoticeError",
    "PaymentProvider",
    "PaymentsOffError",
    "ProviderAnswerError",
    "ProviderUnavailableError",
    "Replayed",
    "TopUp",
    "TopUpKeyReusedError",
    "TopUpNotFoundError",
    "TopUpRequest",
    "TopUpState",
    "WrongTopUpError",
    "find_own_top_up",
    "get_top_up",
    "list_top_ups",
    "payment_handlers",
    "sum_payments",
]
