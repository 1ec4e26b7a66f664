"""The provider's own account as it was read: every line once, and what of it is in the books."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import false, func, select, true, update

from hero_onboarding.database import Transaction
from hero_onboarding.kernel.clock import from_unix
from hero_onboarding.ledger import record_fact
from hero_onboarding.payments.line_postings import line_postings, sum_line
from hero_onboarding.payments.movement_ports import MoneyMovement, MovementKind
from hero_onboarding.payments.tables import account_lines
from hero_onboarding.wallet import post_transfer

_c = account_lines.c


def keep_line(
    tx: Transaction,
    provider: str,
    movement: MoneyMovement,
    event_key: str | None,
    now: datetime,
    *,
    is_posted: bool,
) -> bool:
    """Keep a line, with what follows from it when it is understood; return whether that is new.

    Args:
        tx: The open transaction.
        provider: Whose account it is.
        movement: The line.
        event_key: The key of the fact about a payment that says the same; None without any.
        now: The present instant.
        is_posted: Whether it is understood. One that is not yet is kept, and posted later.
    """
    content = {**_content(movement), "event_key": event_key}
    insert = tx.insert(account_lines).on_conflict_do_nothing(
        index_elements=["provider", "reference"]
    )
    times = {"occurred_at": movement.at, "recorded_at": now}
    names = {"provider": provider, "reference": movement.reference}
    tx.execute(insert.values(**names, **content, **times, is_posted=False))
    if not is_posted:
        return False
    row = tx.execute(
        update(account_lines)
        .where(_c.provider == provider, _c.reference == movement.reference)
        .where(_c.is_posted == false())
        .values(**content, is_posted=True)
        .returning(_c.number)
    ).first()
    if row is None:
        return False
    for fact, transfer in line_postings(provider, movement, now):
        record_fact(tx, fact, now)
        post_transfer(tx, transfer, now, is_choice=False)
    return True


def sum_posted(tx: Transaction) -> Mapping[str, int]:
    """Sum what posted lines did to the clearing accounts beside the payments they are about."""
    groups = (_c.provider, _c.kind, _c.currency, _c.shown_currency)
    query = select(
        *groups,
        func.sum(_c.amount).label("amount"),
        func.sum(_c.fee).label("fee"),
        func.sum(_c.shown_amount).label("shown_amount"),
    )
    sums: Counter[str] = Counter()
    for row in tx.execute(query.where(_c.is_posted == true()).group_by(*groups)):
        all_of_them = MoneyMovement(
            reference="all",
            kind=MovementKind(row.kind),
            amount=int(row.amount),
            fee=int(row.fee),
            currency=row.currency,
            at=from_unix(0),
            shown_amount=None if row.shown_amount is None else int(row.shown_amount),
            shown_currency=row.shown_currency,
        )
        sums.update(sum_line(row.provider, all_of_them))
    return sums


def list_known(tx: Transaction, provider: str, references: Collection[str]) -> Collection[str]:
    """Say which of some lines are in the books."""
    query = select(_c.reference).where(
        _c.provider == provider, _c.reference.in_(references), _c.is_posted == true()
    )
    return frozenset(tx.execute(query).scalars())


def _content(movement: MoneyMovement) -> dict[str, object]:
    return {
        "kind": movement.kind,
        "amount": movement.amount,
        "fee": movement.fee,
        "currency": movement.currency,
        "shown_amount": movement.shown_amount,
        "shown_currency": movement.shown_currency,
        "payment_id": movement.payment_id,
        "source": movement.source,
    }
