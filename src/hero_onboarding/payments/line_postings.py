"""What is ours to post of a provider's own account, as facts and in double entry. Pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from hero_onboarding.ledger import Entry, Fact, FactKind, Operation, Transfer
from hero_onboarding.payments.domain import units_of
from hero_onboarding.payments.movement_ports import MoneyMovement, MovementKind
from hero_onboarding.payments.postings import clearing_account

_PAYOUTS = {
    MovementKind.PAYOUT: Operation.PAYOUT,
    MovementKind.PAYOUT_FAILED: Operation.PAYOUT_RETURNED,
}


def line_postings(
    provider: str, movement: MoneyMovement, now: datetime
) -> Sequence[tuple[Fact, Transfer]]:
    """Write fees, payouts and exchanges of a line; payments and what goes back have their own."""
    clearing = clearing_account(provider, movement.currency)
    asset = movement.currency
    found: list[tuple[Operation, tuple[Entry, ...]]] = []
    if movement.cost:
        found.append((Operation.FEE, _pair(f"fees:{provider}", clearing, movement.cost, asset)))
    if movement.kind in _PAYOUTS:
        operation = _PAYOUTS[movement.kind]
        found.append((operation, _pair(f"bank:{provider}", clearing, -movement.amount, asset)))
    if movement.is_exchanged:
        shown, currency = movement.paid
        there, between = clearing_account(provider, currency), f"fx:{currency}"
        entries = (
            *_pair(between, there, shown, currency),
            *_pair(clearing, between, movement.amount, asset),
        )
        found.append((Operation.EXCHANGE, entries))
    return [_written(provider, movement, one, entries, now) for one, entries in found]


def sum_line(provider: str, movement: MoneyMovement) -> Counter[str]:
    """Sum what a line does to the clearing accounts beside the payment it is about, in units."""
    clearing = clearing_account(provider, movement.currency)
    sums: Counter[str] = Counter()
    sums[clearing] -= units_of(movement.cost, movement.currency)
    if movement.kind in _PAYOUTS:
        sums[clearing] += units_of(movement.amount, movement.currency)
    if movement.is_exchanged:
        shown, currency = movement.paid
        sums[clearing_account(provider, currency)] -= units_of(shown, currency)
        sums[clearing] += units_of(movement.amount, movement.currency)
    return sums


def _pair(debit: str, credit: str, amount: int, currency: str) -> tuple[Entry, ...]:
    units = units_of(amount, currency)
    return (Entry(credit, units, currency), Entry(debit, -units, currency))


def _written(
    provider: str,
    movement: MoneyMovement,
    operation: Operation,
    entries: tuple[Entry, ...],
    now: datetime,
) -> tuple[Fact, Transfer]:
    """Write one; the fact and the transfer have the same id."""
    key = f"{provider}:txn:{movement.reference}"
    detail = {
        "provider": provider,
        "line": movement.reference,
        "kind": str(movement.kind),
        "paid": movement.amount,
        "fee": movement.fee,
        "currency": movement.currency,
        "payment": movement.payment_id,
        "source": movement.source,
    }
    if movement.is_exchanged:
        detail |= {"shown": movement.shown_amount, "shown_currency": movement.shown_currency}
    fact = Fact(FactKind(operation), provider, key, detail, now)
    return fact, Transfer(operation, provider, key, entries, now, detail)
