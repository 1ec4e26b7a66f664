"""Which wallets changed since the books were last verified, and by how much.

A wallet's sequence rises with every change and its row remembers what was verified, so that the
cost follows the news and not the age of the database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Subquery, bindparam, literal, select, union_all, update

from hero_onboarding.database import Transaction
from hero_onboarding.ledger import (
    DEBT_FACTS,
    WALLET_FACTS,
    Operation,
    sum_facts_since,
    sum_since,
)
from hero_onboarding.wallet.tables import IS_UNVERIFIED, wallets


@dataclass(frozen=True, slots=True)
class WalletState:
    """A wallet as it was when the news were read."""

    user_sid: str
    sequence: int
    charges: int
    net: int
    debt: int


@dataclass(frozen=True, slots=True)
class WalletNews:
    """By how much stored balances changed, and sums of what changed them; by account or user.

    Attributes:
        states: The wallets that changed, as they are now.
        stored: What wallets and debts hold more than when they were verified, by account.
        posted: What was posted to those accounts since, by account.
        charged: What transfers charged since, by user, positive.
        facts: What facts about wallets decided since, by user.
        nets: By how much each wallet's net changed, by user.
        owed: What facts about debts decided since, by user.
        debts: By how much each debt changed, by user.
    """

    states: Sequence[WalletState]
    stored: Mapping[str, int]
    posted: Mapping[str, int]
    charged: Mapping[str, int]
    facts: Mapping[str, int]
    nets: Mapping[str, int]
    owed: Mapping[str, int]
    debts: Mapping[str, int]


def read_wallet_news(tx: Transaction) -> WalletNews:
    """Read what changed since the wallets were last verified."""
    states: list[WalletState] = []
    stored: dict[str, int] = {}
    nets: dict[str, int] = {}
    debts: dict[str, int] = {}
    for row in tx.execute(select(wallets).where(IS_UNVERIFIED)):
        state = WalletState(row.user_sid, row.sequence, row.charges, row.net, row.debt)
        states.append(state)
        nets[state.user_sid] = state.net - row.verified_net
        stored[f"user:{state.user_sid}:wallet"] = state.net - row.verified_net
        debts[state.user_sid] = state.debt - row.verified_debt
        stored[f"user:{state.user_sid}:debt"] = row.verified_debt - state.debt
    posted: dict[str, int] = {}
    charged: dict[str, int] = {}
    for account, operation, total in sum_since(tx, _since()):
        posted[account] = posted.get(account, 0) + total
        if operation == Operation.CHARGE:
            charged[account.split(":")[1]] = -total
    facts = sum_facts_since(tx, _since(), dict.fromkeys(WALLET_FACTS, 1))
    owed = sum_facts_since(tx, _since(), DEBT_FACTS)
    return WalletNews(states, stored, posted, charged, facts, nets, owed, debts)


def charges_since() -> Subquery:
    """Express the users with news and the number of the last verified charge of each."""
    c = wallets.c
    query = select(c.user_sid, c.verified_charges.label("charges")).where(IS_UNVERIFIED)
    return query.subquery()


def mark_wallets_verified(tx: Transaction, states: Sequence[WalletState]) -> None:
    """Remember that wallets were verified as they were read; what moved since stays news."""
    if not states:
        return
    c = wallets.c
    statement = (
        update(wallets)
        .where(c.user_sid == bindparam("sid"), c.verified_sequence <= bindparam("seq"))
        .values(
            verified_sequence=bindparam("seq"),
            verified_charges=bindparam("number"),
            verified_net=bindparam("is_net"),
            verified_debt=bindparam("is_debt"),
        )
    )
    ordered = sorted(states, key=lambda state: state.user_sid)
    tx.execute(statement, [_parameters(state) for state in ordered])


def _parameters(state: WalletState) -> dict[str, Any]:
    return {
        "sid": state.user_sid,
        "seq": state.sequence,
        "number": state.charges,
        "is_net": state.net,
        "is_debt": state.debt,
    }


def _since() -> Subquery:
    """Express each changed account and the sequence up to which it was verified."""
    c = wallets.c
    return union_all(
        *(
            select(
                (literal("user:") + c.user_sid + literal(f":{name}")).label("account"),
                c.verified_sequence.label("sequence"),
            ).where(IS_UNVERIFIED)
            for name in ("wallet", "debt")
        )
    ).subquery()
