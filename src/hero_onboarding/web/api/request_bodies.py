"""What the API description says of bodies that handlers read by themselves."""

from collections.abc import Mapping
from typing import Final

from litestar.openapi.spec import OpenAPIMediaType, RequestBody, Schema
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


_BATCH: Final = Schema(type=OpenAPIType.ARRAY, items=_RECORD, max_items=10_000)
_OPTIONS: Final = Schema(
    type=OpenAPIType.OBJECT,
    properties={"full": Schema(type=OpenAPIType.BOOLEAN, default=False)},
    additional_properties=False,
)


def _body(schemas: Mapping[str, Schema], *, is_required: bool = True) -> RequestBody:
    media = {name: OpenAPIMediaType(schema=schema) for name, schema in schemas.items()}
    return RequestBody(content=media, required=is_required)


BODIES: Final = {
    "/record_usage": _body({"application/json": _RECORD}),
    "/v1/usage/batch": _body({"application/json": _BATCH, "application/x-ndjson": _RECORD}),
    "/admin/push-usage-now": _body({"application/json": _OPTIONS}, is_required=False),
}
"""By path, the bodies that handlers read by themselves."""
