"""Calls to Stripe; nobody else knows its URLs, versions and errors."""

import weakref
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import stripe
from stripe import RequestsClient, StripeClient

from hero_onboarding.kernel.boundary import require_no_transaction
from hero_onboarding.kernel.clock import unix_seconds
from hero_onboarding.kernel.overriding import override
from hero_onboarding.payments.dispute_ports import ProviderDispute
from hero_onboarding.payments.errors import (
    CheckoutRefusedError,
    PaymentsOffError,
    ProviderAnswerError,
    RefundRefusedError,
)
from hero_onboarding.payments.ports import (
    SAVED_CARD,
    CheckoutOrder,
    Delivery,
    Notice,
    OpenedCheckout,
    PaymentProvider,
    PaymentQuestion,
    ProviderPayment,
    ProviderRefund,
    RefundOrder,
)
from hero_onboarding.payments.providers.stripe.failures import told, translated
from hero_onboarding.payments.providers.stripe.records import StripeRecords
from hero_onboarding.payments.providers.stripe.saved_cards import StripeCards
from hero_onboarding.payments.providers.stripe.settings import StripeSettings
from hero_onboarding.payments.providers.stripe.signature import require_authentic
from hero_onboarding.payments.providers.stripe.translate import (
    read_dispute,
    read_event,
    read_refund,
    read_session,
    refund_parameters,
    session_parameters,
)

API_VERSION: Final = "2026-10-28.endive"
"""Pinned: what answers look like changes with the version and not with the day."""

RETRIES_MAX: Final = 2
TIMEOUT_SECONDS: Final = 30
_EXPANDED: Final = ["payment_intent.latest_charge", "payment_intent.payment_method"]
_INTENT: Final = "pi_"
_SKEW: Final = timedelta(minutes=10)
_NOT_FOUND: Final = 404
_SIGNATURE: Final = "stripe-signature"


class GuardedClient(RequestsClient):
    """Sends what the library asks for, but never while a transaction is open.

    Nothing of the environment counts, no proxy and no ``.netrc``, and redirects are not followed.
    """

    @override
    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        """Make one request."""
        require_no_transaction(f"{method} to Stripe")
        if getattr(self._thread_local, "session", None) is None:
            session = self.requests.Session()
            session.trust_env = False
            session.max_redirects = 0
            # The library leaves connections open, one pool for each thread.
            weakref.finalize(self, session.close)
            self._thread_local.session = session
        return super().request(method, url, headers, post_data)


class StripeProvider(StripeRecords, StripeCards):
    """Stripe behind the protocol of payments."""

    def __init__(self, settings: StripeSettings, transport: GuardedClient | None = None) -> None:
        self._is_live = settings.is_live
        self._webhook_secrets = settings.webhook_secrets
        self._client = _make_client(settings, transport or GuardedClient(timeout=TIMEOUT_SECONDS))

    @property
    def name(self) -> str:
        """Return ``stripe``."""
        return "stripe"

    @property
    def is_live(self) -> bool:
        """Whether its key moves real money."""
        return self._is_live

    def open_checkout(self, order: CheckoutOrder) -> OpenedCheckout:
        """Open one Checkout Session per key, however often it is called.

        Raises:
            CheckoutRefusedError: If Stripe will not take this order.
            ProviderAnswerError: If the answer makes no sense, or the key was another order's.
            ProviderUnavailableError: If no answer came, or Stripe does not know our key.
        """
        sessions = self._client.v1.checkout.sessions
        parameters: Any = session_parameters(order)
        try:
            with translated():
                session = sessions.create(parameters, {"idempotency_key": order.key})
        except stripe.InvalidRequestError as error:
            raise CheckoutRefusedError(error.code or "invalid_request") from None
        opened = read_session(session.to_dict(for_json=True))
        return OpenedCheckout(opened.reference, opened.redirect_url)

    def read_notice(self, delivery: Delivery) -> Notice | None:
        """Check the signature against each secret, then say what the event is about.

        Raises:
            ForgedNoticeError: If it is not authentic.
            MalformedNoticeError: If it can't be read.
            PaymentsOffError: If no webhook secret is set.
        """
        if not self._webhook_secrets:
            raise PaymentsOffError(self.name, "WEBHOOK_SECRET")
        header = delivery.headers.get(_SIGNATURE, "")
        require_authentic(header, delivery.body, self._webhook_secrets, delivery.received_at)
        return read_event(delivery.body)

    def fetch_payment(self, question: PaymentQuestion) -> ProviderPayment | None:
        """Ask for a session with its payment, charge and card; without a reference, search for it.

        A top-up that is paid with a saved card has no session, but its payment alone.

        Raises:
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        reference = question.reference
        try:
            with translated():
                reference = self._search(question) if reference is None else reference
                if reference is None:
                    return None
                if reference.startswith(_INTENT):
                    return self._fetch_charged(reference)
                expanded: Any = {"expand": _EXPANDED}
                session = self._client.v1.checkout.sessions.retrieve(reference, expanded)
        except stripe.InvalidRequestError as error:
            if error.http_status == _NOT_FOUND:
                return None
            raise ProviderAnswerError(told(error)) from None
        return read_session(session.to_dict(for_json=True))

    def open_refund(self, order: RefundOrder) -> ProviderRefund:
        """Open one Refund per key, however often it is called.

        Raises:
            ProviderAnswerError: If the answer makes no sense, or the key was another refund's.
            ProviderUnavailableError: If no answer came, or Stripe does not know our key.
            RefundRefusedError: If Stripe will not give this back.
        """
        parameters: Any = refund_parameters(order)
        try:
            with translated():
                refund = self._client.v1.refunds.create(parameters, {"idempotency_key": order.key})
        except stripe.InvalidRequestError as error:
            raise RefundRefusedError(error.code or "invalid_request") from None
        return read_refund(refund.to_dict(for_json=True))

    def fetch_refunds(self, payment_id: str) -> Sequence[ProviderRefund]:
        """List all Refunds of a PaymentIntent.

        Raises:
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        wanted: Any = {"payment_intent": payment_id, "limit": 100}
        try:
            with translated():
                page = self._client.v1.refunds.list(wanted)
                return [read_refund(one.to_dict(for_json=True)) for one in page.auto_paging_iter()]
        except stripe.InvalidRequestError as error:
            raise ProviderAnswerError(told(error)) from None

    def fetch_disputes(self, payment_id: str) -> Sequence[ProviderDispute]:
        """List all Disputes of a PaymentIntent, with the lines that they caused.

        Raises:
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        wanted: Any = {"payment_intent": payment_id, "limit": 100}
        try:
            with translated():
                page = self._client.v1.disputes.list(wanted)
                return [read_dispute(one.to_dict(for_json=True)) for one in page.auto_paging_iter()]
        except stripe.InvalidRequestError as error:
            raise ProviderAnswerError(told(error)) from None

    def _search(self, question: PaymentQuestion) -> str | None:
        """Look through what was opened in the time in which it could be."""
        begins, ends = question.asked_at - _SKEW, question.expires_at + _SKEW
        window: Any = {
            "created": {"gte": unix_seconds(begins), "lte": unix_seconds(ends)},
            "limit": 100,
        }
        wanted = str(question.top_up_id)
        if question.method == SAVED_CARD:
            return self._search_charged({**window, "customer": question.customer}, wanted)
        page = self._client.v1.checkout.sessions.list(window)
        found = (one.id for one in page.auto_paging_iter() if one.client_reference_id == wanted)
        return next(found, None)


def ask_mode(settings: StripeSettings, transport: GuardedClient) -> bool:
    """Ask once for the balance; return whether it is of real money.

    Raises:
        ProviderAnswerError: If the answer makes no sense.
        ProviderUnavailableError: If no answer came, or Stripe does not know our key.
    """
    client = _make_client(settings, transport, retries=0)
    try:
        with translated():
            is_live = getattr(client.v1.balance.retrieve(), "livemode", None)
    except stripe.InvalidRequestError as error:
        raise ProviderAnswerError(told(error)) from None
    if not isinstance(is_live, bool):
        raise ProviderAnswerError("the balance does not say whether its money is real")
    return is_live


def _make_client(
    settings: StripeSettings, transport: GuardedClient, retries: int = RETRIES_MAX
) -> StripeClient:
    base = settings.api_base
    return StripeClient(
        settings.secret_key,
        stripe_version=API_VERSION,
        base_addresses={} if base is None else {"api": base},
        max_network_retries=retries,
        http_client=transport,
    )


def connect(settings: StripeSettings) -> PaymentProvider:
    """Return Stripe as a provider; nothing is called yet."""
    return StripeProvider(settings)
