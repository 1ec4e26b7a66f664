"""Open incidents once each, and list them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import func, select

from hero_onboarding.database import Transaction
from hero_onboarding.incidents.tables import incidents
from hero_onboarding.kernel.paging import PAGE_ITEMS, Page, page_of, read_cursor


class IncidentKind(StrEnum):
    """What can go wrong so that a person has to look; documented in ``docs/incidents.md``."""

    KEY_CONFLICT = "key_conflict"
    RECORD_VANISHED = "record_vanished"
    FILE_VANISHED = "file_vanished"
    HISTORY_REWRITTEN = "history_rewritten"
    BRANCH_MISSING = "branch_missing"
    FILE_REPLACED = "file_replaced"
    BUCKET_FAILED = "bucket_failed"
    UNEXPECTED_FILE = "unexpected_file"
    FORGE_REFUSED = "forge_refused"
    BOOKS_WRONG = "books_wrong"
    WALLET_LIMIT = "wallet_limit"
    ADDRESS_COLLISION = "address_collision"
    MAIL_GIVEN_UP = "mail_given_up"
    MESSAGE_REFUSED = "message_refused"
    PAYMENT_MISMATCH = "payment_mismatch"
    PAYMENT_TAKEN_BACK = "payment_taken_back"
    PAYMENT_DISPUTED = "payment_disputed"
    RECONCILIATION = "reconciliation"
    NOTICE_UNMATCHED = "notice_unmatched"
    AUTOMATIC_TOP_UPS = "automatic_top_ups"


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that somebody must look at.

    ``evidence`` holds what is needed to judge it. Two incidents with the same kind, place and
    identity are one that was seen twice, and its first evidence stays; without an identity of its
    own the evidence is the identity.
    """

    kind: IncidentKind
    repository: str
    path: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    times: int = 1
    number: int = 0
    identity: Mapping[str, Any] | None = None


def open_incident(tx: Transaction, incident: Incident, now: datetime) -> bool:
    """Open an incident, or count that it was seen again; return whether it is new."""
    identity = incident.evidence if incident.identity is None else incident.identity
    content = [incident.kind, incident.repository, incident.path, identity]
    packed = msgspec.json.encode(content, order="sorted")
    c = incidents.c
    statement = tx.insert(incidents).values(
        subject=hashlib.blake2b(packed, digest_size=16).digest(),
        kind=incident.kind,
        repository=incident.repository,
        path=incident.path,
        evidence=dict(incident.evidence),
        first_seen=now,
        last_seen=now,
        times=1,
    )
    times = tx.execute(
        statement.on_conflict_do_update(
            index_elements=["subject"], set_={"last_seen": now, "times": c.times + 1}
        ).returning(c.times)
    ).scalar_one()
    return int(times) == 1


def list_incidents(
    tx: Transaction, cursor: str | None, *, size: int = PAGE_ITEMS
) -> Page[Incident]:
    """List incidents, newest first.

    Raises:
        WrongCursorError: If the cursor is none of an earlier page.
    """
    c = incidents.c
    query = select(incidents).order_by(c.number.desc()).limit(size + 1)
    before = read_cursor(cursor)
    if before is not None:
        query = query.where(c.number < before)
    found = [
        Incident(
            IncidentKind(row.kind),
            row.repository,
            row.path,
            row.evidence,
            row.first_seen,
            row.last_seen,
            int(row.times),
            row.number,
        )
        for row in tx.execute(query)
    ]
    return page_of(found, lambda incident: incident.number, size=size)


def count_incidents(tx: Transaction) -> int:
    """Count all incidents."""
    return int(tx.execute(select(func.count()).select_from(incidents)).scalar_one())
