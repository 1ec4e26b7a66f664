"""The OpenRPC document follows the rules of its specification and says what methods take."""

from collections.abc import Iterator
from typing import Any

import pytest

from hero_onboarding.web.rpc.names import METHOD_NAMES
from tests.api.routes import ROUTES
from tests.api.schema import misfits
from tests.rpc.called import Caller
from tests.rpc.test_methods import params_of

DOCUMENT = {"openrpc", "info", "methods", "components"}
METHOD = {
    *("name", "summary", "description", "tags", "paramStructure", "params", "result", "errors"),
    "x-route",
}


@pytest.fixture
def document(shared: Caller) -> dict[str, Any]:
    found: dict[str, Any] = shared.client.get("/openrpc.json").json()
    return found


def methods_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in document["methods"] if one["name"] != "rpc.discover"]


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def resolve(document: dict[str, Any], reference: str) -> Any:  # noqa: ANN401 - JSON
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def test_it_has_the_members_that_openrpc_asks_for_and_no_others(document: dict[str, Any]) -> None:
    assert set(document) == DOCUMENT
    assert document["openrpc"] == "1.3.2"
    assert set(document["info"]) == {"title", "version", "description"}
    assert set(document["components"]) == {"schemas", "errors"}
    names = [one["name"] for one in document["methods"]]
    assert len(set(names)) == len(names)
    for method in document["methods"]:
        assert {"name", "params", "result"} <= set(method) <= METHOD
        assert method["paramStructure"] == "either"
        assert all(set(tag) == {"name"} for tag in method["tags"])
        assert set(method["result"]) == {"name", "schema"}
        assert " " in method["summary"]
        assert "None" not in method["description"]


def test_parameters_have_names_of_their_own_and_those_that_must_be_come_first(
    document: dict[str, Any],
) -> None:
    for method in document["methods"]:
        params = method["params"]
        assert all(set(one) == {"name", "required", "schema"} for one in params)
        assert len({one["name"] for one in params}) == len(params)
        needed = [one["required"] for one in params]
        assert needed == sorted(needed, reverse=True), method["name"]


def test_errors_have_codes_and_messages(document: dict[str, Any]) -> None:
    errors = document["components"]["errors"]
    for status, error in errors.items():
        assert set(error) == {"code", "message", "data"}
        assert type(error["code"]) is int
        assert error["code"] in {int(status), -32602, -32603}
    for method in methods_of(document):
        assert all(set(one) == {"$ref"} for one in method["errors"])
        codes = [resolve(document, one["$ref"])["code"] for one in method["errors"]]
        assert {401, 403, 503, -32602, -32603} <= set(codes), method["name"]
        assert len(set(codes)) == len(codes)


def test_references_lead_somewhere_and_nothing_is_there_that_nobody_refers_to(
    document: dict[str, Any],
) -> None:
    found = set(references(document))

    assert all(resolve(document, one) for one in found)
    components = document["components"]
    held = {f"#/components/{kind}/{name}" for kind, of in components.items() for name in of}
    assert found == held


def test_discovery_gives_the_document_to_everybody(
    shared: Caller, document: dict[str, Any]
) -> None:
    assert shared.call("rpc.discover", X_Nothing="1")["result"] == document
    assert shared.call("rpc.discover", [], X_Nothing="1")["result"] == document


def test_what_routes_take_and_answer_is_as_it_is_described(
    shared: Caller, document: dict[str, Any]
) -> None:
    by_name = {one["name"]: one for one in document["methods"]}

    for route in ROUTES:
        described, given = by_name[METHOD_NAMES[route.name]], params_of(route)
        params = {one["name"]: one for one in described["params"]}
        assert set(given) <= set(params), route.name
        assert {name for name, one in params.items() if one["required"]} <= set(given)
        for name, value in given.items():
            assert list(misfits(params[name]["schema"], value, document)) == [], (route.name, name)
        answer = shared.call(described["name"], given)
        if "result" in answer:
            wrong = list(misfits(described["result"]["schema"], answer["result"], document))
            assert wrong == [], route.name
        else:
            codes = [resolve(document, one["$ref"])["code"] for one in described["errors"]]
            assert answer["error"]["code"] in codes, route.name
