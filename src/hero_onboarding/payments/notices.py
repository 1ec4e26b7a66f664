"""The inbox: authentic notices as they came, and the questions that follow from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, update

from hero_onboarding.database import Transaction
from hero_onboarding.incidents import Incident, IncidentKind, open_incident
from hero_onboarding.jobs import Job, enqueue
from hero_onboarding.payments import store
from hero_onboarding.payments.ports import Notice
from hero_onboarding.payments.questions import want
from hero_onboarding.payments.tables import notices

MATCH_NOTICE: Final = "match_notice"
"""Jobs of this kind look again for the top-up of a notice that named none when it came."""

SECOND_LOOK: Final = timedelta(minutes=10)
BODIES_KEPT: Final = timedelta(days=90)
BODY_BYTES_MAX: Final = 256 * 1024
_AT_ONCE: Final = 500
_c = notices.c


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many notices were looked at again, and how many of them name no top-up."""

    notices: int
    unmatched: int
    last: int | None


def keep_notice(tx: Transaction, provider: str, notice: Notice, body: bytes, now: datetime) -> bool:
    """Keep a notice once, with whatever follows from it; return whether it was new.

    It makes the top-up that it names due for a question, and nothing else. One that names none
    is looked at once more later: it may have overtaken what it is about.
    """
    statement = tx.insert(notices).on_conflict_do_nothing(index_elements=["provider", "event_id"])
    row = tx.execute(
        statement.values(
            provider=provider,
            event_id=notice.event_id,
            kind=notice.kind,
            refs=list(notice.references),
            top_up_hint=notice.top_up_id,
            body=body,
            received_at=now,
        ).returning(_c.number)
    ).first()
    if row is None:
        return False
    if not _ask_about(tx, provider, notice.references, notice.top_up_id, now):
        number = int(row.number)
        enqueue(tx, Job(MATCH_NOTICE, str(number), now + SECOND_LOOK, {"notice": number}))
    return True


def match_notice(tx: Transaction, number: int, now: datetime) -> bool:
    """Look again for the top-up of a notice; without one, call a person and nobody else."""
    row = tx.execute(select(notices).where(_c.number == number)).one()
    if _ask_about(tx, row.provider, row.refs, row.top_up_hint, now):
        return True
    evidence = {
        "provider": row.provider,
        "kind": row.kind,
        "event": row.event_id,
        "references": list(row.refs),
    }
    identity = {"provider": row.provider, "kind": row.kind}
    incident = Incident(IncidentKind.NOTICE_UNMATCHED, "", "", evidence, identity=identity)
    open_incident(tx, incident, now)
    return False


def replay_notices(tx: Transaction, since: datetime, after: int | None, now: datetime) -> Replayed:
    """Look at some notices since an instant as if they came now; repeating is safe.

    Args:
        tx: The open transaction.
        since: When the first of them came.
        after: The number that the look before this one ended at.
        now: The present instant.
    """
    query = select(_c.number, _c.provider, _c.refs, _c.top_up_hint)
    query = query.where(_c.received_at >= since, _c.number > (after or 0))
    rows = tx.execute(query.order_by(_c.number).limit(_AT_ONCE)).all()
    asked: set[UUID] = set()
    unmatched = 0
    for row in rows:
        found = find_named(tx, row.provider, row.refs, row.top_up_hint)
        unmatched += not found
        asked.update(found)
    for top_up_id in sorted(asked):
        want(tx, top_up_id, now)
    return Replayed(len(rows), unmatched, rows[-1].number if rows else None)


def drop_bodies(tx: Transaction, now: datetime) -> int:
    """Drop the bodies of some notices that are older than 90 days; return of how many."""
    old = select(_c.number).where(_c.received_at < now - BODIES_KEPT, _c.body.is_not(None))
    chosen = old.order_by(_c.number).limit(_AT_ONCE)
    return int(tx.execute(update(notices).where(_c.number.in_(chosen)).values(body=None)).rowcount)


def _ask_about(
    tx: Transaction, provider: str, references: Sequence[str], hint: str | None, now: datetime
) -> bool:
    """Have the provider asked about the top-ups that a notice names; return whether there are."""
    found = find_named(tx, provider, references, hint)
    for top_up_id in found:
        want(tx, top_up_id, now)
    return bool(found)


def find_named(
    tx: Transaction, provider: str, references: Sequence[str], hint: str | None
) -> Sequence[UUID]:
    """Return the top-ups that a notice names by the provider's ids or by ours, in one order."""
    found = set(store.find_by_references(tx, provider, references))
    try:
        named = None if hint is None else store.find_top_up(tx, UUID(hint))
    except ValueError:
        named = None
    if named is not None and named.provider == provider:
        found.add(named.id)
    return sorted(found)
