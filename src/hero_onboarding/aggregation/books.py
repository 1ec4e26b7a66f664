"""The books: equations between sums that were made in different ways.

Not that debits equal credits, which double entry gives for free, but that what is stored agrees
with what it was made from.
"""

from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, select, text

from hero_onboarding.aggregation.domain import Check
from hero_onboarding.aggregation.tables import usage_deltas, usage_records, usage_totals
from hero_onboarding.database import Transaction
from hero_onboarding.kernel.money import MICROS_PER_CENT
from hero_onboarding.ledger import (
    DEBT_FACTS,
    WALLET_FACTS,
    FactKind,
    list_facts,
    sum_by_asset,
    sum_charges,
    sum_entries,
    sum_spent_credit,
)
from hero_onboarding.payments import sum_payments, sum_refunds_in_transit
from hero_onboarding.wallet import (
    debt_account,
    list_all_grants,
    list_wallets,
    promo_account,
    sum_open_holds,
    wallet_account,
)

_SHOWN = 20


def check_books(tx: Transaction) -> list[Check]:
    """Check every equation in full, in one state of the database."""
    entries = sum_entries(tx, "user:")
    wallets = {wallet.user_sid: wallet for wallet in list_wallets(tx)}
    records = _records_by_user(tx)
    totals = _totals_by_user(tx)
    open_deltas = _open_by_user(tx)
    charges = sum_charges(tx)
    facts = _facts_by_user(tx, dict.fromkeys(WALLET_FACTS, 1))
    stored = {wallet_account(sid): wallet.net for sid, wallet in wallets.items()}
    stored |= {debt_account(sid): -wallet.debt for sid, wallet in wallets.items()}
    left = {grant.account: grant.left for grant in list_all_grants(tx)}
    spent = Counter(sum_spent_credit(tx))
    spent.update(left)
    nets = {sid: wallet.net for sid, wallet in wallets.items()}
    debts = {sid: wallet.debt for sid, wallet in wallets.items()}
    held = {sid: wallet.held for sid, wallet in wallets.items()}
    folded = Counter(facts)
    folded.subtract(records)
    folded.update(open_deltas)
    covered = Counter(charges)
    covered.update(open_deltas)
    return [
        compare("balances equal the sums of entries", stored | left, entries),
        compare("accepted records equal totals", records, totals),
        compare("totals equal deltas", totals, _deltas_by_user(tx)),
        compare("totals equal charges and open deltas", totals, covered),
        compare("wallets equal the fold of facts", nets, folded),
        compare("debts equal the fold of facts", debts, _facts_by_user(tx, DEBT_FACTS)),
        compare("held equals open holds", held, sum_open_holds(tx)),
        compare("grants equal what was used, expired and is left", _granted(tx), spent),
        compare("clearing equals payments that came in", _clearing(tx), sum_payments(tx)),
        compare("refunds equal those on their way", *_on_their_way(tx)),
        compare("every asset sums to zero", sum_by_asset(tx), {}),
    ]


def compare(name: str, left: Mapping[str, int], right: Mapping[str, int]) -> Check:
    """Compare two sets of sums one by one; the totals alone could agree by chance."""
    differing = sorted(
        place for place in left.keys() | right.keys() if left.get(place, 0) != right.get(place, 0)
    )
    detail = {"differing": len(differing), "places": differing[:_SHOWN]}
    return Check(name, not differing, sum(left.values()), sum(right.values()), detail)


def _clearing(tx: Transaction) -> dict[str, int]:
    """Sum what providers hold for us, by account, positive."""
    return {account: -total for account, total in sum_entries(tx, "provider:").items()}


def _granted(tx: Transaction) -> dict[str, int]:
    """Sum what was decided to be given as promotional credit, by account."""
    return {
        promo_account(row.owner, UUID(row.content["grant"])): int(row.content["amount"])
        for row in list_facts(tx, FactKind.GRANT)
    }


def _on_their_way(tx: Transaction) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Sum what is posted as on its way back to payers, and what their refunds say, by account."""
    return sum_entries(tx, "refunds:"), sum_refunds_in_transit(tx)


def _records_by_user(tx: Transaction) -> dict[str, int]:
    c = usage_records.c
    query = select(c.user_sid, func.sum(c.amount_cents).label("cents")).group_by(c.user_sid)
    return {row.user_sid: int(row.cents) * MICROS_PER_CENT for row in tx.execute(query)}


def _totals_by_user(tx: Transaction) -> dict[str, int]:
    c = usage_totals.c
    query = select(c.user_sid, func.sum(c.amount_micros).label("micros")).group_by(c.user_sid)
    return {row.user_sid: int(row.micros) for row in tx.execute(query)}


def _deltas_by_user(tx: Transaction) -> dict[str, int]:
    c = usage_deltas.c
    query = select(c.user_sid, func.sum(c.amount_micros).label("micros")).group_by(c.user_sid)
    return {row.user_sid: int(row.micros) for row in tx.execute(query)}


def _open_by_user(tx: Transaction) -> dict[str, int]:
    c = usage_deltas.c
    query = (
        select(c.user_sid, func.sum(c.amount_micros).label("micros"))
        .where(text("charge IS NULL"))
        .group_by(c.user_sid)
    )
    return {row.user_sid: int(row.micros) for row in tx.execute(query)}


def _facts_by_user(tx: Transaction, kinds: Mapping[FactKind, int]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for kind, sign in kinds.items():
        for row in list_facts(tx, kind):
            sums[row.owner] += sign * int(row.content["amount"])
    return dict(sums)
