"""What the API description says of bodies that handlers read by themselves."""

from dataclasses import dataclass
from typing import Any, Final

from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

_TIME: Final = Schema(
    type=OpenAPIType.STRING,
    description="YYYY-MM-DD HH:MM:SS in UTC; RFC 3339 and seconds since 1970 are read too",
)
_TEXT: Final = Schema(type=OpenAPIType.STRING)
_WHOLE: Final = Schema(type=OpenAPIType.INTEGER)
_RECORD: Final = Schema(
    type=OpenAPIType.OBJECT,
    required=[
        "node_id",
        "user_sid",
        "amount_cents",
        "resource_kind",
        "idempotency_key",
        "occurred_at",
    ],
    properties={
        "node_id": Schema(type=OpenAPIType.STRING, pattern="^[a-z0-9][a-z0-9-]{0,62}$"),
        "user_sid": Schema(type=OpenAPIType.STRING, pattern="^[a-z0-9_-]{1,64}$"),
        "amount_cents": Schema(type=OpenAPIType.INTEGER, minimum=0, maximum=10**9),
        "resource_kind": Schema(type=OpenAPIType.STRING, pattern="^[a-z][a-z0-9_.-]{0,63}$"),
        "idempotency_key": Schema(type=OpenAPIType.STRING, min_length=1, max_length=200),
        "occurred_at": _TIME,
        "quantity": _WHOLE,
        "unit": _TEXT,
        "begins_at": _TIME,
        "ends_at": _TIME,
        "assignment": _TEXT,
        "corrects": _TEXT,
    },
)


@dataclass
class RecordOperation(Operation):
    """An operation whose body is one usage record."""

    def __post_init__(self) -> None:
        """Describe the body."""
        media: dict[str, Any] = {"application/json": OpenAPIMediaType(schema=_RECORD)}
        self.request_body = RequestBody(content=media, required=True)


@dataclass
class BatchOperation(Operation):
    """An operation whose body is an array of usage records, or one on each line."""

    def __post_init__(self) -> None:
        """Describe the body."""
        array = Schema(type=OpenAPIType.ARRAY, items=_RECORD, max_items=10_000)
        media: dict[str, Any] = {
            "application/json": OpenAPIMediaType(schema=array),
            "application/x-ndjson": OpenAPIMediaType(schema=_RECORD),
        }
        self.request_body = RequestBody(content=media, required=True)
