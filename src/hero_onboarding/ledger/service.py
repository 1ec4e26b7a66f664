"""Post transfers once, keep facts once, and take the balances of each day."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from hero_onboarding.database import Transaction
from hero_onboarding.ledger import store
from hero_onboarding.ledger.domain import (
    STORED_BALANCES,
    Entry,
    Fact,
    Transfer,
    account_kind,
)
from hero_onboarding.ledger.errors import KeyReusedError
from hero_onboarding.ledger.store import EntryRow

SNAPSHOT_DELAY: Final = timedelta(hours=1)
"""How long a day must be over before its balances are taken; no transaction is open longer."""

BalanceAfter = tuple[int, int]
"""The sequence number an entry has in its account, and the balance it leaves there."""


def record_fact(tx: Transaction, fact: Fact, recorded_at: datetime) -> bool:
    """Keep a fact once; return whether it was new.

    Raises:
        KeyReusedError: If its key was used before for other content.
    """
    earlier = store.insert_fact(tx, fact, recorded_at)
    if earlier is not None and earlier != fact.digest:
        raise KeyReusedError(fact.kind, fact.owner, fact.key)
    return earlier is None


def record_new_facts(tx: Transaction, facts: Sequence[Fact], recorded_at: datetime) -> None:
    """Keep facts whose keys nobody can have used: their owners are locked."""
    if facts:
        store.insert_facts(tx, facts, recorded_at)


def claim_transfers(
    tx: Transaction, transfers: Sequence[Transfer], posted_at: datetime
) -> list[Transfer]:
    """Insert the headers of transfers and return those that were new, in order.

    Whoever claims must write the lines with ``record_entries`` in the same transaction. A repeat
    with the same content is left out of the answer.

    Raises:
        KeyReusedError: If a transfer's id was used before for other content.
    """
    if not transfers:
        return []
    new = store.insert_transfers(tx, transfers, posted_at)
    for transfer in transfers:
        if transfer.id not in new:
            earlier = store.find_transfer_digest(tx, transfer.id)
            if earlier != transfer.digest:
                raise KeyReusedError(transfer.operation, transfer.owner, transfer.key)
    return [transfer for transfer in transfers if transfer.id in new]


def record_entries(
    tx: Transaction,
    transfers: Sequence[Transfer],
    balances: Mapping[tuple[int, int], BalanceAfter],
) -> None:
    """Write the lines of claimed transfers.

    Args:
        tx: The transaction of the claim.
        transfers: What ``claim_transfers`` returned.
        balances: For each line on an account with a stored balance, by place in ``transfers`` and
            line, what it left there.
    """
    rows = []
    for place, transfer in enumerate(transfers):
        for line, entry in enumerate(transfer.entries):
            sequence, after = balances.get((place, line), (None, None))
            assert (sequence is not None) == has_stored_balance(entry), entry
            rows.append(EntryRow(transfer.id, line, entry, sequence, after))
    if rows:
        store.insert_entries(tx, rows)


def has_stored_balance(entry: Entry) -> bool:
    """Whether the entry's account keeps its balance in a row of its own."""
    return account_kind(entry.account) in STORED_BALANCES


def take_snapshots(tx: Transaction, now: datetime) -> int:
    """Keep the balances of insert-only accounts at the end of each day that is over.

    Repeating is safe; returns the number of balances written.
    """
    newest = store.newest_snapshot_day(tx)
    first = store.first_posting_at(tx)
    if first is None:
        return 0
    day = first.astimezone(UTC).date() if newest is None else newest + timedelta(days=1)
    written = 0
    while store.day_end(day) + SNAPSHOT_DELAY <= now:
        begins_at = None if newest is None else store.day_end(newest)
        written += store.insert_snapshots(tx, day, begins_at=begins_at, ends_at=store.day_end(day))
        newest, day = day, day + timedelta(days=1)
    return written


def balance_of(tx: Transaction, account: str, asset: str) -> int:
    """Return the balance of an insert-only account, credits positive, in smallest units."""
    return store.sum_since_snapshot(tx, account, asset)
