"""Which wallets and grants changed since the books were last verified, and by how much.

The sequence of each rises with every change and its row remembers what was verified, so that the
cost follows the news and not the age of the database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Subquery, bindparam, literal, select, union_all, update

from hero_onboarding.database import Transaction
from hero_onboarding.ledger import (
    DEBT_FACTS,
    WALLET_FACTS,
    Operation,
    sum_facts_since,
    sum_since,
)
from hero_onboarding.wallet.tables import GRANT_IS_UNVERIFIED, IS_UNVERIFIED, grants, wallets


@dataclass(frozen=True, slots=True)
class WalletState:
    """A wallet as it was when the news were read."""

    user_sid: str
    sequence: int
    charges: int
    net: int
    debt: int


@dataclass(frozen=True, slots=True)
class GrantState:
    """A grant as it was when the news were read; ``left`` in micro-dollars."""

    id: UUID
    sequence: int
    left: int


@dataclass(frozen=True, slots=True)
class WalletNews:
    """By how much stored balances changed, and sums of what changed them; by account or user.

    Attributes:
        states: The wallets that changed, as they are now.
        grants: The grants that changed, as they are now.
        stored: What wallets, debts and grants hold more than when they were verified, by account.
        posted: What was posted to those accounts since, by account.
        charged: What transfers charged since, by user, positive.
        facts: What facts about wallets decided since, by user.
        nets: By how much each wallet's net changed, by user.
        owed: What facts about debts decided since, by user.
        debts: By how much each debt changed, by user.
    """

    states: Sequence[WalletState]
    grants: Sequence[GrantState]
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
    states_of_grants: list[GrantState] = []
    for row in tx.execute(select(grants).where(GRANT_IS_UNVERIFIED)):
        states_of_grants.append(GrantState(row.id, row.sequence, int(row.remaining)))
        stored[row.account] = int(row.remaining) - int(row.verified_remaining)
    posted: dict[str, int] = {}
    charged: dict[str, int] = {}
    since = union_all(*_wallets_since(), _grants_since()).subquery()
    for account, operation, total in sum_since(tx, since):
        posted[account] = posted.get(account, 0) + total
        if operation == Operation.CHARGE:
            charged[account.split(":")[1]] = -total
    wallets_since = union_all(*_wallets_since()).subquery()
    facts = sum_facts_since(tx, wallets_since, dict.fromkeys(WALLET_FACTS, 1))
    owed = sum_facts_since(tx, wallets_since, DEBT_FACTS)
    return WalletNews(states, states_of_grants, stored, posted, charged, facts, nets, owed, debts)


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


def mark_grants_verified(tx: Transaction, states: Sequence[GrantState]) -> None:
    """Remember that grants were verified as they were read; what moved since stays news."""
    if not states:
        return
    c = grants.c
    statement = (
        update(grants)
        .where(c.id == bindparam("grant_id"), c.verified_sequence <= bindparam("seq"))
        .values(verified_sequence=bindparam("seq"), verified_remaining=bindparam("is_left"))
    )
    ordered = sorted(states, key=lambda state: state.id)
    rows = [{"grant_id": one.id, "seq": one.sequence, "is_left": one.left} for one in ordered]
    tx.execute(statement, rows)


def _parameters(state: WalletState) -> dict[str, Any]:
    return {
        "sid": state.user_sid,
        "seq": state.sequence,
        "number": state.charges,
        "is_net": state.net,
        "is_debt": state.debt,
    }


def _wallets_since() -> list[Select[tuple[str, int]]]:
    """Select each changed wallet's accounts and the sequence up to which they were verified."""
    c = wallets.c
    return [
        select(
            (literal("user:") + c.user_sid + literal(f":{name}")).label("account"),
            c.verified_sequence.label("sequence"),
        ).where(IS_UNVERIFIED)
        for name in ("wallet", "debt")
    ]


def _grants_since() -> Select[tuple[str, int]]:
    """Select each changed grant's account and the sequence up to which it was verified."""
    c = grants.c
    query = select(c.account, c.verified_sequence.label("sequence"))
    return query.where(GRANT_IS_UNVERIFIED)
