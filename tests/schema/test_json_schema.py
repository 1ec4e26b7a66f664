import ast
import json
import re
import sys
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hero_onboarding_schema
from hero_onboarding_schema import (
    KNOWN_FIELDS,
    REQUIRED_FIELDS,
    WrongFieldError,
    read_usage_record,
    usage_schema,
)
from tests.schema.test_usage_record import ABSENT, ACCEPTED, REFUSED, REQUIRED, changed

KINDS: dict[str, type] = {"string": str, "integer": int, "boolean": bool}
# No JSON text holds a lone surrogate; and a pattern can't say what a time comes to.
IN_JSON = [(name, value) for name, value, _ in REFUSED if value != "\ud800"]
NOT_EXPRESSED = ["4294967296"]


def definition(name: str) -> dict[str, Any]:
    definitions = cast("dict[str, dict[str, Any]]", usage_schema()["$defs"])
    return definitions[name]


def fits(rule: dict[str, Any], value: object) -> bool:
    """Check a value against the few words of JSON Schema that ours uses."""
    if "anyOf" in rule:
        return any(fits(choice, value) for choice in rule["anyOf"])
    if type(value) is not KINDS[rule["type"]]:
        return False
    if isinstance(value, str):
        pattern = rule.get("pattern", "").removesuffix("$") + r"\Z" if "pattern" in rule else ""
        length = rule.get("minLength", 0) <= len(value) <= rule.get("maxLength", len(value))
        return length and bool(re.search(pattern, value))
    assert isinstance(value, int)
    return bool(rule.get("minimum", value) <= value <= rule.get("maximum", value))


def is_valid(fields: dict[str, object]) -> bool:
    schema = definition("UsageRecord")
    return (
        set(schema["required"]) <= set(fields)
        and len(fields) <= schema["maxProperties"]
        and all(fits({"type": "string", **schema["propertyNames"]}, name) for name in fields)
        and all(
            fits(schema["properties"].get(name, schema["additionalProperties"]), value)
            for name, value in fields.items()
        )
    )


def is_readable(fields: dict[str, object]) -> bool:
    try:
        read_usage_record(fields)
    except WrongFieldError:
        return False
    return True


def test_the_schema_names_the_fields_in_the_order_of_the_contract() -> None:
    record = definition("UsageRecord")

    assert list(record["properties"]) == list(KNOWN_FIELDS)
    assert record["required"] == list(REQUIRED_FIELDS)


def test_the_schema_is_json_and_its_references_lead_somewhere() -> None:
    text = json.dumps(usage_schema())

    references = re.findall(r'"\$ref": "#/\$defs/(\w+)"', text)
    assert set(references) == set(cast("dict[str, object]", usage_schema()["$defs"]))
    assert definition("UsageBatch")["required"] == ["records"]


@pytest.mark.parametrize(("name", "value"), ACCEPTED)
def test_the_schema_accepts_what_the_reader_accepts(name: str, value: object) -> None:
    assert is_valid(changed(name, value))


@pytest.mark.parametrize(("name", "value"), IN_JSON)
def test_the_schema_refuses_what_the_reader_refuses(name: str, value: object) -> None:
    assert is_valid(changed(name, value)) == (value in NOT_EXPRESSED)


@given(
    st.dictionaries(
        st.sampled_from([*KNOWN_FIELDS, "zone"]),
        st.integers(-1, 10**9 + 1) | st.text(max_size=3) | st.booleans() | st.just(ABSENT),
    )
)
def test_the_schema_and_the_reader_agree(changes: dict[str, object]) -> None:
    fields = {name: value for name, value in {**REQUIRED, **changes}.items() if value is not ABSENT}

    assert is_valid(fields) == is_readable(fields)


def test_the_library_imports_msgspec_and_the_standard_library_alone() -> None:
    folder = Path(hero_onboarding_schema.__file__).parent

    imported = set[str]()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module or "")

    roots = {name.split(".")[0] for name in imported}
    assert roots - sys.stdlib_module_names == {"msgspec", "hero_onboarding_schema"}
