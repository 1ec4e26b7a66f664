"""Failures are sentences: no bare ids, no names from the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import hero_onboarding
from tests.api.served import Api, problem
from tests.architecture.test_docs import product_errors

SOURCE = Path(hero_onboarding.__file__).parent
SPEAKING = (
    "kernel",
    "ledger",
    "identity",
    "jobs",
    "wallet",
    "api_keys",
    "usage",
    "aggregation",
    "database",
    "http",
    "web",
    "admin",
)
HOLD = {
    "amount": 1,
    "purpose": "a machine",
    "expires_at": "2126-01-01T00:00:00Z",
    "idempotency_key": "h",
}
TAKEN = {"amount": 1, "reason": "r", "idempotency_key": "k"}
UNKNOWN_HOLD = "/v1/holds/00000000-0000-0000-0000-000000000000/close"

REFUSALS: list[tuple[str, object, str]] = [
    ("/v1/users", {"sid": "ada"}, "the user 'ada' exists and has another name"),
    ("/v1/users/eve/adjustments", TAKEN, "there is no user 'eve'"),
    ("/v1/users/eve/holds", HOLD, "there is no user 'eve'"),
    (
        "/v1/users/ada/adjustments",
        {**TAKEN, "amount": 2},
        "the key 'k' was used before with other content; the first one counts",
    ),
    (
        "/v1/users/ada/holds",
        {**HOLD, "amount": 2},
        "the key 'h' was used before for another hold; the first one counts",
    ),
    (
        UNKNOWN_HOLD,
        None,
        "there is no hold with the id 00000000-0000-0000-0000-000000000000",
    ),
    ("/v1/users", None, "the body is empty; this route takes JSON"),
    ("/record_usage", None, "the body is empty; this route takes JSON"),
    ("/v1/usage/batch", None, "the body is empty; this route takes JSON"),
    ("/admin/aggregate-now", {"full": True}, "this route takes no body, or an empty object"),
]


def raised() -> Iterator[tuple[str, ast.Call]]:
    """List where the product raises an error that was given something to say."""
    for package in SPEAKING:
        for path in sorted((SOURCE / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                    yield f"{path.relative_to(SOURCE)}:{node.lineno}", node.exc


def is_sentence(argument: ast.expr) -> bool:
    """Whether an error's only argument is written as words, or passes words on."""
    if isinstance(argument, ast.JoinedStr):
        return any(isinstance(part, ast.Constant) for part in argument.values)
    if isinstance(argument, ast.Constant):
        return " " in str(argument.value)
    named = {"detail", "_EMPTY", "_TOO_LATE", "error"}
    return any(isinstance(one, ast.Name) and one.id in named for one in ast.walk(argument))


def test_no_error_prints_a_bare_value() -> None:
    silent = {
        kind.__name__
        for kind in product_errors()
        if "__str__" not in vars(kind) and "__init__" not in vars(kind)
    }
    calls = [
        (where, call)
        for where, call in raised()
        if isinstance(call.func, ast.Name) and call.func.id in silent
    ]

    assert len(calls) > 15
    for where, call in calls:
        assert len(call.args) == 1, where
        assert is_sentence(call.args[0]), f"{where} {ast.unparse(call)}"


@pytest.fixture
def ada(sqlite_api: Api) -> Api:
    assert sqlite_api.post("/v1/users", {"sid": "ada", "name": "Ada"}).status_code == 201
    assert sqlite_api.post("/v1/users/ada/adjustments", TAKEN).status_code == 201
    assert sqlite_api.post("/v1/users/ada/holds", HOLD).status_code == 201
    return sqlite_api


def test_a_refusal_says_in_a_sentence_what_is_wrong(ada: Api) -> None:
    for path, body, detail in REFUSALS:
        answer = ada.post(path, body)

        assert problem(answer)[0] in {404, 409, 422}
        assert answer.json()["detail"] == detail


def test_a_right_that_is_not_there_is_named(sqlite_api: Api) -> None:
    answer = sqlite_api.delete("/v1/charge-rights/77")

    assert problem(answer) == (404, "usage.right_not_found")
    assert answer.json()["detail"] == "there is no right with the number 77"


def test_no_detail_has_a_name_from_the_code(ada: Api) -> None:
    asked = [
        ada.post("/v1/users", {"sid": 5}),
        ada.post("/v1/users/ada/adjustments", {}),
        ada.post("/v1/users/ada/holds", {**HOLD, "expires_at": "soon"}),
        ada.post("/sandbox/clock", {"now": 1}),
        ada.get("/v1/users?cursor=x"),
        ada.get("/v1/books?only_news=perhaps"),
        ada.get("/v1/nothing"),
        ada.get("/record_usage"),
    ]

    for answer in asked:
        problem(answer)
        detail = answer.json()["detail"]
        assert " " in detail
        internal = re.compile(r"[a-z]Error|Struct|Enum|<[A-Z]|[a-z]\.[a-z]+\(|None|Traceback")
        assert internal.search(detail) is None, detail
