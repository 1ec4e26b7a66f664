"""Routes that take usage in and push it."""

from dataclasses import asdict
from typing import Any, Final

import msgspec
from litestar import Request, Response, post
from litestar.concurrency import sync_to_thread

from hero_onboarding.api_keys import ApiKey, Scope
from hero_onboarding.http import Services, key_of, require, require_node, services_of
from hero_onboarding.kernel.errors import HeroError, InvalidInputError
from hero_onboarding.usage import (
    BucketFullError,
    KeyConflictError,
    Outcome,
    TooManyRecordsError,
    WrongRecordError,
    record_usage,
    require_recordable,
)
from hero_onboarding.web.api.bodies import MalformedBodyError, decode, read_as, read_object
from hero_onboarding.web.api.description import answers
from hero_onboarding_schema import UsageRecord, WrongFieldError, read_usage_record

RECORDS_MAX: Final = 10_000
BYTES_MAX: Final = 8 * 1024 * 1024
_RECORD_BYTES_MAX: Final = 256 * 1024
_NDJSON: Final = "application/x-ndjson"


class Recorded(msgspec.Struct, frozen=True):
    """The answer to one record; a repeat is answered like the first but for ``status``."""

    status: str
    idempotency_key: str


class BatchResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one record of a batch."""

    index: int
    idempotency_key: str | None
    status: str
    detail: str = ""


class BatchRecorded(msgspec.Struct, frozen=True):
    """What became of a batch, in the order of the input."""

    results: list[BatchResult]
    created: int
    duplicate: int
    conflict: int
    invalid: int


class PushOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether to look at every bucket again."""

    full: bool = False


class Pushed(msgspec.Struct, frozen=True):
    """What a push did; ``buckets`` = ``pushed`` + ``unchanged`` + ``failures``."""

    buckets: int
    pushed: int
    unchanged: int
    records: int
    conflicts: int
    failures: int


@post(
    "/record_usage",
    guards=[require(Scope.USAGE_RECORD, secret_in_production=True)],
    request_max_body_size=_RECORD_BYTES_MAX,
    summary="Record one use of a resource",
    tags=["usage"],
    responses=answers(409, 413, 422, repeat=Recorded),
)
async def record_one(request: Request[Any, Any, Any]) -> Response[Recorded]:
    """Record one use, once per node and key.

    201 for a new record, 200 for a repeat with the same content, 409 for other content under the
    same key, 413 when the hour's file is full, 422 for a wrong field.
    """
    services = services_of(request.app.state)
    fields = read_object(await request.body())
    require_node(key_of(request), fields.get("node_id"))
    record = _read(fields, services)
    outcome = await services.group_commit.record(record)
    if outcome is Outcome.CONFLICT:
        detail = "a record with this key was sent before with other content; the first one counts"
        raise KeyConflictError(detail)
    if outcome is Outcome.BUCKET_FULL:
        raise BucketFullError("the file of this node and hour is full")
    status = 201 if outcome is Outcome.CREATED else 200
    return Response(Recorded(outcome, record.idempotency_key), status_code=status)


@post(
    "/v1/usage/batch",
    guards=[require(Scope.USAGE_RECORD)],
    request_max_body_size=BYTES_MAX,
    status_code=200,
    summary="Record up to 10,000 uses",
    tags=["usage"],
    responses=answers(413, 422),
)
async def record_batch(request: Request[Any, Any, Any]) -> BatchRecorded:
    """Record a JSON array or NDJSON of records; one bad record does not fail its neighbours.

    A record for another node than the key's refuses the whole batch.
    """
    services = services_of(request.app.state)
    body = await request.body()
    is_lines = request.headers.get("content-type", "").lower().startswith(_NDJSON)
    return await sync_to_thread(_record_batch, services, body, is_lines, key_of(request))


@post(
    "/admin/push-usage-now",
    guards=[require(Scope.USAGE_PUSH, secret_in_production=True)],
    status_code=200,
    summary="Push what the billing repository does not have yet",
    tags=["usage"],
    responses=answers(413, 422),
)
async def push_now(request: Request[Any, Any, Any]) -> Pushed:
    """Push changed buckets; with ``{"full": true}`` look at every bucket again."""
    services = services_of(request.app.state)
    body = await request.body()
    options = read_as(body, PushOptions) if body.strip() else PushOptions()
    counts = await sync_to_thread(services.pusher.push, full=options.full)
    return Pushed(**asdict(counts))


def _read(fields: dict[str, object], services: Services) -> UsageRecord:
    """Read one record and check that this server takes it."""
    try:
        record = read_usage_record(fields)
    except WrongFieldError as error:
        raise WrongRecordError(error.field, error.reason) from None
    require_recordable(record, services.intake, services.clock.now())
    return record


def _record_batch(
    services: Services,
    body: bytes,
    is_lines: bool,  # noqa: FBT001 - called by position in a thread
    key: ApiKey | None,
) -> BatchRecorded:
    """Record what can be read of a batch, in one transaction; nothing if it names a wrong node."""
    items = _read_lines(body) if is_lines else _read_array(body)
    if len(items) > RECORDS_MAX:
        raise TooManyRecordsError(f"a batch has at most {RECORDS_MAX} records")
    for item in items:
        require_node(key, item.get("node_id") if isinstance(item, dict) else None)
    results: dict[int, BatchResult] = {}
    good: list[tuple[int, UsageRecord]] = []
    for index, item in enumerate(items):
        try:
            good.append((index, _read(_as_object(item), services)))
        except InvalidInputError as error:
            results[index] = BatchResult(index, _key_of(item), Outcome.INVALID, str(error))
    with services.database.transaction() as tx:
        outcomes = record_usage(tx, [record for _, record in good], services.intake)
    for (index, record), outcome in zip(good, outcomes, strict=True):
        results[index] = _result(index, record.idempotency_key, outcome)
    ordered = [results[index] for index in range(len(items))]
    counts = [sum(one.status == status for one in ordered) for status in _COUNTED]
    return BatchRecorded(ordered, *counts)


_COUNTED: Final = (Outcome.CREATED, Outcome.DUPLICATE, Outcome.CONFLICT, Outcome.INVALID)


def _result(index: int, key: str, outcome: Outcome) -> BatchResult:
    if outcome is Outcome.BUCKET_FULL:
        detail = "usage.bucket_full: the file of this node and hour is full"
        return BatchResult(index, key, Outcome.INVALID, detail)
    if outcome is Outcome.CONFLICT:
        return BatchResult(index, key, outcome, "sent before with other content")
    return BatchResult(index, key, outcome)


def _read_array(body: bytes) -> list[object]:
    items = decode(body)
    if not isinstance(items, list):
        raise MalformedBodyError("the body must be a JSON array, or NDJSON by its media type")
    return items


def _read_lines(body: bytes) -> list[object]:
    """Read NDJSON; what is no JSON stays as the error it is."""
    items: list[object] = []
    for line in body.split(b"\n"):
        if not line.strip():
            continue
        try:
            items.append(decode(line))
        except MalformedBodyError as error:
            items.append(error)
    return items


def _as_object(item: object) -> dict[str, object]:
    if isinstance(item, HeroError):
        raise item
    if not isinstance(item, dict):
        raise MalformedBodyError("a record must be a JSON object")
    return item


def _key_of(item: object) -> str | None:
    """Return the key that an unreadable record seems to have."""
    key = item.get("idempotency_key") if isinstance(item, dict) else None
    return key if isinstance(key, str) else None
