"""Lines of ClickPesa's statement as ours; what is not known is named and never guessed. Pure.

A line names an order and no payment. An order that one payment came in for is clear; of several
payments that one counts which has the amount of the line and took on its status with it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from hero_onboarding.payments.errors import ProviderAnswerError
from hero_onboarding.payments.movement_ports import MoneyMovement, MovementKind
from hero_onboarding.payments.ports import PaymentState, reversal_reference
from hero_onboarding.payments.provider_books import Entry, OrderPayment, StatementLine
from hero_onboarding.payments.providers.clickpesa.translate import read_status
from hero_onboarding.payments.reconciling.ports import ListedPayment

SAME_TIME: Final = timedelta(hours=1)
"""How far a line and the status of its payment may be apart where an order has several."""

_IN, _OUT = Entry.CREDIT, Entry.DEBIT
_KINDS: Final = {
    (_IN, "PAYMENT"): MovementKind.PAYMENT,
    (_OUT, "PAYMENT"): MovementKind.REFUND,
    (_OUT, "REVERSED-PAYMENT"): MovementKind.REFUND,
    (_OUT, "REFUNDED-PAYMENT"): MovementKind.REFUND,
    **{(_OUT, f"FEE-{one}"): MovementKind.FEE for one in ("PAYMENT", "PAYOUT", "WITHDRAW")},
    **{(_OUT, one): MovementKind.PAYOUT for one in ("PAYOUT", "WITHDRAW")},
    **{
        (_IN, f"{how}-{one}"): MovementKind.PAYOUT_FAILED
        for how in ("REVERSED", "REFUNDED")
        for one in ("PAYOUT", "WITHDRAW")
    },
}
"""By the way it goes and its type; all others, deposits too, are for a person."""

_SAID_MAX: Final = 100
_OF_PAYMENTS: Final = frozenset({MovementKind.PAYMENT, MovementKind.REFUND})


def kind_of(line: StatementLine) -> MovementKind:
    """Say what a line is about."""
    return _KINDS.get((line.entry, read_status(line.type)), MovementKind.OTHER)


def orders_of(lines: Iterable[StatementLine], *kinds: MovementKind) -> frozenset[str]:
    """Name the orders that lines of some kinds are about."""
    return frozenset({one.order_reference for one in lines if kind_of(one) in kinds} - {""})


def read_lines(
    lines: Sequence[StatementLine], payments: Collection[OrderPayment]
) -> Sequence[MoneyMovement]:
    """Read lines, and say which payments those of payments are about.

    Args:
        lines: All that may be about the same payments, of one currency.
        payments: All payments of the orders that they name.

    Raises:
        ProviderAnswerError: If one has no date.
    """
    come_in: dict[str, list[OrderPayment]] = {}
    for payment in payments:
        if payment.state.has_come_in:
            come_in.setdefault(payment.order_reference, []).append(payment)
    found: dict[str, str] = {}
    for kind in _OF_PAYMENTS:
        some = [one for one in lines if kind_of(one) is kind]
        found.update(_match(some, come_in, kind))
    return [_movement(one, found.get(one.id)) for one in lines]


def read_payment(payment: OrderPayment) -> ListedPayment:
    """Read a payment of the list; which top-up it is for follows from its order.

    Raises:
        ProviderAnswerError: If it has no date.
    """
    is_back = payment.state is PaymentState.REFUNDED
    return ListedPayment(
        payment_id=payment.payment_id,
        references=(payment.order_reference,),
        top_up_id=None,
        amount=payment.amount,
        currency=payment.currency,
        state=payment.state,
        at=require_date(payment.created_at),
        reversal=reversal_reference(payment.payment_id) if is_back else None,
    )


def require_date(found: datetime | None) -> datetime:
    """Take a date that has to be there.

    Raises:
        ProviderAnswerError: If it is not.
    """
    if found is None:
        raise ProviderAnswerError("a record of ClickPesa's has no date")
    return found


def _movement(line: StatementLine, payment_id: str | None) -> MoneyMovement:
    kind = kind_of(line)
    source = line.order_reference or None
    if kind is MovementKind.REFUND:
        source = None if payment_id is None else reversal_reference(payment_id)
    return MoneyMovement(
        reference=line.id,
        kind=kind,
        amount=line.amount if line.entry is Entry.CREDIT else -line.amount,
        fee=0,
        currency=line.currency,
        at=require_date(line.at),
        payment_id=payment_id,
        source=source,
        said=f"{line.type} {line.order_reference}".strip()[:_SAID_MAX],
    )


def _match(
    lines: Sequence[StatementLine],
    come_in: Mapping[str, Sequence[OrderPayment]],
    kind: MovementKind,
) -> Mapping[str, str]:
    """Give lines of one kind the payments that they are about, where that is clear."""
    near = {one.id: _find_near(one, come_in.get(one.order_reference, ()), kind) for one in lines}
    found = {}
    for line in lines:
        payments = near[line.id]
        rivals = sorted(one for one, some in near.items() if set(some) & set(payments))
        is_clear = all(near[one] == payments for one in rivals)
        if len(come_in.get(line.order_reference, ())) == 1:
            found[line.id] = payments[0]
        elif payments and is_clear and len(payments) == len(rivals):
            # Lines that nothing tells apart are each about one of as many payments.
            found[line.id] = payments[rivals.index(line.id)]
    return found


def _find_near(
    line: StatementLine, payments: Sequence[OrderPayment], kind: MovementKind
) -> Sequence[str]:
    """Name the payments of an order that a line may be about, in one order."""
    if len(payments) > 1:
        payments = [one for one in payments if _may_be(line, one, kind)]
    if len(payments) > 1:
        at = require_date(line.at)
        payments = [one for one in payments if _is_near(one, at)]
    return sorted(one.payment_id for one in payments)


def _may_be(line: StatementLine, payment: OrderPayment, kind: MovementKind) -> bool:
    """Whether a line has a payment's amount, and its status says that it has such a line."""
    is_same = (payment.amount, payment.currency) == (line.amount, line.currency)
    is_back = payment.state is PaymentState.REFUNDED
    return is_same and (is_back if kind is MovementKind.REFUND else payment.status != "SUCCESS")


def _is_near(payment: OrderPayment, at: datetime) -> bool:
    """Whether a payment took on its status about when a line was written."""
    return payment.updated_at is not None and abs(payment.updated_at - at) <= SAME_TIME
