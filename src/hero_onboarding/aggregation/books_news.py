"""The books, incrementally: only wallets and hours that changed since they were verified.

The cost follows the news and not the age of the database. What somebody changes by hand in rows
that were verified before is found by the check in full.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Table, and_, bindparam, func, select, update

from hero_onboarding.aggregation.books import compare
from hero_onboarding.aggregation.domain import Check
from hero_onboarding.aggregation.tables import (
    IS_UNVERIFIED,
    node_hours,
    usage_deltas,
    usage_records,
    usage_totals,
)
from hero_onboarding.database import Database, Transaction
from hero_onboarding.incidents import Incident, IncidentKind, open_incident
from hero_onboarding.kernel.money import MICROS_PER_CENT
from hero_onboarding.wallet import (
    GrantState,
    WalletState,
    charges_since,
    mark_grants_verified,
    mark_wallets_verified,
    read_wallet_news,
)

MARKED_TOGETHER: Final = 1_000
HourState = tuple[str, int, int]
"""A node, an hour and its batch number."""


@dataclass(frozen=True, slots=True)
class News:
    """The equations for what changed, and what they were checked on."""

    checks: Sequence[Check]
    wallets: Sequence[WalletState]
    grants: Sequence[GrantState]
    hours: Sequence[HourState]


def check_news(tx: Transaction) -> Sequence[Check]:
    """Check the equations for what changed since the books were last verified."""
    return read_news(tx).checks


def read_news(tx: Transaction) -> News:
    """Check what changed; the transaction must see one state of the database throughout."""
    news = read_wallet_news(tx)
    marked = _marked_deltas(tx)
    records = _sum_news(tx, usage_records, usage_records.c.amount_cents * MICROS_PER_CENT)
    totals = _sum_news(tx, usage_totals, usage_totals.c.amount_micros)
    deltas = _sum_news(tx, usage_deltas, usage_deltas.c.amount_micros)
    folded = Counter(news.facts)
    folded.subtract(marked)
    checks = [
        compare("balances equal the sums of entries", news.stored, news.posted),
        compare("accepted records equal totals", records, totals),
        compare("totals equal deltas", totals, deltas),
        compare("charges equal the deltas they closed", news.charged, marked),
        compare("wallets equal the fold of facts", news.nets, folded),
        compare("debts equal the fold of facts", news.debts, news.owed),
    ]
    c = node_hours.c
    hours = tx.execute(select(c.node_id, c.hour, c.batch).where(IS_UNVERIFIED))
    states = [(row.node_id, row.hour, row.batch) for row in hours]
    return News(checks, news.states, news.grants, states)


def verify_books(database: Database, now: datetime) -> bool:
    """Check what is new; remember it as verified, or open an incident; return whether it holds.

    What is remembered is what was read, so that a change in the meantime stays news.
    """
    with database.reading() as tx:
        news = read_news(tx)
    wrong = [check for check in news.checks if not check.ok]
    if wrong:
        with database.transaction() as tx:
            for check in wrong:
                evidence = {"equation": check.name, "places": check.detail["places"]}
                open_incident(tx, Incident(IncidentKind.BOOKS_WRONG, "", "", evidence), now)
        return False
    longest = max(len(news.wallets), len(news.grants), len(news.hours))
    for start in range(0, longest, MARKED_TOGETHER):
        some = slice(start, start + MARKED_TOGETHER)
        with database.transaction() as tx:
            mark_wallets_verified(tx, news.wallets[some])
            mark_grants_verified(tx, news.grants[some])
            _mark_hours(tx, news.hours[some])
    return True


def _marked_deltas(tx: Transaction) -> dict[str, int]:
    """Sum the deltas that new charges closed, by user."""
    since = charges_since()
    c = usage_deltas.c
    query = (
        select(c.user_sid, func.sum(c.amount_micros).label("micros"))
        .join(since, and_(c.user_sid == since.c.user_sid, c.charge > since.c.charges))
        .group_by(c.user_sid)
    )
    return {row.user_sid: int(row.micros) for row in tx.execute(query)}


def _sum_news(tx: Transaction, table: Table, amount: ColumnElement[int]) -> dict[str, int]:
    """Sum a table's amounts by user over the hours that changed since they were verified."""
    c = table.c
    hours = select(node_hours.c.node_id, node_hours.c.hour).where(IS_UNVERIFIED).subquery()
    query = (
        select(c.user_sid, func.sum(amount).label("micros"))
        .join(hours, and_(c.node_id == hours.c.node_id, c.hour == hours.c.hour))
        .group_by(c.user_sid)
    )
    return {row.user_sid: int(row.micros) for row in tx.execute(query)}


def _mark_hours(tx: Transaction, hours: Sequence[HourState]) -> None:
    if not hours:
        return
    c = node_hours.c
    statement = (
        update(node_hours)
        .where(c.node_id == bindparam("node"), c.hour == bindparam("at"))
        .where(c.verified_batch < bindparam("number"))
        .values(verified_batch=bindparam("number"))
    )
    rows = [{"node": node, "at": hour, "number": batch} for node, hour, batch in sorted(hours)]
    tx.execute(statement, rows)
