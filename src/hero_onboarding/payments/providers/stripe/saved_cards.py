"""Calls to Stripe about customers and their saved cards."""

from collections.abc import Mapping
from typing import Any, Final

import stripe
from stripe import StripeClient

from hero_onboarding.payments.cards.ports import ChargeOrder, CustomerOrder
from hero_onboarding.payments.errors import CheckoutRefusedError, ProviderAnswerError
from hero_onboarding.payments.ports import OpenedCheckout, ProviderPayment
from hero_onboarding.payments.providers.stripe.failures import told, translated
from hero_onboarding.payments.providers.stripe.intents import charge_parameters, read_charged

_NOT_FOUND: Final = 404


class StripeCards:
    """The part of Stripe that keeps cards; ``StripeProvider`` makes the client."""

    _client: StripeClient

    def open_customer(self, order: CustomerOrder) -> str:
        """Make one Customer per key, however often it is called; it names our user, nobody else.

        Raises:
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came, or Stripe does not know our key.
        """
        parameters: Any = {"metadata": {"account_id": order.user_sid}}
        try:
            with translated():
                customers = self._client.v1.customers
                return customers.create(parameters, {"idempotency_key": order.key}).id
        except stripe.InvalidRequestError as error:
            raise ProviderAnswerError(told(error)) from None

    def charge_card(self, order: ChargeOrder) -> OpenedCheckout:
        """Make one PaymentIntent per key and confirm it; one that was declined was made too.

        Raises:
            CheckoutRefusedError: If Stripe will not take this order.
            ProviderAnswerError: If the answer makes no sense, or the key was another order's.
            ProviderUnavailableError: If no answer came, or Stripe does not know our key.
        """
        try:
            with translated():
                return OpenedCheckout(self._create_intent(order))
        except stripe.InvalidRequestError as error:
            raise CheckoutRefusedError(error.code or "invalid_request") from None

    def detach_card(self, reference: str) -> None:
        """Detach a PaymentMethod from its Customer; one that is not attached is forgotten already.

        Raises:
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came, or Stripe does not know our key.
        """
        methods = self._client.v1.payment_methods
        try:
            with translated():
                if methods.retrieve(reference).customer is not None:
                    methods.detach(reference, {}, {"idempotency_key": f"detach-{reference}"})
        except stripe.InvalidRequestError as error:
            if error.http_status != _NOT_FOUND:
                raise ProviderAnswerError(told(error)) from None

    def _create_intent(self, order: ChargeOrder) -> str:
        """Create one and return its id, also where its card was declined."""
        parameters: Any = charge_parameters(order)
        try:
            intents = self._client.v1.payment_intents
            return intents.create(parameters, {"idempotency_key": order.key}).id
        except stripe.CardError as error:
            declined = error.error.payment_intent if error.error else None
            if declined is None:
                raise CheckoutRefusedError(error.code or "card_error") from None
            return declined.id

    def _fetch_charged(self, reference: str) -> ProviderPayment:
        expanded: Any = {"expand": ["latest_charge"]}
        intent = self._client.v1.payment_intents.retrieve(reference, expanded)
        return read_charged(intent.to_dict(for_json=True))

    def _search_charged(self, window: Mapping[str, Any], top_up_id: str) -> str | None:
        """Look through a customer's payments for the one that names a top-up."""
        wanted: Any = window
        intents = self._client.v1.payment_intents.list(wanted).auto_paging_iter()
        named = (one.id for one in intents if one.metadata.to_dict().get("topup_id") == top_up_id)
        return next(named, None)
