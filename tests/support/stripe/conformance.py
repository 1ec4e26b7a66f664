"""Hold requests and answers to Stripe's OpenAPI description.

``requests.jsonl`` and ``answers.jsonl`` begin with a line that says where they come from, which
version they are and what the other lines hash to. The description is older than the SDK's version
of the interface: names that came since are listed here.
"""

import functools
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import stripe

from hero_onboarding.kernel.overriding import override
from hero_onboarding.sandbox.stripe.forms import read_form

Schema = dict[str, Any]

FOLDER: Final = Path(__file__).parent
NEWER: Final = frozenset(
    {"allowed_payment_method_types", "balance_type", "presentment_details", "wallet_options"}
)
_TEXTS: Final[Mapping[str, str]] = {
    "integer": r"-?\d+",
    "number": r"-?\d+(\.\d+)?",
    "boolean": r"true|false",
}
_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict, str),  # an object that is not expanded is its id
}
_SESSIONS: Final = "/v1/checkout/sessions"
_AMOUNTS: Final = range(500, 100_001)


@functools.cache
def read_lines(name: str) -> Mapping[str, Schema]:
    """Read one of the two files, and check its hash."""
    head, *lines = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == json.loads(head)["sha256"]
    return {key: held for line in lines for key, held in json.loads(line).items()}


def request_problems(method: str, path: str, form: str) -> list[str]:
    """Say what is wrong with a request; a form is a body, or a query."""
    schema = _find_operation(method, path)
    if schema is None:
        return [f"{method} {path} is none of the calls that are described here"]
    return list(_form_problems(read_form(form), schema, ""))


def rule_problems(method: str, path: str, form: str, headers: Mapping[str, str]) -> list[str]:
    """Say which rules of ours a request breaks that the description lacks."""
    wanted, found = read_form(form), []
    if method == "POST" and not headers.get("Idempotency-Key"):
        found.append("a POST has no idempotency key")
    if method == "POST" and path == _SESSIONS and wanted.get("mode") == "payment":
        if "customer" in wanted and "customer_email" in wanted:
            found.append("customer and customer_email exclude each other")
        if not wanted.get("metadata") or not wanted.get("payment_intent_data", {}).get("metadata"):
            found.append("metadata has to stand on the session and on its intent")
        if "{CHECKOUT_SESSION_ID}" not in wanted.get("success_url", ""):
            found.append("success_url lacks {CHECKOUT_SESSION_ID}")
        prices = [line["price_data"] for line in wanted.get("line_items", [])]
        if any(p["currency"] == "usd" and int(p["unit_amount"]) not in _AMOUNTS for p in prices):
            found.append("an amount is outside of our limits")
    return found


def answer_problems(value: object, where: str = "") -> list[str]:
    """Say what is wrong with the objects of an answer, however deep."""
    if isinstance(value, list):
        return [found for item in value for found in answer_problems(item, where)]
    if not isinstance(value, dict):
        return []
    kind = str(value.get("object"))
    described = read_lines("answers").get(kind)
    own = [] if described is None else list(_object_problems(value, described, where or kind))
    inner = [
        found
        for name, held in value.items()
        for found in answer_problems(held, f"{where or kind}.{name}")
    ]
    return [*own, *inner]


class ConformingClient(stripe.RequestsClient):
    """The official transport, which notes what does not conform in either direction."""

    def __init__(self, *, timeout: float = 5, has_rules: bool = False) -> None:
        super().__init__(timeout=timeout)
        self.problems: list[str] = []
        self._has_rules = has_rules

    @override
    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        parts = urlsplit(url)
        verb, form = method.upper(), (post_data if method == "post" else parts.query) or ""
        self.problems += request_problems(verb, parts.path, form)
        if self._has_rules:
            self.problems += rule_problems(verb, parts.path, form, headers or {})
        body, status, answered = super().request(method, url, headers, post_data)
        if status < 400:
            self.problems += answer_problems(json.loads(body))
        return body, status, answered


def _find_operation(method: str, path: str) -> Schema | None:
    """Find the call: literal parts go before names in braces."""
    found = [
        (pattern.count("{"), schema)
        for pattern, schema in (
            (key.partition(" ")[2], held)
            for key, held in read_lines("requests").items()
            if key.startswith(f"{method} ")
        )
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path)
    ]
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _form_problems(value: object, schema: Schema, where: str) -> Iterator[str]:
    if "anyOf" in schema:
        branches = [list(_form_problems(value, branch, where)) for branch in schema["anyOf"]]
        yield from min(branches, key=len)
    elif isinstance(value, dict):
        yield from _group_problems(value, schema, where)
    elif isinstance(value, list):
        if schema.get("type") != "array":
            yield f"{where} is no list"
        for index, item in enumerate(value):
            yield from _form_problems(item, schema.get("items", {}), f"{where}[{index}]")
    else:
        yield from _text_problems(str(value), schema, where)


def _group_problems(value: Schema, schema: Schema, where: str) -> Iterator[str]:
    if schema.get("type") != "object":
        yield f"{where} is no object"
        return
    known, more = schema.get("properties", {}), schema.get("additionalProperties", False)
    for name in schema.get("required", []):
        if name not in value:
            yield f"{where}[{name}] is missing"
    for name, held in value.items():
        if name in known:
            yield from _form_problems(held, known[name], f"{where}[{name}]")
        elif isinstance(more, dict):
            yield from _form_problems(held, more, f"{where}[{name}]")
        elif name not in NEWER:
            yield f"{where}[{name}] is unknown"


def _text_problems(value: str, schema: Schema, where: str) -> Iterator[str]:
    kind = schema.get("type", "string")
    if kind in {"object", "array"} or not re.fullmatch(_TEXTS.get(kind, r"(?s).*"), value):
        yield f"{where} is no {kind}: {value!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where} is none of {schema['enum'][:5]}: {value!r}"
    if len(value) > schema.get("maxLength", len(value)):
        yield f"{where} is too long"


def _object_problems(value: Schema, described: Schema, where: str) -> Iterator[str]:
    known = described["properties"]
    for name in described["required"]:
        if name not in value and not value.get("deleted"):
            yield f"{where}.{name} is missing"
    for name, held in value.items():
        if name in NEWER or (name == "deleted" and held):
            continue
        if name not in known:
            yield f"{where}.{name} is unknown"
        elif held is None:
            if not known[name].get("nullable"):
                yield f"{where}.{name} is null"
        elif not isinstance(held, tuple(t for k in known[name]["types"] for t in _KINDS[k])):
            yield f"{where}.{name} is no {known[name]['types']}: {held!r}"
        elif "enum" in known[name] and held not in known[name]["enum"]:
            yield f"{where}.{name} is none of {known[name]['enum'][:5]}: {held!r}"
