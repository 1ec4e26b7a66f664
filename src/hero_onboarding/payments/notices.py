"""The inbox: authentic notices as they came, and the questions that follow from them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, update

from hero_onboarding.database import Transaction
from hero_onboarding.incidents import Incident, IncidentKind, open_incident
from hero_onboarding.jobs import Job, enqueue
from hero_onboarding.payments import store
from hero_onboarding.payments.ports import Notice
from hero_onboarding.payments.questions import want, want_all
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


@dataclass(frozen=True, slots=True)
class Kept:
    """An authentic notice as it came."""

    provider: str
    notice: Notice
    body: bytes = field(repr=False)
    received_at: datetime


def keep_notice(tx: Transaction, provider: str, notice: Notice, body: bytes, now: datetime) -> bool:
    """Keep one notice; see ``keep_notices``."""
    return keep_notices(tx, [Kept(provider, notice, body, now)])[0]


def keep_notices(tx: Transaction, some: Sequence[Kept]) -> Sequence[bool]:
    """Keep notices once, with whatever follows from them; return which were new.

    They make the top-ups that they name due for a question, and nothing else. One that names none
    is looked at once more later: it may have overtaken what it is about.
    """
    numbers = _insert(tx, some)
    new = {place: number for place, number in numbers.items() if number is not None}
    named = _find_all_named(tx, [_named(some[place]) for place in new])
    asked: dict[UUID, datetime] = {}
    for (place, number), found in zip(new.items(), named, strict=True):
        now = some[place].received_at
        asked.update((top_up_id, now) for top_up_id in found)
        if not found:
            enqueue(tx, Job(MATCH_NOTICE, str(number), now + SECOND_LOOK, {"notice": number}))
    want_all(tx, asked)
    return [place in new for place in range(len(some))]


def _insert(tx: Transaction, some: Sequence[Kept]) -> dict[int, int | None]:
    """Insert notices that are not there; return the number of each by its place, None for old."""
    places: dict[tuple[str, str], int] = {}
    for place, one in enumerate(some):
        places.setdefault((one.provider, one.notice.event_id), place)
    rows = [
        {
            "provider": some[place].provider,
            "event_id": some[place].notice.event_id,
            "kind": some[place].notice.kind,
            "refs": list(some[place].notice.references),
            "top_up_hint": some[place].notice.top_up_id,
            "body": some[place].body,
            "received_at": some[place].received_at,
        }
        for _, place in sorted(places.items())
    ]
    statement = tx.insert(notices).on_conflict_do_nothing(index_elements=["provider", "event_id"])
    found = tx.execute(statement.returning(_c.provider, _c.event_id, _c.number), rows)
    numbers: dict[int, int | None] = dict.fromkeys(places.values())
    for row in found:
        numbers[places[row.provider, row.event_id]] = int(row.number)
    return dict(sorted(numbers.items()))


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
    return _find_all_named(tx, [_Named(provider, references, hint)])[0]


@dataclass(frozen=True, slots=True)
class _Named:
    """By what a notice names top-ups."""

    provider: str
    references: Sequence[str]
    hint: str | None


def _named(kept: Kept) -> _Named:
    return _Named(kept.provider, kept.notice.references, kept.notice.top_up_id)


def _find_all_named(tx: Transaction, some: Sequence[_Named]) -> Sequence[Sequence[UUID]]:
    """Return the top-ups that each of some notices names, by two queries for all of them."""
    by_reference = store.find_all_by_references(
        tx, {(one.provider, name) for one in some for name in one.references}
    )
    hints = {one.hint: _read_id(one.hint) for one in some}
    providers = store.find_providers(tx, {hint for hint in hints.values() if hint is not None})
    named = []
    for one in some:
        names = {(one.provider, name) for name in one.references}
        found = {by_reference[name] for name in names & by_reference.keys()}
        hint = hints[one.hint]
        if hint is not None and providers.get(hint) == one.provider:
            found.add(hint)
        named.append(sorted(found))
    return named


def _read_id(hint: str | None) -> UUID | None:
    try:
        return None if hint is None else UUID(hint)
    except ValueError:
        return None
