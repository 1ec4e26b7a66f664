"""Move money in and out of wallets, and claim what is available."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row

from hero_onboarding.database import Transaction
from hero_onboarding.identity import User, create_user
from hero_onboarding.kernel.paging import PAGE_ITEMS, Page, page_of, read_cursor
from hero_onboarding.ledger import (
    AccountKind,
    Entry,
    Fact,
    FactKind,
    Transfer,
    account_kind,
    claim_transfers,
    list_entries,
    list_entries_after,
    record_entries,
    record_fact,
)
from hero_onboarding.wallet import store
from hero_onboarding.wallet.domain import (
    NET_MICROS_MAX,
    Adjustment,
    Charge,
    Hold,
    HoldRequest,
    Movement,
    Wallet,
    WriteOff,
    wallet_account,
)
from hero_onboarding.wallet.errors import (
    BalanceTooLowError,
    DebtTooLowError,
    HoldKeyReusedError,
    HoldNotFoundError,
    WalletLimitError,
    WalletNotFoundError,
)

EXPIRED_HOLDS_MAX: Final = 500


def open_user(tx: Transaction, *, sid: str | None, name: str, now: datetime) -> tuple[User, bool]:
    """Create a user with an empty wallet, once; say whether it is new.

    Raises:
        SidTakenError: If a user with this sid has another name.
        WrongSidError: If the sid has another form or is reserved.
        WrongNameError: If the name is too long or can't be printed.
    """
    user, created = create_user(tx, sid, name, now)
    store.insert_wallet(tx, user.sid)
    return user, created


def get_wallet(tx: Transaction, user_sid: str) -> Wallet:
    """Return a user's wallet.

    Raises:
        WalletNotFoundError: If there is no such user.
    """
    wallet = store.find_wallet(tx, user_sid)
    if wallet is None:
        raise WalletNotFoundError(user_sid)
    return wallet


def adjust(tx: Transaction, adjustment: Adjustment, now: datetime) -> tuple[Transfer, bool]:
    """Move an operator's amount once; say whether it was new.

    Raises:
        BalanceTooLowError: If it would take more than is available, unless ``allow_debt``.
        KeyReusedError: If the key was used before for other content.
        WalletLimitError: If the net would leave its range.
        WalletNotFoundError: If there is no such user.
    """
    get_wallet(tx, adjustment.user_sid)
    content = {
        "amount": adjustment.amount,
        "reason": adjustment.reason,
        "allow_debt": adjustment.allow_debt,
    }
    fact = Fact(FactKind.ADJUSTMENT, adjustment.user_sid, adjustment.key, content, now)
    transfer = adjustment.transfer(now)
    if not record_fact(tx, fact, now):
        return transfer, False
    is_choice = adjustment.amount < 0 and not adjustment.allow_debt
    post_transfer(tx, transfer, now, is_choice=is_choice)
    return transfer, True


def write_off(tx: Transaction, asked: WriteOff, now: datetime) -> tuple[Transfer, bool]:
    """Give up a part of a user's debt once, never more than there is; say whether it was new.

    Raises:
        DebtTooLowError: If the user owes less.
        KeyReusedError: If the key was used before for other content.
        WalletNotFoundError: If there is no such user.
    """
    get_wallet(tx, asked.user_sid)
    content = {"amount": asked.amount, "reason": asked.reason}
    fact = Fact(FactKind.WRITE_OFF, asked.user_sid, asked.key, content, now)
    transfer = asked.transfer(now)
    if not record_fact(tx, fact, now):
        return transfer, False
    owed = store.lock_wallets(tx, [asked.user_sid])[asked.user_sid].debt
    if asked.amount > owed:
        raise DebtTooLowError(requested=asked.amount, owed=owed)
    post_transfer(tx, transfer, now, is_choice=False)
    return transfer, True


def post_transfer(
    tx: Transaction, transfer: Transfer, posted_at: datetime, *, is_choice: bool
) -> bool:
    """Post one transfer that touches wallets or debts, once; return whether it was new.

    Args:
        tx: The open transaction.
        transfer: What moves where.
        posted_at: The present instant.
        is_choice: Whether somebody chose to spend: then each wallet it debits must have that
            much available. What was used is charged without this.

    Raises:
        BalanceTooLowError: If a choice exceeds what is available.
        KeyReusedError: If the id was used before for other content.
        WalletLimitError: If a net or debt would leave its range.
        WalletNotFoundError: If a wallet does not exist.
    """
    new = claim_transfers(tx, [transfer], posted_at)
    if not new:
        return False
    touched = [line for line, e in enumerate(transfer.entries) if _is_of_a_wallet(e.account)]
    sids = {_owner_of(transfer.entries[line].account) for line in touched}
    if len(sids) > 1:
        store.lock_wallets(tx, sorted(sids))
    balances = {}
    for line in touched:
        balances[0, line] = _move(tx, transfer.entries[line], is_choice=is_choice)
    record_entries(tx, new, balances)
    return True


def _is_of_a_wallet(account: str) -> bool:
    return account_kind(account) in {AccountKind.WALLET, AccountKind.DEBT}


def _owner_of(account: str) -> str:
    return account.split(":")[1]


def _move(tx: Transaction, entry: Entry, *, is_choice: bool) -> tuple[int, int]:
    """Change one stored balance; return the sequence and what the account holds after it."""
    user_sid, amount = _owner_of(entry.account), entry.amount
    is_wallet = account_kind(entry.account) is AccountKind.WALLET
    moved = store.spend(
        tx,
        user_sid,
        net=amount if is_wallet else 0,
        debt=0 if is_wallet else -amount,
        guard=-amount if is_choice and is_wallet and amount < 0 else None,
    )
    if moved is None:
        wallet = get_wallet(tx, user_sid)
        stored = wallet.net if is_wallet else -wallet.debt
        if abs(stored + amount) > NET_MICROS_MAX:
            raise WalletLimitError(user_sid)
        raise BalanceTooLowError(requested=-amount)
    net, debt, sequence = moved
    return sequence, net if is_wallet else -debt


def lock_wallets(tx: Transaction, user_sids: Sequence[str]) -> Mapping[str, Wallet]:
    """Hold wallets until the transaction ends, in sorted order; unknown users are left out."""
    return store.lock_wallets(tx, user_sids)


def post_charges(
    tx: Transaction, locked: Mapping[str, Wallet], charges: Sequence[Charge], posted_at: datetime
) -> int:
    """Charge users for what they used, whatever their net; return the transfers posted.

    Each user has at most one charge here and was locked by this transaction. A charge of zero
    uses up its number and posts nothing.

    Raises:
        WalletLimitError: If a net would leave its range; roll back.
    """
    transfers: list[Transfer] = []
    balances: dict[tuple[int, int], tuple[int, int]] = {}
    written: list[Wallet] = []
    for charge in charges:
        wallet = locked[charge.user_sid]
        assert charge.number == wallet.charges + 1, (charge, wallet)
        if abs(wallet.net - charge.amount) > NET_MICROS_MAX:
            raise WalletLimitError(charge.user_sid)
        if charge.amount:
            wallet = replace(wallet, net=wallet.net - charge.amount, sequence=wallet.sequence + 1)
            balances[len(transfers), 0] = (wallet.sequence, wallet.net)
            transfers.append(charge.transfer(posted_at))
        written.append(replace(wallet, charges=charge.number))
    new = claim_transfers(tx, transfers, posted_at)
    assert len(new) == len(transfers), "a charge number was used twice"
    record_entries(tx, new, balances)
    if written:
        store.write_charged(tx, written)
    return len(new)


def list_movements(
    tx: Transaction, user_sid: str, cursor: str | None, *, size: int = PAGE_ITEMS
) -> Page[Movement]:
    """List a user's statement, newest first.

    Raises:
        WalletNotFoundError: If there is no such user.
        WrongCursorError: If the cursor is none of an earlier page.
    """
    before, account = read_cursor(cursor), wallet_account(user_sid)
    is_sid = user_sid.isprintable()
    rows = list_entries(tx, account, before=before, limit=size + 1) if is_sid else ()
    if not rows:
        get_wallet(tx, user_sid)
    movements = [_movement(row) for row in rows]
    return page_of(movements, lambda movement: movement.sequence, size=size)


def list_movements_after(
    tx: Transaction, user_sid: str, after: int, *, size: int
) -> Sequence[Movement]:
    """List a user's movements after one of them, oldest first; 0 is before the first."""
    rows = list_entries_after(tx, wallet_account(user_sid), after=after, limit=size)
    return [_movement(row) for row in rows]


def _movement(row: Row[Any]) -> Movement:
    return Movement(
        sequence=row.sequence,
        transfer_id=row.transfer_id,
        at=row.posted_at,
        kind=row.operation,
        amount=int(row.amount),
        balance_after=int(row.balance_after),
        written_detail=row.written_detail,
    )


def hold_funds(tx: Transaction, request: HoldRequest, now: datetime) -> tuple[Hold, bool]:
    """Claim part of what is available, once; say whether it was new.

    Raises:
        BalanceTooLowError: If less is available.
        HoldKeyReusedError: If the key was used before for other content.
        WalletNotFoundError: If there is no such user.
    """
    is_sid = request.user_sid.isprintable()
    if not is_sid or request.user_sid not in store.lock_wallets(tx, [request.user_sid]):
        raise WalletNotFoundError(request.user_sid)
    earlier = store.find_hold(tx, request.id)
    if earlier is not None:
        asked = (request.amount, request.purpose, request.expires_at)
        if (earlier.amount, earlier.purpose, earlier.expires_at) != asked:
            raise HoldKeyReusedError(request.key)
        return earlier, False
    if not store.claim(tx, request.user_sid, request.amount):
        raise BalanceTooLowError(requested=request.amount)
    store.insert_hold(tx, request, now)
    return get_hold(tx, request.id), True


def freeze(tx: Transaction, request: HoldRequest, now: datetime) -> bool:
    """Claim an amount whatever is available, once; return whether it was new.

    More may be held than there is, and then nothing can be chosen to be spent.

    Raises:
        WalletNotFoundError: If there is no such user.
    """
    if request.user_sid not in store.lock_wallets(tx, [request.user_sid]):
        raise WalletNotFoundError(request.user_sid)
    if store.find_hold(tx, request.id) is not None:
        return False
    store.claim_anyway(tx, request.user_sid, request.amount)
    store.insert_hold(tx, request, now)
    return True


def get_hold(tx: Transaction, hold_id: UUID) -> Hold:
    """Return a hold.

    Raises:
        HoldNotFoundError: If no hold has this id.
    """
    hold = store.find_hold(tx, hold_id)
    if hold is None:
        raise HoldNotFoundError(str(hold_id))
    return hold


def close_hold(tx: Transaction, hold_id: UUID, now: datetime) -> bool:
    """Give back what a hold still claims, once; return whether it was open.

    Raises:
        HoldNotFoundError: If no hold has this id.
    """
    hold = get_hold(tx, hold_id)
    store.lock_wallets(tx, [hold.user_sid])
    remaining = store.shut_hold(tx, hold_id, now)
    if remaining is None:
        return False
    store.unclaim(tx, hold.user_sid, remaining)
    return True


def shrink_hold(tx: Transaction, hold_id: UUID, amount: int) -> int:
    """Take what was used from what a hold claims, down to zero; return by how much it shrank.

    Raises:
        HoldNotFoundError: If no hold has this id.
    """
    assert amount >= 0, amount
    store.lock_wallets(tx, [get_hold(tx, hold_id).user_sid])
    hold = get_hold(tx, hold_id)
    shrunk = min(amount, hold.remaining) if hold.is_open else 0
    if shrunk:
        store.set_remaining(tx, hold_id, hold.remaining - shrunk)
        store.unclaim(tx, hold.user_sid, shrunk)
    return shrunk


def close_expired_holds(tx: Transaction, now: datetime) -> int:
    """Close holds whose time is over, at most 500 at once; return how many were closed."""
    expired = store.list_expired(tx, now, EXPIRED_HOLDS_MAX)
    store.lock_wallets(tx, sorted({hold.user_sid for hold in expired}))
    return sum(close_hold(tx, hold.id, now) for hold in expired)
