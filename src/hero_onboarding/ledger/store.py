"""Every query of the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    cast,
    func,
    select,
)

from hero_onboarding.database import Transaction
from hero_onboarding.kernel.money import USD
from hero_onboarding.ledger.domain import Entry, Fact, FactKind, Operation, Transfer
from hero_onboarding.ledger.tables import (
    ledger_entries,
    ledger_snapshots,
    ledger_transfers,
    money_facts,
)

_entries, _transfers = ledger_entries.c, ledger_transfers.c
_LINES: Final = (
    select(
        _entries.transfer_id,
        _entries.sequence,
        _entries.amount,
        _entries.balance_after,
        _transfers.operation,
        cast(_transfers.detail, Text).label("written_detail"),
        _transfers.posted_at,
    )
    .join_from(ledger_entries, ledger_transfers)
    .where(
        _entries.account == bindparam("account"),
        _entries.asset == USD.code,
        _entries.sequence.is_not(None),
    )
    .limit(bindparam("size", type_=Integer))
)
_STATEMENT: Final = _LINES.order_by(_entries.sequence.desc())
_STATEMENT_BEFORE: Final = _STATEMENT.where(_entries.sequence < bindparam("before"))
_STATEMENT_AFTER: Final = _LINES.where(_entries.sequence > bindparam("after")).order_by(
    _entries.sequence
)
"""Built once: most pages of a user ask one of them. Stored balances are in USD alone."""


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry to insert; ``sequence`` and ``balance_after`` only for stored balances."""

    transfer_id: UUID
    line: int
    entry: Entry
    sequence: int | None = None
    balance_after: int | None = None


def insert_transfers(
    tx: Transaction, transfers: Sequence[Transfer], posted_at: datetime
) -> frozenset[UUID]:
    """Insert headers that are not there yet and return the ids of those that were not."""
    statement = tx.insert(ledger_transfers).on_conflict_do_nothing(index_elements=["id"])
    rows = [_transfer_row(transfer, posted_at) for transfer in transfers]
    returned = tx.execute(statement.values(rows).returning(ledger_transfers.c.id))
    return frozenset(returned.scalars())


def find_transfer_digest(tx: Transaction, transfer_id: UUID) -> bytes | None:
    """Return the digest of a transfer's content, None when there is no such transfer."""
    found = tx.execute(
        select(ledger_transfers.c.digest).where(ledger_transfers.c.id == transfer_id)
    ).scalar()
    return None if found is None else bytes(found)


def insert_entries(tx: Transaction, rows: Sequence[EntryRow]) -> None:
    """Insert the lines of transfers."""
    tx.execute(
        ledger_entries.insert(),
        [
            {
                "transfer_id": row.transfer_id,
                "line": row.line,
                "account": row.entry.account,
                "asset": row.entry.asset,
                "amount": row.entry.amount,
                "sequence": row.sequence,
                "balance_after": row.balance_after,
            }
            for row in rows
        ],
    )


def insert_fact(tx: Transaction, fact: Fact, recorded_at: datetime) -> bytes | None:
    """Insert a fact unless its key is taken; return the digest that was there before, if any."""
    statement = tx.insert(money_facts).on_conflict_do_nothing(index_elements=["id"])
    inserted = tx.execute(
        statement.values(_fact_row(fact, recorded_at)).returning(money_facts.c.id)
    ).first()
    if inserted is not None:
        return None
    query = select(money_facts.c.digest).where(money_facts.c.id == fact.id)
    return bytes(tx.execute(query).scalar_one())


def find_fact(tx: Transaction, fact_id: UUID) -> Mapping[str, Any] | None:
    """Return what a fact says, None when there is no such fact."""
    found = tx.execute(select(money_facts.c.content).where(money_facts.c.id == fact_id)).scalar()
    assert found is None or isinstance(found, Mapping), found
    return found


def insert_facts(tx: Transaction, facts: Sequence[Fact], recorded_at: datetime) -> None:
    """Insert facts whose keys are free."""
    tx.execute(money_facts.insert(), [_fact_row(fact, recorded_at) for fact in facts])


def list_entries(
    tx: Transaction, account: str, *, before: int | None, limit: int
) -> Sequence[Row[Any]]:
    """List entries of an account with a stored balance, newest first, with their transfers."""
    given = {"account": account, "size": limit}
    if before is None:
        return tx.execute(_STATEMENT, given).all()
    return tx.execute(_STATEMENT_BEFORE, {**given, "before": before}).all()


def list_entries_after(
    tx: Transaction, account: str, *, after: int, limit: int
) -> Sequence[Row[Any]]:
    """List entries of an account with a stored balance after one of them, oldest first."""
    return tx.execute(_STATEMENT_AFTER, {"account": account, "size": limit, "after": after}).all()


def sum_entries(tx: Transaction, prefix: str) -> Mapping[str, int]:
    """Sum all entries of the accounts whose path begins with ``prefix``, in full."""
    c = ledger_entries.c
    query = (
        select(c.account, func.sum(c.amount).label("total"))
        .where(c.account.startswith(prefix, autoescape=True))
        .group_by(c.account)
    )
    return {row.account: int(row.total) for row in tx.execute(query)}


def sum_since_snapshot(tx: Transaction, account: str, asset: str) -> int:
    """Return the balance of an account: its newest snapshot and the entries after that day."""
    newest = tx.execute(
        select(ledger_snapshots.c.day, ledger_snapshots.c.balance)
        .where(ledger_snapshots.c.account == account, ledger_snapshots.c.asset == asset)
        .order_by(ledger_snapshots.c.day.desc())
        .limit(1)
    ).first()
    begins_at = None if newest is None else day_end(newest.day)
    query = _account_sum(begins_at, None).where(
        ledger_entries.c.account == account, ledger_entries.c.asset == asset
    )
    since = sum(int(row.total) for row in tx.execute(query))
    return since + (0 if newest is None else int(newest.balance))


def newest_snapshot_day(tx: Transaction) -> date | None:
    """Return the last day that has snapshots."""
    return tx.execute(select(func.max(ledger_snapshots.c.day))).scalar()


def first_posting_at(tx: Transaction) -> datetime | None:
    """Return when the first transfer was posted."""
    return tx.execute(select(func.min(ledger_transfers.c.posted_at))).scalar()


def insert_snapshots(
    tx: Transaction, day: date, *, begins_at: datetime | None, ends_at: datetime
) -> int:
    """Write the balances at the end of a day: those of the day before and what was added."""
    balances: dict[tuple[str, str], int] = {}
    previous = newest_snapshot_day(tx)
    if previous is not None:
        c = ledger_snapshots.c
        for row in tx.execute(select(c.account, c.asset, c.balance).where(c.day == previous)):
            balances[row.account, row.asset] = int(row.balance)
    for row in tx.execute(_account_sum(begins_at, ends_at)):
        place = (row.account, row.asset)
        balances[place] = balances.get(place, 0) + int(row.total)
    rows = [
        {"account": account, "asset": asset, "day": day, "balance": balance}
        for (account, asset), balance in sorted(balances.items())
    ]
    if rows:
        insert = tx.insert(ledger_snapshots).on_conflict_do_nothing()
        tx.execute(insert, rows)
    return len(rows)


def sum_by_asset(tx: Transaction) -> Mapping[str, int]:
    """Sum all entries of every asset; each sum is zero while double entry holds."""
    c = ledger_entries.c
    rows = tx.execute(select(c.asset, func.sum(c.amount).label("total")).group_by(c.asset))
    return {row.asset: int(row.total) for row in rows}


def sum_charges(tx: Transaction) -> Mapping[str, int]:
    """Sum what each owner was charged, as a positive amount."""
    entries, transfers = ledger_entries.c, ledger_transfers.c
    query = (
        select(transfers.owner, func.sum(entries.amount).label("total"))
        .join_from(ledger_entries, ledger_transfers)
        .where(transfers.operation == Operation.CHARGE, entries.sequence.is_not(None))
        .group_by(transfers.owner)
    )
    return {row.owner: -int(row.total) for row in tx.execute(query)}


def sum_spent_credit(tx: Transaction) -> Mapping[str, int]:
    """Sum what left each grant's account, used or expired, as a positive amount."""
    entries, transfers = ledger_entries.c, ledger_transfers.c
    query = (
        select(entries.account, func.sum(entries.amount).label("total"))
        .join_from(ledger_entries, ledger_transfers)
        .where(transfers.operation.in_((Operation.GRANT_USED, Operation.GRANT_EXPIRED)))
        .where(entries.account.like("user:%:promo:%"))
        .group_by(entries.account)
    )
    return {row.account: -int(row.total) for row in tx.execute(query)}


def sum_since(tx: Transaction, since: Subquery) -> list[tuple[str, str, int]]:
    """Sum entries after a sequence, by account and operation.

    ``since`` has columns ``account`` and ``sequence``.
    """
    entries, transfers = ledger_entries.c, ledger_transfers.c
    query = (
        select(entries.account, transfers.operation, func.sum(entries.amount).label("total"))
        .join_from(ledger_entries, ledger_transfers)
        .join(since, _is_since(since))
        .group_by(entries.account, transfers.operation)
    )
    return [(row.account, row.operation, int(row.total)) for row in tx.execute(query)]


def sum_facts_since(
    tx: Transaction, since: Subquery, kinds: Mapping[FactKind, int]
) -> dict[str, int]:
    """Sum facts by owner whose postings come after a sequence, each kind with its sign."""
    facts = money_facts.c
    query = (
        select(facts.owner, facts.kind, facts.content)
        .join_from(money_facts, ledger_entries, ledger_entries.c.transfer_id == facts.id)
        .join(since, _is_since(since))
        .where(facts.kind.in_(kinds))
    )
    sums: dict[str, int] = {}
    for row in tx.execute(query):
        amount = kinds[FactKind(row.kind)] * int(row.content["amount"])
        sums[row.owner] = sums.get(row.owner, 0) + amount
    return sums


def _is_since(since: Subquery) -> ColumnElement[bool]:
    entries = ledger_entries.c
    return and_(entries.account == since.c.account, entries.sequence > since.c.sequence)


def list_facts(tx: Transaction, kind: str) -> Sequence[Row[Any]]:
    """List all facts of a kind with owner and content, in no particular order."""
    c = money_facts.c
    return tx.execute(select(c.owner, c.content).where(c.kind == kind)).all()


def day_end(day: date) -> datetime:
    """Return the instant at which a UTC day is over."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)


def _account_sum(begins_at: datetime | None, ends_at: datetime | None) -> Select[Any]:
    """Sum the entries of insert-only accounts that were posted in an interval."""
    entries, transfers = ledger_entries.c, ledger_transfers.c
    query = (
        select(entries.account, entries.asset, func.sum(entries.amount).label("total"))
        .join_from(ledger_entries, ledger_transfers)
        .where(entries.sequence.is_(None))
        .group_by(entries.account, entries.asset)
    )
    if begins_at is not None:
        query = query.where(transfers.posted_at >= begins_at)
    if ends_at is not None:
        query = query.where(transfers.posted_at < ends_at)
    return query


def _fact_row(fact: Fact, recorded_at: datetime) -> dict[str, Any]:
    return {
        "id": fact.id,
        "kind": fact.kind,
        "owner": fact.owner,
        "key": fact.key,
        "content": dict(fact.content),
        "digest": fact.digest,
        "occurred_at": fact.occurred_at,
        "recorded_at": recorded_at,
    }


def _transfer_row(transfer: Transfer, posted_at: datetime) -> dict[str, Any]:
    return {
        "id": transfer.id,
        "operation": transfer.operation,
        "owner": transfer.owner,
        "key": transfer.key,
        "digest": transfer.digest,
        "detail": dict(transfer.detail),
        "occurred_at": transfer.occurred_at,
        "posted_at": posted_at,
    }
