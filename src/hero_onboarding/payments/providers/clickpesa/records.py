"""ClickPesa's own records: its list of payments, its statement, its balance."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Final

from hero_onboarding.payments.movement_ports import MoneyMovement, MovementKind
from hero_onboarding.payments.provider_books import OrderPayment, StatementLine
from hero_onboarding.payments.providers.clickpesa.account import ClickPesaAccount
from hero_onboarding.payments.providers.clickpesa.lines import orders_of, read_lines, read_payment
from hero_onboarding.payments.providers.clickpesa.orders import REFERENCE
from hero_onboarding.payments.reconciling.ports import ListedPayment

SETTLED_WITHIN: Final = timedelta(days=8)
"""How long before its line a payment was made; about older ones ClickPesa is asked by order."""

ORDERS_ASKED_MAX: Final = 30
"""About how many orders it is asked one by one; lines of the others wait for another run."""

_CURRENCIES: Final = ("TZS", "USD")
_DAY: Final = timedelta(days=1)


class ClickPesaRecords:
    """The part of ClickPesa that lists what it has; ``ClickPesaProvider`` makes the account."""

    _account: ClickPesaAccount

    def list_payments(self, since: datetime, until: datetime) -> Iterator[ListedPayment]:
        """List payments by the time they were made, the oldest first.

        Raises:
            ProviderAnswerError: If an answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        for one in map(read_payment, self._account.list_payments(*_days(since, until))):
            if since <= one.at < until:
                yield one

    def list_movements(self, since: datetime, until: datetime) -> Iterator[MoneyMovement]:
        """List the lines of the statements of both currencies.

        Lines are read before payments, so that no line is older than what is said of its payment.

        Raises:
            ProviderAnswerError: If an answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        days = _days(since, until)
        statements = [self._account.read_statement(one, *days).lines for one in _CURRENCIES]
        payments = self._find_payments(list(chain(*statements)), *days)
        for lines in statements:
            for line in read_lines(lines, payments):
                if since <= line.at < until:
                    yield line

    def fetch_balances(self) -> Mapping[str, int]:
        """Ask what is settled; nothing before the first payment.

        Raises:
            ProviderAnswerError: If the answer makes no sense.
            ProviderUnavailableError: If no answer came.
        """
        return self._account.read_balances()

    def _find_payments(
        self, lines: Sequence[StatementLine], first: date, last: date
    ) -> Collection[OrderPayment]:
        """Find all payments of the orders that lines of payments name.

        A payment that went back may be old, and so may be what is not in the list.
        """
        paid = orders_of(lines, MovementKind.PAYMENT)
        returned = orders_of(lines, MovementKind.REFUND)
        listed = self._account.list_payments(first - SETTLED_WITHIN, last) if paid else ()
        found = {one.payment_id: one for one in listed if one.order_reference in paid}
        shown = {(one.order_reference, one.amount, one.currency) for one in lines}
        clear = {one.order_reference for one in found.values() if _is_shown(one, shown)}
        asked = [one for one in sorted(returned | paid - clear) if REFERENCE.fullmatch(one)]
        for order in asked[:ORDERS_ASKED_MAX]:
            found |= {one.payment_id: one for one in self._account.find_payments(order)}
        return found.values()


def _is_shown(payment: OrderPayment, shown: Collection[tuple[str, int, str]]) -> bool:
    """Whether a payment came in, and a line of its order has its amount."""
    line = (payment.order_reference, payment.amount, payment.currency)
    return payment.state.has_come_in and line in shown


def _days(since: datetime, until: datetime) -> tuple[date, date]:
    """Name the days of an interval and one more on each side: nobody says whose days count."""
    return since.astimezone(UTC).date() - _DAY, until.astimezone(UTC).date() + _DAY
