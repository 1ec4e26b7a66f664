"""What pages show of usage and of the centre; queries that read only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import BigInteger, Select, bindparam, case, cast, func, select

from hero_onboarding.aggregation.domain import Reason
from hero_onboarding.aggregation.tables import (
    quarantine,
    repositories,
    repository_nodes,
    usage_totals,
)
from hero_onboarding.database import Transaction
from hero_onboarding.kernel.paging import Page, page_of, read_cursor

ROWS_SHOWN: Final = 50


_totals = usage_totals.c
_OF_USER: Final = (
    select(
        _totals.hour,
        case((_totals.hour >= bindparam("kinds_from"), _totals.resource_kind), else_="").label(
            "kind"
        ),
        _totals.amount_micros,
        _totals.records,
    )
    .where(
        _totals.user_sid == bindparam("user_sid"),
        _totals.hour >= bindparam("first_hour"),
        _totals.hour <= bindparam("last_hour"),
    )
    .subquery()
)
_USER_USE: Final = (
    select(
        _OF_USER.c.hour,
        _OF_USER.c.kind,
        cast(func.sum(_OF_USER.c.amount_micros), BigInteger).label("micros"),
        cast(func.sum(_OF_USER.c.records), BigInteger).label("records"),
    )
    .group_by(_OF_USER.c.hour, _OF_USER.c.kind)
    .order_by(_OF_USER.c.hour, _OF_USER.c.kind)
)
"""Built once: every view of a dashboard asks it."""


class HourUse(NamedTuple):
    """What a user used in one UTC hour, over all nodes, in micro-dollars.

    ``kind`` is empty where kinds were not asked for.
    """

    hour: int
    kind: str
    micros: int
    records: int


@dataclass(frozen=True, slots=True)
class RepositoryState:
    """A billing repository as its last pass left it; ``failure`` is empty when all was read."""

    name: str
    head: str | None
    passed_at: datetime | None
    failure: str


@dataclass(frozen=True, slots=True)
class NodeState:
    """A node and when its files were last found changed in a billing repository."""

    node_id: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class NodeCounts:
    """How many nodes there are, and how many have changed lately."""

    all: int
    fresh: int


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """One thing that is not billed, as a list shows it."""

    number: int
    repository: str
    path: str
    line: int
    key: str | None
    reason: Reason
    detail: str
    first_seen: datetime


def list_user_use(
    tx: Transaction, user_sid: str, hours: range, *, kinds_from: int
) -> list[HourUse]:
    """List what a user used by hour, from one hour on by kind too, in order."""
    given = {
        "user_sid": user_sid,
        "first_hour": hours.start,
        "last_hour": hours.stop - 1,
        "kinds_from": kinds_from,
    }
    return [HourUse._make(row) for row in tx.execute(_USER_USE, given).all()]


def list_repository_states(tx: Transaction) -> list[RepositoryState]:
    """List the billing repositories that were ever looked at, by name."""
    c = repositories.c
    query = select(c.name, c.head, c.passed_at, c.failure).order_by(c.name)
    return [
        RepositoryState(row.name, row.head, row.passed_at, row.failure) for row in tx.execute(query)
    ]


def count_nodes(tx: Transaction, *, fresh_since: datetime) -> NodeCounts:
    """Count the nodes that have files, and those whose files changed since an instant."""
    newest = _newest_changes().subquery()
    total = select(func.count()).select_from(newest)
    fresh = total.where(newest.c.changed_at >= fresh_since)
    return NodeCounts(int(tx.execute(total).scalar_one()), int(tx.execute(fresh).scalar_one()))


def list_silent_nodes(tx: Transaction, *, limit: int = ROWS_SHOWN) -> list[NodeState]:
    """List some nodes, those first whose files have not changed for longest."""
    newest = _newest_changes().subquery()
    query = select(newest).order_by(newest.c.changed_at, newest.c.node_id).limit(limit)
    return [NodeState(row.node_id, row.changed_at) for row in tx.execute(query)]


def list_nodes_after(
    tx: Transaction, after: str, *, size: int = ROWS_SHOWN
) -> tuple[Sequence[NodeState], bool]:
    """List nodes by name after a name, and say whether there are more."""
    c = repository_nodes.c
    query = _newest_changes().where(c.node_id > after).order_by(c.node_id).limit(size + 1)
    rows = [NodeState(row.node_id, row.changed_at) for row in tx.execute(query)]
    return rows[:size], len(rows) > size


def list_quarantine_rows(
    tx: Transaction, cursor: str | None, *, reason: Reason | None, size: int = ROWS_SHOWN
) -> Page[QuarantineRow]:
    """List what is in quarantine now, newest first, of one reason or of all.

    Raises:
        WrongCursorError: If the cursor is none of an earlier page.
    """
    c = quarantine.c
    query = select(quarantine).where(c.state != "released").order_by(c.number.desc())
    if reason is not None:
        query = query.where(c.reason == reason)
    before = read_cursor(cursor)
    if before is not None:
        query = query.where(c.number < before)
    rows = [
        QuarantineRow(
            row.number,
            row.repository,
            row.path,
            row.line,
            row.idempotency_key,
            Reason(row.reason),
            row.detail,
            row.first_seen,
        )
        for row in tx.execute(query.limit(size + 1))
    ]
    return page_of(rows, lambda row: row.number, size=size)


def _newest_changes() -> Select[tuple[str, datetime]]:
    """Select each node with its newest change in any repository."""
    c = repository_nodes.c
    return select(c.node_id, func.max(c.changed_at).label("changed_at")).group_by(c.node_id)
