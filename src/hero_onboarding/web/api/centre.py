"""Routes of the centre: aggregation, quarantine, incidents, books, rights."""

import re
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from hero_onboarding.aggregation import (
    Quarantined,
    check_books,
    check_news,
    list_quarantine,
    retry_quarantine,
)
from hero_onboarding.api_keys import Scope
from hero_onboarding.http import require, services_of
from hero_onboarding.incidents import Incident, list_incidents
from hero_onboarding.usage import (
    ChargeRight,
    RightNotFoundError,
    give_right,
    list_rights,
    take_right,
)
from hero_onboarding.web.api.bodies import refuse_body
from hero_onboarding.web.api.description import answers

_NUMBER: Final = re.compile(r"[0-9]{1,18}", re.ASCII)

Cursor = Annotated[str | None, QueryParameter(name="cursor", required=False)]


class Aggregated(msgspec.Struct, frozen=True):
    """What a pass did; ``unchanged`` and ``failures`` count repositories."""

    repositories: int
    files_read: int
    records_new: int
    records_quarantined: int
    transfers: int
    unchanged: int
    failures: int


class QuarantineItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is not billed, and why."""

    repository: str
    commit: str
    path: str
    line: int
    idempotency_key: str | None = None
    reason: str
    detail: str
    retriable: bool
    first_seen: datetime


class QuarantinePage(msgspec.Struct, frozen=True):
    """One page of the quarantine, newest first."""

    items: list[QuarantineItem]
    next_cursor: str | None


class Retried(msgspec.Struct, frozen=True):
    """How many records left the quarantine, and how many still wait."""

    released: int
    waiting: int


class IncidentItem(msgspec.Struct, frozen=True):
    """Something that somebody must look at, with evidence."""

    kind: str
    repository: str
    path: str
    evidence: dict[str, Any]
    first_seen: datetime
    last_seen: datetime
    times: int


class IncidentPage(msgspec.Struct, frozen=True):
    """One page of incidents, newest first."""

    items: list[IncidentItem]
    next_cursor: str | None


class BooksCheck(msgspec.Struct, frozen=True):
    """One equation of the books."""

    name: str
    ok: bool
    left: int
    right: int
    detail: dict[str, Any]


class Books(msgspec.Struct, frozen=True):
    """Whether every equation holds, and each of them."""

    balanced: bool
    checks: list[BooksCheck]


class RightShown(msgspec.Struct, frozen=True):
    """A right to charge; null means any node, any user, or no cap."""

    number: int
    node_id: str | None
    user_sid: str | None
    micros_per_hour: int | None


class NewRight(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A right to give."""

    node_id: str | None = None
    user_sid: str | None = None
    micros_per_hour: int | None = None


class JobsRun(msgspec.Struct, frozen=True):
    """How many jobs ran, and how many of them failed."""

    jobs_run: int
    jobs_failed: int


@post(
    "/admin/aggregate-now",
    guards=[require(Scope.AGGREGATE)],
    before_request=refuse_body,
    status_code=200,
    sync_to_thread=True,
    tags=["centre"],
    summary="Read the billing repositories and charge",
    responses=answers(413, 422),
)
def aggregate_now(request: Request[Any, Any, Any]) -> Aggregated:
    """Make one pass over all billing repositories and post all charges that follow from it."""
    return Aggregated(**asdict(services_of(request.app.state).aggregator.aggregate()))


@post(
    "/admin/run-jobs-now",
    guards=[require(Scope.JOBS_RUN)],
    before_request=refuse_body,
    status_code=200,
    sync_to_thread=True,
    tags=["centre"],
    summary="Run the jobs that are due",
    responses=answers(413, 422),
)
def run_jobs_now(request: Request[Any, Any, Any]) -> JobsRun:
    """Run the jobs that are due until none is."""
    return JobsRun(*services_of(request.app.state).run_due())


@get(
    "/v1/quarantine",
    guards=[require(Scope.READ, secret_in_production=True)],
    sync_to_thread=True,
    tags=["centre"],
    summary="List what is not billed",
    responses=answers(422),
)
def show_quarantine(request: Request[Any, Any, Any], cursor: Cursor = None) -> QuarantinePage:
    """List what is not billed, and why."""
    with services_of(request.app.state).database.reading() as tx:
        page = list_quarantine(tx, cursor).map(_quarantined)
    return QuarantinePage(list(page.items), page.next_cursor)


@post(
    "/v1/quarantine/retry",
    guards=[require(Scope.QUARANTINE_RETRY)],
    before_request=refuse_body,
    status_code=200,
    sync_to_thread=True,
    tags=["centre"],
    summary="Try again what is not billed",
    responses=answers(413, 422),
)
def retry_now(request: Request[Any, Any, Any]) -> Retried:
    """Try again what can be tried again; what leaves is charged by the next pass."""
    services = services_of(request.app.state)
    counts = retry_quarantine(services.database, services.clock)
    return Retried(counts.released, counts.waiting)


@get(
    "/v1/incidents",
    guards=[require(Scope.READ, secret_in_production=True)],
    sync_to_thread=True,
    tags=["centre"],
    summary="List what somebody must look at",
    responses=answers(422),
)
def show_incidents(request: Request[Any, Any, Any], cursor: Cursor = None) -> IncidentPage:
    """List what somebody must look at."""
    with services_of(request.app.state).database.reading() as tx:
        page = list_incidents(tx, cursor).map(_incident)
    return IncidentPage(list(page.items), page.next_cursor)


@get(
    "/v1/books",
    guards=[require(Scope.READ, secret_in_production=True)],
    sync_to_thread=True,
    tags=["centre"],
    summary="Check the books",
    responses=answers(422),
)
def show_books(
    request: Request[Any, Any, Any],
    only_news: Annotated[bool, QueryParameter(name="only_news", required=False)] = False,  # noqa: FBT002 - a query parameter
) -> Books:
    """Check the books in one state of the database: in full, or what is new since verified."""
    with services_of(request.app.state).database.reading() as tx:
        checks = check_news(tx) if only_news else check_books(tx)
    shown = [BooksCheck(c.name, c.ok, c.left, c.right, dict(c.detail)) for c in checks]
    return Books(all(check.ok for check in checks), shown)


@get(
    "/v1/charge-rights",
    guards=[require(Scope.READ, secret_in_production=True)],
    sync_to_thread=True,
    tags=["centre"],
    summary="List who may charge whom",
)
def show_rights(request: Request[Any, Any, Any]) -> list[RightShown]:
    """List who may charge whom."""
    with services_of(request.app.state).database.reading() as tx:
        return [_right(right) for right in list_rights(tx)]


@post(
    "/v1/charge-rights",
    guards=[require(Scope.RIGHTS_WRITE)],
    sync_to_thread=True,
    tags=["centre"],
    summary="Give a right to charge",
    responses=answers(413, 422),
)
def give_one(request: Request[Any, Any, Any], data: JSONBody[NewRight]) -> RightShown:
    """Let a node charge a user from now on, up to a cap for each hour."""
    services = services_of(request.app.state)
    right = ChargeRight(data.node_id, data.user_sid, data.micros_per_hour)
    with services.database.transaction() as tx:
        return _right(give_right(tx, right, services.clock.now()))


@delete(
    "/v1/charge-rights/{number:str}",
    guards=[require(Scope.RIGHTS_WRITE)],
    sync_to_thread=True,
    tags=["centre"],
    summary="Take a right to charge back",
    responses=answers(404),
)
def take_one(request: Request[Any, Any, Any], number: FromPath[str]) -> None:
    """Take a right back; what was charged under it stays charged."""
    if _NUMBER.fullmatch(number) is None:
        raise RightNotFoundError(number)
    with services_of(request.app.state).database.transaction() as tx:
        take_right(tx, int(number))


def _quarantined(row: Quarantined) -> QuarantineItem:
    assert row.first_seen is not None, row
    return QuarantineItem(
        repository=row.source.repository,
        commit=row.source.head,
        path=row.source.path,
        line=row.line,
        idempotency_key=row.key,
        reason=row.reason,
        detail=row.detail,
        retriable=row.reason.is_retriable,
        first_seen=row.first_seen,
    )


def _incident(incident: Incident) -> IncidentItem:
    assert incident.first_seen is not None, incident
    assert incident.last_seen is not None, incident
    return IncidentItem(
        incident.kind,
        incident.repository,
        incident.path,
        dict(incident.evidence),
        incident.first_seen,
        incident.last_seen,
        incident.times,
    )


def _right(right: ChargeRight) -> RightShown:
    return RightShown(right.number, right.node_id, right.user_sid, right.micros_per_hour)
