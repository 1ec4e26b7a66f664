"""What ClickPesa says of the account itself: operators and fees, rates, payments, statement."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from hero_onboarding.payments.errors import CheckoutRefusedError, ProviderAnswerError
from hero_onboarding.payments.provider_books import (
    Entry,
    ExchangeRate,
    OrderPayment,
    PushMethod,
    Statement,
    StatementLine,
)
from hero_onboarding.payments.providers.clickpesa.calls import (
    CONFLICT,
    NOT_FOUND,
    Answered,
    ClickPesaCalls,
)
from hero_onboarding.payments.providers.clickpesa.orders import NOT_AVAILABLE, push_members
from hero_onboarding.payments.providers.clickpesa.refusals import refuse
from hero_onboarding.payments.providers.clickpesa.translate import read_listed, read_status
from hero_onboarding.payments.providers.clickpesa.wire import (
    Fields,
    decimal_of,
    hundredths_of,
    instant_of,
    read_object,
    read_objects,
    signed_hundredths_of,
    text_of,
)

PAGE_SIZE: Final = 100
_PREVIEW: Final = "/payments/preview-ussd-push-request"
_PAGES_MAX: Final = 10_000


class ClickPesaAccount:
    """Reads one account; nothing here moves money. Each call may be repeated."""

    def __init__(self, calls: ClickPesaCalls) -> None:
        self._calls = calls

    def preview_push(
        self, amount: int, order_reference: str, phone: str | None = None
    ) -> Sequence[PushMethod]:
        """Ask which operators could collect an amount in hundredths of a shilling, and their fees.

        With a phone, only its own operator is told of.

        Raises:
            CheckoutRefusedError: If the phone or amount is refused, or prompts are not available.
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        methods = self.preview_order(amount, order_reference, phone)
        if methods is None:
            raise CheckoutRefusedError(NOT_AVAILABLE)
        return methods

    def preview_order(
        self, amount: int, order_reference: str, phone: str | None
    ) -> Sequence[PushMethod] | None:
        """Do the same, and give None where the order exists already."""
        answered = self._calls.post(_PREVIEW, push_members(amount, order_reference, phone))
        if answered.status == CONFLICT:
            return None
        if not answered.is_done:
            raise refuse("the preview of a prompt", answered)
        methods = read_object(answered.content).get("activeMethods")
        return [_method(one) for one in read_objects(methods)]

    def list_rates(self, source: str = "USD", target: str = "TZS") -> Sequence[ExchangeRate]:
        """Ask for rates of exchange; the two directions are no reciprocals.

        Raises:
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        answered = self._calls.get("/exchange-rates/all", source=source, target=target)
        return [_rate(one) for one in read_objects(_content(answered))]

    def list_payments(self, first: date, last: date) -> Sequence[OrderPayment]:
        """List all payments of some days, oldest first, each once.

        ClickPesa does not say whose days it counts: ask for one more on each side.

        Raises:
            ProviderAnswerError: If the answer makes no sense, or pages end too early.
            ProviderUnavailableError: If no answer came.
        """
        found: dict[str, OrderPayment] = {}
        seen = 0
        for _ in range(_PAGES_MAX):
            page = self._page(first, last, seen)
            rows = read_objects(page.get("data"))
            found |= {one.payment_id: one for one in map(read_listed, rows)}
            seen += len(rows)
            if seen >= int(decimal_of(page, "totalCount")):
                return list(found.values())
            if not rows:
                break
        raise ProviderAnswerError("ClickPesa's list of payments ends before its end")

    def find_payments(self, order_reference: str) -> Sequence[OrderPayment]:
        """Ask for the payments of one order; nothing where ClickPesa knows none.

        Raises:
            ProviderAnswerError: If the answer makes no sense, or names another order.
            ProviderUnavailableError: If no answer came.
        """
        answered = self._calls.get(f"/payments/{order_reference}")
        if answered.status == NOT_FOUND:
            return ()
        found = [read_listed(one) for one in read_objects(_content(answered))]
        if any(one.order_reference != order_reference for one in found):
            raise ProviderAnswerError("ClickPesa answered with the payment of another order")
        return found

    def read_statement(self, currency: str, first: date, last: date) -> Statement:
        """Read the movements of one currency in some days; none where there is no such account.

        Raises:
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        span = {"startDate": first.isoformat(), "endDate": last.isoformat()}
        answered = self._calls.get("/account/statement", currency=currency, **span)
        if answered.status == NOT_FOUND:
            return Statement(currency, opening=0, closing=0, lines=())
        content = read_object(_content(answered))
        details = read_object(content.get("accountDetails"))
        return Statement(
            currency=currency,
            opening=signed_hundredths_of(details, "openingBalance"),
            closing=signed_hundredths_of(details, "closingBalance"),
            lines=[_line(one, currency) for one in read_objects(content.get("transactions"))],
        )

    def read_balances(self) -> Mapping[str, int]:
        """Read what the account holds, by currency; nothing before its first payment.

        Raises:
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        answered = self._calls.get("/account/balance")
        if answered.status == NOT_FOUND:
            return {}
        return {
            text_of(one, "currency").upper(): signed_hundredths_of(one, "balance")
            for one in read_objects(_content(answered))
        }

    def _page(self, first: date, last: date, skip: int) -> Fields:
        span = {"startDate": first.isoformat(), "endDate": last.isoformat()}
        order = {"sortBy": "createdAt", "orderBy": "ASC"}
        answered = self._calls.get("/payments/all", **span, **order, skip=skip, limit=PAGE_SIZE)
        return read_object(_content(answered))


def _content(answered: Answered) -> object:
    """Take what was read; a refusal to let us read makes no sense."""
    if not answered.is_done:
        raise ProviderAnswerError(f"ClickPesa answered {answered.status} to a reading call")
    return answered.content


def _method(fields: Fields) -> PushMethod:
    is_available = read_status(text_of(fields, "status")) == "AVAILABLE"
    has_fee = is_available and fields.get("fee") is not None
    name = read_status(text_of(fields, "name"))
    return PushMethod(name, is_available, hundredths_of(fields, "fee") if has_fee else None)


def _rate(fields: Fields) -> ExchangeRate:
    return ExchangeRate(
        source=text_of(fields, "source").upper(),
        target=text_of(fields, "target").upper(),
        rate=decimal_of(fields, "rate"),
        at=instant_of(fields, "date"),
    )


def _line(fields: Fields, currency: str) -> StatementLine:
    reference = fields.get("orderReference")
    try:
        entry = Entry(text_of(fields, "entry").lower())
    except ValueError:
        raise ProviderAnswerError("a line of ClickPesa's statement goes neither way") from None
    if text_of(fields, "currency").upper() != currency:
        raise ProviderAnswerError("a line of ClickPesa's statement is in another currency")
    return StatementLine(
        id=text_of(fields, "id"),
        at=instant_of(fields, "date"),
        entry=entry,
        type=text_of(fields, "type"),
        amount=hundredths_of(fields, "amount"),
        currency=currency,
        order_reference=reference if isinstance(reference, str) else "",
    )
