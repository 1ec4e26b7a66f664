"""Money in: top-ups, their providers, notices, and what is credited."""

from hero_onboarding.payments.alerts import (
    ALERT_THRESHOLDS,
    TELL_PAYER,
    Alert,
    Telling,
    Topic,
    get_alert,
    set_alert,
    tell,
)
from hero_onboarding.payments.automatic import (
    CAP_MAX,
    CONSENT,
    THRESHOLDS,
    AutomaticState,
    AutomaticTopUp,
    AutomaticWish,
    PauseReason,
    agree,
    find_automatic,
    let_go_of_card,
    needs_holder,
    turn_off,
)
from hero_onboarding.payments.cards import (
    CardKeepingProvider,
    CardState,
    SavedCard,
    list_cards,
)
from hero_onboarding.payments.cashier import Cashier, find_own_top_up
from hero_onboarding.payments.dispute_ports import DisputeState, DisputingProvider
from hero_onboarding.payments.dispute_store import list_disputes
from hero_onboarding.payments.disputes import Dispute
from hero_onboarding.payments.domain import (
    MISMATCH,
    TopUp,
    TopUpRequest,
    TopUpState,
)
from hero_onboarding.payments.errors import (
    CardNotFoundError,
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
    WrongAlertError,
    WrongAutomaticTopUpError,
    WrongRefundError,
    WrongTopUpError,
)
from hero_onboarding.payments.jobs import LIST_UNTOLD, RECONCILE, payment_handlers
from hero_onboarding.payments.news import NO_NEWS, MoneyNews, read_news
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
    get_top_up,
    list_top_ups,
    sum_payments,
    sum_refunds_in_transit,
)
from hero_onboarding.payments.watching import watch_later
from hero_onboarding.payments.ways import WAYS, Way, way_of

__all__ = [
    "ALERT_THRESHOLDS",
    "ASK_PROVIDER",
    "BODY_BYTES_MAX",
    "CAP_MAX",
    "CONSENT",
    "LIST_UNTOLD",
    "MATCH_NOTICE",
    "MISMATCH",
    "NO_NEWS",
    "QUOTE_LIFE",
    "RECONCILE",
    "SHORT_NOTICE_BYTES_MAX",
    "TELL_PAYER",
    "THRESHOLDS",
    "WAYS",
    "Alert",
    "AutomaticState",
    "AutomaticTopUp",
    "AutomaticWish",
    "CardKeepingProvider",
    "CardNotFoundError",
    "CardState",
    "Cashier",
    "CheckoutRefusedError",
    "Delivery",
    "Dispute",
    "DisputeState",
    "DisputingProvider",
    "ForgedNoticeError",
    "MalformedNoticeError",
    "MoneyNews",
    "NotRefundableError",
    "PauseReason",
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
    "SavedCard",
    "Telling",
    "TopUp",
    "TopUpKeyReusedError",
    "TopUpNotFoundError",
    "TopUpRequest",
    "TopUpState",
    "Topic",
    "Way",
    "WrongAlertError",
    "WrongAutomaticTopUpError",
    "WrongRefundError",
    "WrongTopUpError",
    "agree",
    "find_automatic",
    "find_own_top_up",
    "find_quote",
    "get_alert",
    "get_top_up",
    "given_back",
    "left_of",
    "let_go_of_card",
    "list_cards",
    "list_disputes",
    "list_refunds",
    "list_top_ups",
    "masked",
    "needs_holder",
    "payment_handlers",
    "read_news",
    "read_phone",
    "set_alert",
    "shown_worth",
    "sum_payments",
    "sum_refunds_in_transit",
    "tell",
    "turn_off",
    "watch_later",
    "way_of",
]
