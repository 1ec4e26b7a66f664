"""Parameters by position and by name, where each goes, and what is refused of them."""

from typing import Any

import pytest

from tests.rpc.called import Caller, answered, refusal

ADJUSTMENT = {"amount": 5, "reason": "a test", "idempotency_key": "k"}


@pytest.fixture
def ada(shared: Caller) -> Caller:
    shared.result("users.create", {"sid": "ada", "name": "Ada"})
    return shared


def test_position_and_name_are_the_same(ada: Caller) -> None:
    calls: list[tuple[str, dict[str, object]]] = [
        ("users.create", {"sid": "ada", "name": "Ada"}),
        ("users.adjust", {"sid": "ada", **ADJUSTMENT, "allow_debt": False}),
        ("wallet.show", {"sid": "ada"}),
        ("movements.list", {"sid": "ada", "cursor": None}),
        ("books.show", {"only_news": True}),
        ("prices.set", {"compute_micros": 1, "storage_micros": 2, "tzs_per_usd": None}),
        ("usage.push_now", {"full": True}),
    ]
    for method, named in calls:
        first = ada.result(method, named)
        again = ada.result(method, list(named.values()))
        assert first.keys() == again.keys(), method


def test_what_is_left_out_at_the_end_is_absent(ada: Caller) -> None:
    assert ada.result("wallet.show", ["ada"])["user_sid"] == "ada"
    assert ada.result("users.adjust", ["ada", 5, "a test", "k2"])["status"] == "created"
    nothing: list[object] = [None, [], {}]
    for params in nothing:
        assert ada.result("users.list", params)["items"]
        assert ada.result("usage.push_now", params)["failures"] == 0


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("wallet.show", []),
        ("wallet.show", {}),
        ("wallet.show", None),
        ("wallet.show", ["ada", 1]),
        ("wallet.show", {"sid": "ada", "extra": 1}),
        ("wallet.show", {"SID": "ada"}),
        ("wallet.show", [1]),
        ("wallet.show", [None]),
        ("wallet.show", [["ada"]]),
        ("wallet.show", [""]),
        ("wallet.show", ["."]),
        ("wallet.show", [".."]),
        ("wallet.show", ["ada/holds"]),
        ("wallet.show", ["../users"]),
        ("books.show", [1]),
        ("books.show", ["true"]),
        ("books.show", [None]),
        ("users.list", [1]),
        ("users.list", [{"a": 1}]),
        ("users.list", ["no cursor of ours"]),
        ("users.list", ["\0"]),
        ("prices.show", [1]),
        ("prices.show", {"a": 1}),
        ("admin.run_jobs_now", {"a": 1}),
        ("users.create", {"sid": 5}),
        ("users.create", {"sid": "ada", "more": 1}),
        ("users.create", [None, None]),
        ("users.create", ["a", "A", "more"]),
        ("users.adjust", ["ada"]),
        ("users.adjust", {"sid": "ada", **ADJUSTMENT, "amount": "5"}),
        ("users.adjust", {"sid": "ada", **ADJUSTMENT, "amount": 5.5}),
        ("users.adjust", {"sid": "ada", **ADJUSTMENT, "amount": True}),
        ("users.adjust", {"sid": "ada", **ADJUSTMENT, "amount": 10**400}),
        ("users.adjust", {"sid": "ada", **ADJUSTMENT, "amount": 2**63}),
        ("users.adjust", {"sid": "ada", **ADJUSTMENT, "": 1}),
        ("usage.record_batch", []),
        ("usage.record_batch", {}),
        ("usage.record_batch", [{}]),
        ("usage.record_batch", ["a"]),
        ("usage.record_batch", [None]),
        ("usage.record_batch", {"records": [], "more": 1}),
        ("usage.record", {}),
        ("usage.push_now", {"full": 1}),
        ("sandbox.set_clock", {}),
    ],
)
def test_wrong_parameters_are_refused_and_change_nothing(
    ada: Caller, method: str, params: object
) -> None:
    before = ada.api.contents()

    assert ada.refused(method, params)[0] == -32602
    assert ada.api.contents() == before


def test_text_that_a_path_could_misread_names_a_user_and_nothing_else(ada: Caller) -> None:
    for sid in ("a b", "a?cursor=x", "a#b", "%2e%2e", "ada%2Fwallet", "a;b", "é", "\0", "{sid}"):
        assert ada.refused("wallet.show", [sid])[0] == 404, sid


def test_a_cursor_goes_through_as_it_is(ada: Caller) -> None:
    for name in ("k3", "k4"):
        ada.result("users.adjust", ["ada", 1, "a test", name])
    for cursor in ("a&cursor=b", "a=b", "%00", "+", "é"):
        assert ada.refused("movements.list", ["ada", cursor])[0] == -32602


def test_a_number_reaches_the_route_as_it_was_written(ada: Caller) -> None:
    for amount in ("1.0", "1e2", "9223372036854775808", "1" * 4000):
        text = (
            '{"jsonrpc":"2.0","id":1,"method":"users.adjust","params":'
            f'["ada",{amount},"a test","k-{amount[:9]}"]}}'
        )
        assert refusal(answered(ada.send(text.encode())))[0] == -32602, amount


def test_others_of_a_usage_record_go_by_name(ada: Caller) -> None:
    record: dict[str, Any] = {
        "node_id": "node-a",
        "user_sid": "ada",
        "amount_cents": 5,
        "resource_kind": "cpu",
        "idempotency_key": "with others",
        "occurred_at": "2026-03-01 10:15:00",
        "mine": "9007199254740993",
        "big": 9007199254740993,
    }

    assert ada.result("usage.record", record)["status"] == "created"
    assert ada.result("usage.record", list(record.values())[:6])["status"] == "duplicate"
    batch = ada.result("usage.record_batch", [[record, {**record, "idempotency_key": "b"}]])
    assert (batch["created"], batch["duplicate"]) == (1, 1)


def test_a_batch_of_usage_may_be_as_large_as_at_its_route(ada: Caller) -> None:
    record = {
        "node_id": "node-a",
        "user_sid": "ada",
        "amount_cents": 1,
        "resource_kind": "cpu",
        "occurred_at": "2026-03-01 11:15:00",
    }
    many = [{**record, "idempotency_key": f"{n}"} for n in range(10_001)]

    assert ada.refused("usage.record_batch", {"records": many}) == (413, "usage.batch_too_large")
    assert ada.refused("usage.record_batch", [["x" * 8_500_000]]) == (413, "request.too_large")
