"""JSON Schema of the shared records, generated from their one definition."""

from typing import Final

import msgspec

from hero_onboarding_schema.otime import OTIME_FORM, OTime
from hero_onboarding_schema.usage import (
    EXTRA_CHARACTERS_MAX,
    EXTRA_NAME_FORM,
    EXTRAS_MAX,
    INT64_MAX,
    INT64_MIN,
    KNOWN_FIELDS,
    UsageBatch,
    UsageRecord,
)

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_EXTRA_VALUE: Final = {
    "anyOf": [
        {"type": "string", "maxLength": EXTRA_CHARACTERS_MAX},
        {"type": "integer", "minimum": INT64_MIN, "maximum": INT64_MAX},
        {"type": "boolean"},
    ]
}


def usage_schema() -> dict[str, object]:
    """Describe a UsageBatch as JSON; ``#/$defs/UsageRecord`` describes one record.

    A record is described as it is written: unknown keys stand beside the named fields, and an
    optional field is left out rather than null. The limit of 16 unknown keys is stated for a
    record that has all the named fields; readers count the unknown ones alone.
    """
    (batch,), components = msgspec.json.schema_components(
        [UsageBatch], ref_template="#/$defs/{name}", schema_hook=_described
    )
    record = components[UsageRecord.__name__]
    fields = {name: _present(record["properties"][name]) for name in KNOWN_FIELDS}
    record.update(
        description="One use of one resource by one user on one node.",
        properties=fields,
        propertyNames={"pattern": f"^{EXTRA_NAME_FORM}$"},
        additionalProperties=_EXTRA_VALUE,
        maxProperties=len(KNOWN_FIELDS) + EXTRAS_MAX,
    )
    components[UsageBatch.__name__].update(
        properties={"records": {"type": "array", "items": {"$ref": "#/$defs/UsageRecord"}}},
        required=["records"],
        additionalProperties=False,
    )
    return {"$schema": _DIALECT, **batch, "$defs": components}


def _described(kind: type) -> dict[str, object]:
    assert kind is OTime, kind
    return {
        "title": "OTime",
        "type": "string",
        "pattern": f"^(?:{OTIME_FORM})$",
        "description": "Seconds since 1970 in UTC, from 0 to 4294967295; one of several texts.",
    }


def _present(field: dict[str, object]) -> object:
    """Take the null and the default out of an optional field: absent is the only way to omit."""
    choices = field.get("anyOf")
    return choices[0] if isinstance(choices, list) else field
