"""Stripe's own records: the lines of the balance, payments, and events."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
import stripe
from stripe import StripeClient

from hero_onboarding.kernel.clock import unix_seconds
from hero_onboarding.payments.errors import MalformedNoticeError, ProviderAnswerError
from hero_onboarding.payments.ports import Notice
from hero_onboarding.payments.providers.stripe.failures import told, translated
from hero_onboarding.payments.providers.stripe.lines import (
    read_balance,
    read_intent,
    read_line,
)
from hero_onboarding.payments.providers.stripe.translate import KINDS, read_event
from hero_onboarding.payments.reconciling.ports import ListedPayment, MoneyMovement

_PAGE: Final = 100
_KINDS_AT_ONCE: Final = 20


class StripeRecords:
    """The part of Stripe that lists what it has; ``StripeProvider`` makes the client."""

    _client: StripeClient

    def list_movements(self, since: datetime, until: datetime) -> Iterator[MoneyMovement]:
        """List balance transactions with what caused them, the newest first.

        Raises:
            ProviderAnswerError: If an answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        wanted = {**_window(since, until), "expand": ["data.source"]}
        return map(read_line, self._walk(self._client.v1.balance_transactions, wanted))

    def list_payments(self, since: datetime, until: datetime) -> Iterator[ListedPayment]:
        """List PaymentIntents with their charges, the newest first.

        Raises:
            ProviderAnswerError: If an answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        wanted = {**_window(since, until), "expand": ["data.latest_charge"]}
        return map(read_intent, self._walk(self._client.v1.payment_intents, wanted))

    def fetch_balances(self) -> Mapping[str, int]:
        """Sum what is available and what is pending.

        Raises:
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        try:
            with translated():
                balance = self._client.v1.balance.retrieve()
        except stripe.InvalidRequestError as error:
            raise ProviderAnswerError(told(error)) from None
        return read_balance(balance.to_dict(for_json=True))

    def list_notices(self, since: datetime, *, is_untold: bool) -> Iterator[tuple[Notice, bytes]]:
        """List the events of the kinds that the webhook subscribes to.

        Raises:
            ProviderAnswerError: If an answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        for kinds in _groups():
            wanted: dict[str, Any] = {
                "created": {"gte": unix_seconds(since)},
                "types": kinds,
                "limit": _PAGE,
            }
            if is_untold:
                wanted["delivery_success"] = False
            for event in self._walk(self._client.v1.events, wanted):
                body = msgspec.json.encode(event)
                try:
                    notice = read_event(body)
                except MalformedNoticeError as error:
                    raise ProviderAnswerError(str(error)) from None
                if notice is not None:
                    yield notice, body

    def _walk(self, service: Any, wanted: Mapping[str, Any]) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any of the library's
        """Ask for a list, page by page."""
        try:
            with translated():
                for one in service.list(dict(wanted)).auto_paging_iter():
                    yield one.to_dict(for_json=True)
        except stripe.InvalidRequestError as error:
            raise ProviderAnswerError(told(error)) from None


def _window(since: datetime, until: datetime) -> dict[str, Any]:
    return {
        "created": {"gte": unix_seconds(since), "lt": unix_seconds(until)},
        "limit": _PAGE,
    }


def _groups() -> Iterator[list[str]]:
    """Cut the kinds of events into groups of as many as may be asked for at once."""
    kinds = sorted(KINDS)
    for start in range(0, len(kinds), _KINDS_AT_ONCE):
        yield kinds[start : start + _KINDS_AT_ONCE]
