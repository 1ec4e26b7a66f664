"""Money in: top-ups, their providers, notices, and what is credited."""

from hero_onboarding.payments.cashier import Cashier, find_own_top_up
from hero_onboarding.payments.dispute_ports import DisputeState, DisputingProvider
from hero_onboarding.payments.dispute_store import list_disputes
from hero_onboarding.payments.disputes import Dispute
from hero_onboarding.payments.domain import (
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
from hero_onboarding.payments.jobs import LIST_UNTOLD, RECONCILE, payment_handlers
from hero_onboarding.payments.notices import BODY_BYTES_MAX, MATCH_NOTICE, Replayed
from hero_onboarding.payments.phones import masked, read_phone
from hero_onboarding.payments.ports import (
    SHORT_NOTICE_BYTES_MAX,
    Delivery,
    PaymentProvider,
    RefundingProvider,
    RefundState,
)
from hero_onboarding.payments.questions import ASK_PROVIDER
from hero_onboarding.payments.quotes import QUOTE_LIFE, Quote, find_quote, shown_worth
from hero_onboarding.payments.reconciling import Reconciler, ReconcilingProvider, Report
from hero_onboarding.payments.refund_store import list_refunds
from hero_onboarding.payments.refunds import Refund, RefundRequest, given_back, left_of
from hero_onboarding.payments.service import (
    MISMATCH,
    get_top_up,
    list_top_ups,
    sum_payments,
    sum_refunds_in_transit,
)
from hero_onboarding.payments.ways import WAYS, Way, way_of

__all__ = [
    "ASK_PROVIDER",
    "BODY_BYTES_MAX",
    "LIST_UNTOLD",
    "MATCH_NOTICE",
    "MISMATCH",
    "QUOTE_LIFE",
    "RECONCILE",
    "SHORT_NOTICE_BYTES_MAX",
    "WAYS",
    "Cashier",
    "CheckoutRefusedError",
    "Delivery",
    "Dispute",
    "DisputeState",
    "DisputingProvider",
    "ForgedNoticeError",
    "MalformedNoticeError",
    "NotRefundableError",
    "PaymentProvider",
    "PaymentsOffError",
    "ProviderAnswerError",
    "ProviderUnavailableError",
    "Quote",
    "Reconciler",
    "ReconcilingProvider",
    "Refund",
    "RefundKeyReusedError",
    "RefundRequest",
    "RefundState",
    "RefundTooLargeError",
    "RefundingProvider",
    "Replayed",
    "Report",
    "TopUp",
    "TopUpKeyReusedError",
    "TopUpNotFoundError",
    "TopUpRequest",
    "TopUpState",
    "Way",
    "WrongRefundError",
    "WrongTopUpError",
    "find_own_top_up",
    "find_quote",
    "get_top_up",
    "given_back",
    "left_of",
    "list_disputes",
    "list_refunds",
    "list_top_ups",
    "masked",
    "payment_handlers",
    "read_phone",
    "shown_worth",
    "sum_payments",
    "sum_refunds_in_transit",
    "way_of",
]
