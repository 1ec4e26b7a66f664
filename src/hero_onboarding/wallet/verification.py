"""Which wallets changed since the books were last verified, and by how much.

A wallet's sequence rises with every change, so that the cost follows the news and not the age of
the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Subquery, func, literal, or_, select, union_all

from hero_onboarding.database import Transaction
from hero_onboarding.ledger import Operation, sum_facts_since, sum_since
from hero_onboarding.wallet.tables import verified_wallets, wallets


@dataclass(frozen=True, slots=True)
class WalletNews:
    """By how much stored balances changed, and sums of what changed them; by account or user.

    Attributes:
        stored: What wallets and debts hold more than when they were verified, by account.
        posted: What was posted to those accounts since, by account.
        charged: What transfers charged since, by user, positive.
        facts: What adjustments decided since, by user.
        nets: By how much each wallet's net changed, by user.
    """

    stored: Mapping[str, int]
    posted: Mapping[str, int]
    charged: Mapping[str, int]
    facts: Mapping[str, int]
    nets: Mapping[str, int]


def read_wallet_news(tx: Transaction) -> WalletNews:
    """Read what changed since the wallets were last verified."""
    c, v = wallets.c, verified_wallets.c
    query = _changed(
        c.user_sid,
        (c.net - func.coalesce(v.net, 0)).label("net"),
        (c.debt - func.coalesce(v.debt, 0)).label("debt"),
    )
    stored: dict[str, int] = {}
    nets: dict[str, int] = {}
    for row in tx.execute(query):
        nets[row.user_sid] = int(row.net)
        stored[f"user:{row.user_sid}:wallet"] = int(row.net)
        stored[f"user:{row.user_sid}:debt"] = -int(row.debt)
    posted: dict[str, int] = {}
    charged: dict[str, int] = {}
    for account, operation, total in sum_since(tx, _since()):
        posted[account] = posted.get(account, 0) + total
        if operation == Operation.CHARGE:
            charged[account.split(":")[1]] = -total
    return WalletNews(stored, posted, charged, sum_facts_since(tx, _since()), nets)


def charges_since() -> Subquery:
    """Express the users with new charges and the number of the last verified one."""
    c, v = wallets.c, verified_wallets.c
    return _changed(c.user_sid, func.coalesce(v.charges, 0).label("charges")).subquery()


def mark_wallets_verified(tx: Transaction) -> None:
    """Remember all wallets as they are in this transaction."""
    c = wallets.c
    changed = _changed(c.user_sid, c.sequence, c.charges, c.net, c.debt)
    names = ["user_sid", "sequence", "charges", "net", "debt"]
    insert = tx.insert(verified_wallets).from_select(names, changed)
    news = {name: getattr(insert.excluded, name) for name in names[1:]}
    tx.execute(insert.on_conflict_do_update(index_elements=["user_sid"], set_=news))


def _changed(*columns: Any) -> Select[Any]:  # noqa: ANN401 - columns of any type
    """Select from the wallets that changed since they were verified."""
    c, v = wallets.c, verified_wallets.c
    joined = wallets.outerjoin(verified_wallets, c.user_sid == v.user_sid)
    is_new = or_(
        v.user_sid.is_(None),
        c.sequence > v.sequence,
        c.charges > v.charges,
        c.net != v.net,
        c.debt != v.debt,
    )
    return select(*columns).select_from(joined).where(is_new)


def _since() -> Subquery:
    """Express each changed account and the sequence up to which it was verified."""
    c, v = wallets.c, verified_wallets.c
    return union_all(
        *(
            _changed(
                (literal("user:") + c.user_sid + literal(f":{name}")).label("account"),
                func.coalesce(v.sequence, 0).label("sequence"),
            )
            for name in ("wallet", "debt")
        )
    ).subquery()
