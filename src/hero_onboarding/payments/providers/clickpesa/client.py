"""ClickPesa behind the protocol of payments."""

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from hero_onboarding.kernel.clock import Clock
from hero_onboarding.outbound import Limits
from hero_onboarding.payments.errors import (
    CheckoutRefusedError,
    PaymentsOffError,
    ProviderAnswerError,
)
from hero_onboarding.payments.ports import (
    CheckoutOrder,
    Delivery,
    Notice,
    OpenedCheckout,
    PaymentQuestion,
    PaymentState,
    PhoneWay,
    ProviderPayment,
)
from hero_onboarding.payments.providers.clickpesa import orders
from hero_onboarding.payments.providers.clickpesa.account import ClickPesaAccount
from hero_onboarding.payments.providers.clickpesa.calls import (
    CONFLICT,
    LIMITS,
    NOT_FOUND,
    ClickPesaCalls,
)
from hero_onboarding.payments.providers.clickpesa.notices import read_delivery
from hero_onboarding.payments.providers.clickpesa.records import ClickPesaRecords
from hero_onboarding.payments.providers.clickpesa.refusals import refuse
from hero_onboarding.payments.providers.clickpesa.settings import ClickPesaSettings
from hero_onboarding.payments.providers.clickpesa.translate import order_of, read_payments
from hero_onboarding.payments.providers.clickpesa.wire import Fields, read_object, text_of

QUESTIONS_PER_MINUTE: Final = 60
"""Half of the 120 calls that ClickPesa answers in a minute; people get the rest."""

_PUSH: Final = "/payments/initiate-ussd-push-request"
_CARD: Final = "/payments/initiate-card-payment"
_CHECKOUT: Final = "/checkout-link/generate-checkout-url"
_BILL: Final = "/billpay/create-order-control-number"
_MILLION: Final = 1_000_000
_NUMBER: Final = re.compile(r"[0-9]{4,20}")
_URL: Final = re.compile(r"https?://[\x21-\x7e]{1,2000}")
_log = logging.getLogger(__name__)


class ClickPesaProvider(ClickPesaRecords):
    """ClickPesa, which knows an order by the reference that we give it, and only once.

    The reference is the idempotency key: an order that is sent again is refused with 409, and that
    means that it exists.
    """

    def __init__(self, settings: ClickPesaSettings, clock: Clock, limits: Limits = LIMITS) -> None:
        self._settings = settings
        self._clock = clock
        self._calls = ClickPesaCalls(settings, clock, limits)
        self._account = ClickPesaAccount(self._calls)

    @property
    def name(self) -> str:
        """Return ``clickpesa``."""
        return "clickpesa"

    @property
    def is_live(self) -> bool:
        """Whether real money moves: everywhere but at a stand-in."""
        return self._settings.is_live

    @property
    def questions_per_minute(self) -> int:
        """How many calls questions may make in any minute."""
        return QUESTIONS_PER_MINUTE

    @property
    def account(self) -> ClickPesaAccount:
        """What can be read of the account itself."""
        return self._account

    def preview_phone(self, amount: int, order_reference: str, phone: str) -> Sequence[PhoneWay]:
        """Say which operator would ask a phone, and what it takes on top.

        Raises:
            CheckoutRefusedError: If the phone or the amount is refused.
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        methods = self._account.preview_push(amount, order_reference, phone)
        return [PhoneWay(one.name, one.fee) for one in methods if one.is_available]

    def open_checkout(self, order: CheckoutOrder) -> OpenedCheckout:
        """Open one order per reference, however often it is called.

        Where the answer to a page or a control number was lost, the order exists and nobody can
        tell its address any more.

        Raises:
            CheckoutRefusedError: If ClickPesa will not take it: a word of ours says why.
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came; whether it was opened is unknown.
        """
        assert orders.REFERENCE.fullmatch(order.order_reference), order
        match order.method:
            case "push":
                return self._open_push(order)
            case "checkout":
                members = orders.checkout_members(order)
                return self._open_page(order, _CHECKOUT, members, "checkoutLink")
            case "link":
                members = orders.card_members(order)
                return self._open_page(order, _CARD, members, "cardPaymentLink")
            case "control_number":
                return self._open_bill(order)
            case _:
                raise CheckoutRefusedError(orders.NOT_AVAILABLE)

    def read_notice(self, delivery: Delivery) -> Notice | None:
        """Check the checksum, then say what the notice is about.

        Raises:
            ForgedNoticeError: If it is not authentic.
            MalformedNoticeError: If it can't be read.
            PaymentsOffError: If no checksum key is set.
        """
        key = self._settings.checksum_key
        if key is None:
            raise PaymentsOffError(self.name, "CHECKSUM_KEY")
        return read_delivery(delivery, key)

    def fetch_payment(self, question: PaymentQuestion) -> ProviderPayment | None:
        """Ask for the payments of an order.

        ClickPesa knows nothing of a page or a control number before somebody pays: an order that
        it took is open until its time is over.

        Raises:
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        order = order_of(question)
        if orders.REFERENCE.fullmatch(order) is None:
            raise ProviderAnswerError(f"{order!r} is no reference of an order at ClickPesa")
        answered = self._calls.get(f"/payments/{order}")
        if not answered.is_done and answered.status != NOT_FOUND:
            raise ProviderAnswerError(f"ClickPesa answered {answered.status} to a question")
        answer = answered.content if answered.is_done else []
        now, is_live = self._clock.now(), self.is_live
        payment = read_payments(answer, question, now, is_live=is_live)
        if payment is not None and payment.failure and payment.state is PaymentState.PENDING:
            _log.warning("ClickPesa says %r of a payment; look at it there", payment.failure)
        return payment

    def fetch_rate(self, currency: str) -> int:
        """Ask what a dollar is now, in millionths of a currency; no margin is in it.

        Raises:
            ProviderAnswerError: If the answer makes no sense, or tells of no such rate.
            ProviderUnavailableError: If no answer came.
        """
        pair = ("USD", currency)
        rates = [one for one in self._account.list_rates(*pair) if (one.source, one.target) == pair]
        if len(rates) != 1 or not (rate := int(rates[0].rate * _MILLION)):
            raise ProviderAnswerError(f"ClickPesa tells of no rate of {currency}, or of several")
        return rate

    def _open_push(self, order: CheckoutOrder) -> OpenedCheckout:
        """Have a phone ask its owner, unless it was asked before."""
        if order.phone is None or order.currency != "TZS":
            raise CheckoutRefusedError(
                orders.PHONE_REFUSED if order.phone is None else orders.NOT_AVAILABLE
            )
        opened = OpenedCheckout(order.order_reference)
        methods = self._account.preview_order(order.amount, order.order_reference, order.phone)
        if methods is None:
            return opened
        if not any(method.is_available for method in methods):
            raise CheckoutRefusedError(orders.OPERATOR_UNAVAILABLE)
        members = orders.push_members(order.amount, order.order_reference, order.phone)
        answer = self._open(_PUSH, members)
        if answer is not None and answer.get("orderReference") != order.order_reference:
            raise ProviderAnswerError("ClickPesa opened another order than this")
        return opened

    def _open_page(
        self, order: CheckoutOrder, path: str, members: Mapping[str, Any], name: str
    ) -> OpenedCheckout:
        """Have a page made on which the payer pays."""
        answer = self._open(path, members)
        url = None if answer is None else self._url_of(answer, name)
        return OpenedCheckout(order.order_reference, redirect_url=url)

    def _open_bill(self, order: CheckoutOrder) -> OpenedCheckout:
        """Have a number made that the payer types at a bank or operator."""
        answer = self._open(_BILL, orders.bill_members(order))
        number = None if answer is None else text_of(answer, "billPayNumber")
        if number is not None and _NUMBER.fullmatch(number) is None:
            raise ProviderAnswerError("ClickPesa gave no usable control number")
        return OpenedCheckout(order.order_reference, control_number=number)

    def _open(self, path: str, members: Mapping[str, Any]) -> Fields | None:
        """Open an order; None where it exists already."""
        answered = self._calls.post(path, members)
        if answered.status == CONFLICT:
            return None
        if not answered.is_done:
            raise refuse(path, answered)
        return read_object(answered.content)

    def _url_of(self, answer: Fields, name: str) -> str:
        """Take the address of a page, https wherever money is real."""
        url = answer.get(name)
        if not isinstance(url, str) or _URL.fullmatch(url) is None:
            raise ProviderAnswerError("ClickPesa gave no usable address of a page")
        if self.is_live and not url.startswith("https:"):
            raise ProviderAnswerError("ClickPesa gave an address of a page that is not https")
        return url


def ask_access(settings: ClickPesaSettings, clock: Clock, limits: Limits) -> None:
    """Ask once for a token and with it for the balance.

    Raises:
        ProviderAnswerError: If an answer makes no sense.
        ProviderUnavailableError: If no answer came, or ClickPesa does not let us.
    """
    ClickPesaAccount(ClickPesaCalls(settings, clock, limits)).read_balances()


def connect(settings: ClickPesaSettings, clock: Clock) -> ClickPesaProvider:
    """Return ClickPesa as a provider; nothing is called yet."""
    return ClickPesaProvider(settings, clock)
