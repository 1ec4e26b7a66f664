"""Give promotional credit, let it pay for use, let it expire; the wallet is locked throughout."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from hero_onboarding.database import Transaction
from hero_onboarding.ledger import (
    claim_transfers,
    record_entries,
    record_fact,
    record_new_facts,
)
from hero_onboarding.wallet import grant_store, store
from hero_onboarding.wallet.domain import NET_MICROS_MAX, Wallet
from hero_onboarding.wallet.errors import WalletLimitError, WalletNotFoundError
from hero_onboarding.wallet.grants import (
    LATE_USE,
    Grant,
    GrantRequest,
    Posting,
    expiry_posting,
    grant_posting,
    that_compete,
    use_posting,
)

OVER_MAX: Final = 500


def open_grant(tx: Transaction, request: GrantRequest, now: datetime) -> tuple[Grant, bool]:
    """Give a user promotional credit once; say whether it is new.

    Raises:
        KeyReusedError: If the key was used before for other content.
        WalletNotFoundError: If there is no such user.
        WrongGrantTimeError: If its life would be over.
    """
    sid = request.user_sid
    if not sid.isprintable() or sid not in store.lock_wallets(tx, [sid]):
        raise WalletNotFoundError(sid)
    if not record_fact(tx, request.fact(now), now):
        return grant_store.read_grant(tx, request.id), False
    grant = request.open(now)
    grant_store.insert_grant(tx, grant)
    _post(tx, [grant_posting(request, grant)], {}, now)
    return grant, True


def find_competing(tx: Transaction, user_sids: Sequence[str]) -> list[Sequence[Grant]]:
    """Find the groups of grants, each of one user, in which something may pay for use.

    One query where nobody has any. The users' wallets are locked.
    """
    by_user: dict[str, list[Grant]] = {}
    for grant in grant_store.list_competing(tx, user_sids):
        by_user.setdefault(grant.user_sid, []).append(grant)
    return [group for grants in by_user.values() for group in that_compete(grants)]


def use_grants(tx: Transaction, uses: Sequence[tuple[Grant, int]], now: datetime) -> None:
    """Pay for use out of grants: their users' wallets get it back.

    Each grant is there once, as it stands, and this transaction locked its user's wallet.

    Raises:
        WalletLimitError: If a net would leave its range; roll back.
    """
    if not uses:
        return
    wallets = dict(store.lock_wallets(tx, sorted({grant.user_sid for grant, _ in uses})))
    postings = [use_posting(grant, amount, now) for grant, amount in uses]
    record_new_facts(tx, [posting.fact for posting in postings], now)
    _post(tx, postings, wallets, now)
    grant_store.write_grants(tx, [posting.grant for posting in postings])
    store.write_charged(tx, list(wallets.values()))


def expire_grants(tx: Transaction, now: datetime) -> int:
    """Take back what is left of grants 48 hours after their life, at most 500 at once.

    Returns how many were closed. Repeating is safe, and so is running it beside charges.
    """
    over = grant_store.list_over(tx, now - LATE_USE, OVER_MAX)
    store.lock_wallets(tx, sorted({grant.user_sid for grant in over}))
    still = grant_store.list_open(tx, [grant.id for grant in over])
    postings = [expiry_posting(grant, now) for grant in still if grant.left]
    record_new_facts(tx, [posting.fact for posting in postings], now)
    _post(tx, postings, {}, now)
    if still:
        grant_store.write_grants(tx, [grant.close() for grant in still])
    return len(still)


def _post(
    tx: Transaction, postings: Sequence[Posting], wallets: dict[str, Wallet], now: datetime
) -> None:
    """Write the transfers of new facts; ``wallets`` gets what each wallet holds after them."""
    balances: dict[tuple[int, int], tuple[int, int]] = {}
    for place, posting in enumerate(postings):
        grant = posting.grant
        balances[place, 0] = (grant.sequence, grant.left)
        if grant.user_sid in wallets:
            wallet = _paid(wallets[grant.user_sid], posting.entries[1].amount)
            balances[place, 1] = (wallet.sequence, wallet.net)
            wallets[grant.user_sid] = wallet
    transfers = [posting.transfer for posting in postings]
    new = claim_transfers(tx, transfers, now)
    assert len(new) == len(transfers), "a grant's line was written twice"
    record_entries(tx, new, balances)


def _paid(wallet: Wallet, amount: int) -> Wallet:
    if wallet.net + amount > NET_MICROS_MAX:
        raise WalletLimitError(wallet.user_sid)
    return replace(wallet, net=wallet.net + amount, sequence=wallet.sequence + 1)
