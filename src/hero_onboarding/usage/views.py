"""What pages show of the journal; queries that read only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select

from hero_onboarding.database import Transaction
from hero_onboarding.usage.tables import usage_buckets


@dataclass(frozen=True, slots=True)
class LocalPush:
    """A node whose records were taken here: when some were last pushed, and what is not yet."""

    node_id: str
    pushed_at: datetime | None
    unpushed: int


def list_local_pushes(tx: Transaction, node_ids: Sequence[str]) -> dict[str, LocalPush]:
    """Return those of some nodes that this server's journal knows, by name."""
    c = usage_buckets.c
    waiting = case((c.changes > c.pushed_changes, 1), else_=0)
    query = (
        select(
            c.node_id,
            func.max(c.pushed_at).label("pushed_at"),
            func.sum(waiting).label("unpushed"),
        )
        .where(c.node_id.in_(sorted(node_ids)))
        .group_by(c.node_id)
    )
    return {
        row.node_id: LocalPush(row.node_id, row.pushed_at, int(row.unpushed))
        for row in tx.execute(query)
    }


def count_unpushed(tx: Transaction) -> int:
    """Count the buckets that have changed since they were last pushed."""
    c = usage_buckets.c
    query = select(func.count()).where(c.changes > c.pushed_changes)
    return int(tx.execute(query).scalar_one())
