"""Which method asks which route, and where each of its parameters goes in the request.

All of it is read from the description of the API, which the framework makes from the handlers.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from hero_onboarding.web.rpc.messages import WRONG_PARAMS, Failure, Params, fail
from hero_onboarding.web.rpc.names import WHOLE_BODY_NAMES, names_of

JsonObject = Mapping[str, Any]
_JSON: Final = "application/json"
_KINDS: Final = {
    ord('"'): "string",
    ord("t"): "boolean",
    ord("f"): "boolean",
    ord("n"): "null",
    ord("{"): "object",
    ord("["): "array",
}
_NO_SEGMENTS: Final = frozenset({"", ".", ".."})


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter; ``place`` is ``path``, ``query``, ``field`` of the body, or ``body``."""

    name: str
    place: str
    schema: JsonObject
    is_required: bool

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of JSON values that it takes."""
        choices: Sequence[JsonObject] = self.schema.get("oneOf", [self.schema])
        return frozenset(str(one.get("type")) for one in choices)


@dataclass(frozen=True, slots=True)
class Method:
    """A method; ``params`` stand in the order in which they are taken by position."""

    name: str
    verb: str
    path: str
    params: tuple[Param, ...]
    takes_fields: bool
    needs_body: bool
    operation: JsonObject


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to the site; ``path`` is still escaped."""

    verb: str
    path: str
    query: str
    body: bytes


def list_methods(description: JsonObject, routes: Collection[str]) -> dict[str, Method]:
    """Make a method of each route of scripts, by name.

    Args:
        description: The OpenAPI document of the site.
        routes: Verb and path of each, such as ``GET /v1/books``.
    """
    return {name: _method(name, route, description) for name, route in names_of(routes).items()}


def fill_in(method: Method, params: Params) -> Asked | Failure:
    """Put the parameters of a call where its route takes them."""
    named = _by_name(method, params)
    if isinstance(named, Failure):
        return named
    known = {param.name: param for param in method.params}
    for name, value in named.items():
        if name in known and (wrong := _misfit(known[name], value)):
            return _refuse(wrong)

    def placed(place: str) -> dict[str, bytes]:
        """Take the parameters of one place; what has none is a field, which the route judges."""
        return {
            name: value
            for name, value in named.items()
            if (known[name].place if name in known else "field") == place
        }

    path = method.path
    for name, value in placed("path").items():
        path = path.replace(f"{{{name}}}", quote(_text_of(value), safe=""))
    query = {name: _text_of(v) for name, v in placed("query").items() if v != b"null"}
    body = next(iter(placed("body").values()), b"")
    if (fields := placed("field")) or (method.takes_fields and method.needs_body):
        body = _join(fields)
    return Asked(method.verb, path, urlencode(query), body)


def _by_name(method: Method, params: Params) -> Mapping[str, bytes] | Failure:
    """Name the parameters, and refuse what the route would not even get to see."""
    order = [param.name for param in method.params]
    if not isinstance(params, Mapping):
        if len(params) > len(order):
            return _refuse(f"{method.name} takes at most {len(order)} parameters")
        params = dict(zip(order, params, strict=False))
    elif not method.takes_fields and (others := params.keys() - set(order)):
        return _refuse(f"{method.name} takes no parameter {min(others)!r}")
    needed = {one.name for one in method.params if one.is_required and one.place != "field"}
    if missing := needed - params.keys():
        return _refuse(f"{method.name} needs the parameter {min(missing)!r}")
    return params


def _misfit(param: Param, value: bytes) -> str | None:
    """Say why a value can't stand in a path or query: it must be text that is one part of it."""
    if param.place not in {"path", "query"}:
        return None
    kind = _KINDS.get(value[0], "integer")
    if kind not in param.kinds:
        return f"{param.name} is no {' or '.join(sorted(param.kinds))}"
    if param.place == "path" and ((text := _text_of(value)) in _NO_SEGMENTS or "/" in text):
        return f"{param.name} names nothing that there could be"
    return None


def _text_of(value: bytes) -> str:
    return msgspec.json.decode(value, type=str) if value[:1] == b'"' else value.decode("ascii")


def _join(fields: Mapping[str, bytes]) -> bytes:
    """Write an object whose values are texts of JSON already."""
    pairs = [msgspec.json.encode(name) + b":" + value for name, value in fields.items()]
    return b"{" + b",".join(pairs) + b"}"


def _refuse(detail: str) -> Failure:
    return fail(WRONG_PARAMS, detail)


def _method(name: str, route: str, description: JsonObject) -> Method:
    verb, path = route.split(" ")
    operation = description["paths"][path][verb.lower()]
    body = operation.get("requestBody", {})
    schema = _resolved(body.get("content", {}).get(_JSON, {}).get("schema"), description)
    params = [_from_url(one) for one in operation.get("parameters", [])]
    is_whole = route in WHOLE_BODY_NAMES
    if schema is not None and is_whole:
        params.append(Param(WHOLE_BODY_NAMES[route], "body", schema, is_required=True))
    elif schema is not None:
        params += _from_body(schema)
    names = {param.name for param in params}
    assert len(names) == len(params), f"{route} has two parameters of one name"
    return Method(
        name,
        verb,
        path,
        tuple(sorted(params, key=lambda param: not param.is_required)),
        takes_fields=schema is not None and not is_whole,
        needs_body=bool(body.get("required")),
        operation=operation,
    )


def _from_url(parameter: JsonObject) -> Param:
    return Param(
        parameter["name"],
        parameter["in"],
        parameter["schema"],
        is_required=bool(parameter.get("required")),
    )


def _from_body(schema: JsonObject) -> Iterator[Param]:
    needed = schema.get("required", ())
    for name, of_field in schema.get("properties", {}).items():
        yield Param(name, "field", of_field, is_required=name in needed)


def _resolved(schema: JsonObject | None, description: JsonObject) -> JsonObject | None:
    if schema is None or "$ref" not in schema:
        return schema
    name = schema["$ref"].rpartition("/")[2]
    found: JsonObject = description["components"]["schemas"][name]
    return found
