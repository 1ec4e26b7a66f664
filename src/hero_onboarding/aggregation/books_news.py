"""The books, incrementally: only wallets and hours that changed since they were verified.

The cost follows the news and not the age of the database. What somebody changes by hand in rows
that were verified before is found by the check in full.
"""

from collections import Counter
from datetime import datetime

from sqlalchemy import ColumnElement, Table, and_, func, or_, select

from hero_onboarding.aggregation.books import compare
from hero_onboarding.aggregation.domain import Check
from hero_onboarding.aggregation.tables import (
    node_hours,
    usage_deltas,
    usage_records,
    usage_totals,
    verified_buckets,
)
from hero_onboarding.database import Transaction
from hero_onboarding.incidents import Incident, IncidentKind, open_incident
from hero_onboarding.kernel.money import MICROS_PER_CENT
from hero_onboarding.wallet import charges_since, mark_wallets_verified, read_wallet_news


def check_news(tx: Transaction) -> list[Check]:
    """Check the equations for what changed since the books were last verified."""
    news = read_wallet_news(tx)
    marked = _marked_deltas(tx)
    records = _sum_news(tx, usage_records, usage_records.c.amount_cents * MICROS_PER_CENT)
    totals = _sum_news(tx, usage_totals, usage_totals.c.amount_micros)
    deltas = _sum_news(tx, usage_deltas, usage_deltas.c.amount_micros)
    folded = Counter(news.facts)
    folded.subtract(marked)
    return [
        compare("balances equal the sums of entries", news.stored, news.posted),
        compare("accepted records equal totals", records, totals),
        compare("totals equal deltas", totals, deltas),
        compare("charges equal the deltas they closed", news.charged, marked),
        compare("wallets equal the fold of facts", news.nets, folded),
    ]


def verify_books(tx: Transaction, now: datetime) -> bool:
    """Check what is new; remember it as verified, or open an incident; return whether it holds."""
    wrong = [check for check in check_news(tx) if not check.ok]
    for check in wrong:
        evidence = {"equation": check.name, "places": check.detail["places"]}
        open_incident(tx, Incident(IncidentKind.BOOKS_WRONG, "", "", evidence), now)
    if not wrong:
        mark_wallets_verified(tx)
        _mark_buckets(tx)
    return not wrong


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
    c, hours, verified = table.c, node_hours.c, verified_buckets.c
    joined = node_hours.outerjoin(
        verified_buckets,
        and_(hours.node_id == verified.node_id, hours.hour == verified.hour),
    ).join(table, and_(c.node_id == hours.node_id, c.hour == hours.hour))
    query = (
        select(c.user_sid, func.sum(amount).label("micros"))
        .select_from(joined)
        .where(_is_new())
        .group_by(c.user_sid)
    )
    return {row.user_sid: int(row.micros) for row in tx.execute(query)}


def _mark_buckets(tx: Transaction) -> None:
    hours, verified = node_hours.c, verified_buckets.c
    joined = node_hours.outerjoin(
        verified_buckets,
        and_(hours.node_id == verified.node_id, hours.hour == verified.hour),
    )
    names = ["node_id", "hour", "batch"]
    news = select(hours.node_id, hours.hour, hours.batch).select_from(joined).where(_is_new())
    insert = tx.insert(verified_buckets).from_select(names, news)
    tx.execute(
        insert.on_conflict_do_update(
            index_elements=names[:2], set_={"batch": insert.excluded.batch}
        )
    )


def _is_new() -> ColumnElement[bool]:
    return or_(verified_buckets.c.batch.is_(None), node_hours.c.batch > verified_buckets.c.batch)
