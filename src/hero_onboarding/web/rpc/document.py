"""Describe the methods in OpenRPC (spec.open-rpc.org), from the description of the API."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hero_onboarding.web.rpc.dispatch import code_of, message_of
from hero_onboarding.web.rpc.methods import JsonObject, Method, Param
from hero_onboarding.web.rpc.names import DISCOVER

OPENRPC_VERSION: Final = "1.3.2"
TITLE: Final = "Hero onboarding and billing"
DESCRIPTION: Final = "Onboarding website and billing backend of the Hero network"

_REFUSED_FROM: Final = 400
_JSON: Final = "application/json"
_OF_NAMES: Final = "421"
"""The status for requests by another machine's name: none comes over a socket."""


def make_document(
    methods: Mapping[str, Method], description: JsonObject, version: str
) -> dict[str, Any]:
    """Make the document that ``/openrpc.json`` and ``rpc.discover`` show."""
    described = [_describe(method) for method in methods.values()]
    schemas = description["components"]["schemas"]
    used = _reached({"described": described, "problem": schemas["Problem"]}, schemas)
    statuses = sorted({status for one in methods.values() for status in _refusals(one)})
    return {
        "openrpc": OPENRPC_VERSION,
        "info": {
            "title": TITLE,
            "version": version,
            "description": "Each method is a route of the billing API, with the same guard:"
            " X-Hero-Onboarding-Admin-Secret or Authorization of the HTTP request open all calls"
            " in it. The data of an error is the route's problem (RFC 9457).",
        },
        "methods": [_describe_discovery(), *described],
        "components": {
            "schemas": {name: schemas[name] for name in sorted(used | {"Problem"})},
            "errors": {status: _error(status, methods) for status in statuses},
        },
    }


def _describe(method: Method) -> dict[str, Any]:
    operation = method.operation
    return {
        "name": method.name,
        "summary": operation["summary"],
        "description": operation["description"],
        "tags": [{"name": tag} for tag in operation["tags"]],
        "paramStructure": "either",
        "params": [_param(param) for param in method.params],
        "result": {"name": "result", "schema": _result(operation)},
        "errors": [{"$ref": f"#/components/errors/{status}"} for status in _refusals(method)],
        "x-route": f"{method.verb} {method.path}",
    }


def _describe_discovery() -> dict[str, Any]:
    return {
        "name": DISCOVER,
        "summary": "Describe the methods",
        "description": "Needs neither secret nor key.",
        "tags": [{"name": "machine"}],
        "paramStructure": "either",
        "params": [],
        "result": {"name": "document", "schema": {"type": "object"}},
    }


def _param(param: Param) -> dict[str, Any]:
    return {"name": param.name, "required": param.is_required, "schema": dict(param.schema)}


def _result(operation: JsonObject) -> JsonObject:
    """Return the schema of what a route answers; one that says nothing gives null."""
    found = [
        response.get("content", {})
        for status, response in operation["responses"].items()
        if int(status) < _REFUSED_FROM
    ]
    if found[0] and _JSON not in found[0]:
        return {"type": "string"}
    schema: JsonObject = found[0].get(_JSON, {}).get("schema", {"type": "null"})
    return schema


def _refusals(method: Method) -> list[str]:
    """Return the statuses with which a route refuses, and with which anything may fail."""
    own = {one for one in method.operation["responses"] if int(one) >= _REFUSED_FROM}
    return sorted((own - {_OF_NAMES}) | {"422", "500"})


def _error(status: str, methods: Mapping[str, Method]) -> dict[str, Any]:
    """Describe an error by what the routes say of its status."""
    said = (one.operation["responses"].get(status, {}) for one in methods.values())
    meaning = next((one["description"] for one in said if one), "The fault was logged.")
    code = code_of(int(status))
    return {
        "code": code,
        "message": message_of(code, meaning),
        "data": {"meaning": meaning, "schema": {"$ref": "#/components/schemas/Problem"}},
    }


def _reached(value: object, schemas: JsonObject) -> set[str]:
    """Return the names of all schemas that something refers to, and that these refer to."""
    found: set[str] = set()
    waiting = [value]
    while waiting:
        for name in _references(waiting.pop()):
            if name not in found:
                found.add(name)
                waiting.append(schemas[name])
    return found


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        target = value.get("$ref")
        if isinstance(target, str) and "/schemas/" in target:
            yield target.rpartition("/")[2]
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)
