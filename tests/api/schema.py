"""Check values against the words of JSON Schema that the API's description uses."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

KINDS: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}
FORMATS: dict[str, Callable[[str], object]] = {"uuid": UUID, "date-time": datetime.fromisoformat}
KNOWN = {
    *("$ref", "type", "properties", "required", "items", "oneOf", "format", "pattern"),
    *("additionalProperties", "title", "description", "default", "minimum", "maximum"),
    *("minLength", "maxLength", "maxItems"),
}

Schema = Mapping[str, Any]


def misfits(schema: Schema, value: object, root: Schema, at: str = "$") -> Iterator[str]:
    """Say where a value is not what a schema says."""
    assert set(schema) <= KNOWN, set(schema) - KNOWN
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/components/schemas/")
        yield from misfits(root["components"]["schemas"][name], value, root, at)
        return
    if "oneOf" in schema:
        if all(any(misfits(one, value, root, at)) for one in schema["oneOf"]):
            yield f"{at} is none of its choices: {value!r}"
        return
    if "type" in schema and not _is_of(schema["type"], value):
        yield f"{at} is no {schema['type']}: {value!r}"
    elif isinstance(value, dict):
        yield from _misfits_of_object(schema, value, root, at)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from misfits(schema.get("items", {}), item, root, f"{at}[{number}]")
    elif isinstance(value, str):
        yield from _misfits_of_text(schema, value, at)


def _is_of(kind: str, value: object) -> bool:
    return isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _misfits_of_object(
    schema: Schema, value: Mapping[str, Any], root: Schema, at: str
) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name in schema.get("required", []):
        if name not in value:
            yield f"{at}.{name} is missing"
    for name, item in value.items():
        if name in properties:
            yield from misfits(properties[name], item, root, f"{at}.{name}")
        elif "additionalProperties" not in schema:
            yield f"{at}.{name} is not described"


def _misfits_of_text(schema: Schema, value: str, at: str) -> Iterator[str]:
    if "pattern" in schema and re.search(schema["pattern"], value) is None:
        yield f"{at} does not match: {value!r}"
    if "format" in schema:
        try:
            FORMATS[schema["format"]](value)
        except ValueError:
            yield f"{at} is no {schema['format']}: {value!r}"
