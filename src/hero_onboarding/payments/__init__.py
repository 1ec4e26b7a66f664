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
    NotRefundableError,
    PaymentsOffError,
    ProviderAnswerError,
    ProviderUnavailableError,
    RefundKeyReusedError,
    RefundTooLargeError,
    TopUpKeyReusedError,
    TopUpNotFoundError,
    WrongRefundError,
    WrongTopUpError,
)
from hero_onboarding.payments.jobs import payment_handlers
from hero_onboarding.payments.notices import BODY_BYTES_MAX, MATCH_NOTICE, Replayed
from hero_onboarding.payments.ports import (
    Delivery,
    PaymentProvider,
    RefundingProvider,
    RefundState,
)
from hero_onboarding.payments.questions import ASK_PROVIDER
from hero_onboarding.payments.refund_store import list_refunds
from hero_onboarding.payments.refunds import Refund, RefundRequest, given_back, left_of
from hero_onboarding.payments.service import (
    MISMATCH,
    get_top_up,
    list_top_ups,
    sum_payments,
    sum_refunds_in_transit,
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
    "NotRefundableError",
    "PaymentProvider",
    "PaymentsOffError",
    "ProviderAnswerError",
    "ProviderUnavailableError",
    "Refund",
    "RefundKeyReusedError",
    "RefundRequest",
    "RefundState",
    "RefundTooLargeError",
    "RefundingProvider",
    "Replayed",
    "TopUp",
    "TopUpKeyReusedError",
    "TopUpNotFoundError",
    "TopUpRequest",
    "TopUpState",
    "WrongRefundError",
    "WrongTopUpError",
    "find_own_top_up",
    "get_top_up",
    "given_back",
    "left_of",
    "list_refunds",
    "list_top_ups",
    "payment_handlers",
    "sum_payments",
    "sum_refunds_in_transit",
]
