"""Users, wallets, adjustments, movements and holds, on both engines."""

from typing import Any

import pytest

from tests.api.served import Api, a_use, problem
from tests.fakes.clock import FakeClock
from tests.wallet.people import People

WALLET = {
    "user_sid": "ada",
    "currency": "USD",
    "scale": 6,
    "balance": 0,
    "held": 0,
    "available": 0,
    "overdraft": 0,
    "debt": 0,
    "promo": 0,
}


@pytest.fixture
def ada(api: Api) -> Api:
    assert api.post("/v1/users", {"sid": "ada", "name": "Ada"}).status_code == 201
    return api


def adjust(api: Api, amount: object, key: str = "k", **more: object) -> Any:  # noqa: ANN401 - a response
    body = {"amount": amount, "reason": "a test", "idempotency_key": key, **more}
    return api.post("/v1/users/ada/adjustments", body)


def wallet(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/v1/users/ada/wallet").json()
    return found


def test_a_user_is_created_once(api: Api) -> None:
    first = api.post("/v1/users", {"sid": "ada", "name": "Ada"})
    again = api.post("/v1/users", {"sid": "ada", "name": "Ada"})
    other = api.post("/v1/users", {"sid": "ada", "name": "Eve"})

    assert first.status_code == 201
    assert first.json()["sid"] == "ada"
    assert (again.status_code, again.json()) == (200, first.json())
    assert problem(other) == (409, "identity.sid_taken")
    assert [user["name"] for user in api.get("/v1/users").json()["items"]] == ["Ada"]


def test_a_user_without_a_sid_gets_the_next_free_one(api: Api) -> None:
    sids = [api.post("/v1/users", {}).json()["sid"] for _ in range(3)]

    assert len(set(sids)) == 3
    assert all(api.get(f"/v1/users/{sid}/wallet").status_code == 200 for sid in sids)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"sid": "smoke"}, "identity.wrong_sid"),
        ({"sid": "Ada"}, "identity.wrong_sid"),
        ({"sid": ""}, "identity.wrong_sid"),
        ({"sid": "a\0b"}, "identity.wrong_sid"),
        ({"sid": "a" * 65}, "identity.wrong_sid"),
        ({"sid": 5}, "request.malformed"),
        ({"sid": "ada", "admin": True}, "request.malformed"),
        ({"name": "a\0b"}, "identity.wrong_name"),
        ({"name": "n" * 101}, "identity.wrong_name"),
        ([], "request.malformed"),
        (None, "request.malformed"),
    ],
)
def test_a_wrong_user_is_refused(body: object, code: str, api: Api) -> None:
    assert problem(api.post("/v1/users", body)) == (422, code)
    assert api.get("/v1/users").json() == {"items": [], "next_cursor": None}


def test_a_wallet_has_exactly_the_fields_of_the_contract(ada: Api) -> None:
    assert wallet(ada) == WALLET

    adjust(ada, 2_500_000)

    assert wallet(ada) == {**WALLET, "balance": 2_500_000, "available": 2_500_000}


def test_an_adjustment_moves_once_for_each_key(ada: Api) -> None:
    first, again, other = adjust(ada, 10), adjust(ada, 10), adjust(ada, 11)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["transfer_id"] == again.json()["transfer_id"]
    assert (first.json()["status"], again.json()["status"]) == ("created", "duplicate")
    assert problem(other)[0] == 409
    assert wallet(ada)["balance"] == 10
    ada.assert_books()


def test_a_statement_is_a_file_of_csv(ada: Api) -> None:
    for number in range(3):
        adjust(ada, number + 1, str(number))

    answer = ada.get("/v1/users/ada/statement.csv")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="statement-ada.csv"'
    header, *lines = answer.text.splitlines()
    assert header.split(",")[3] == "amount_micros"
    assert [line.split(",")[3] for line in lines] == ["1", "2", "3"]
    assert problem(ada.get("/v1/users/eve/statement.csv")) == (404, "wallet.not_found")


def test_credit_is_given_once_and_stands_beside_the_balance(ada: Api) -> None:
    until, path = "2126-01-01T00:30:00+03:00", "/v1/users/ada/grants"
    asked = {"amount": 70_000, "reason": "hi", "expires_at": until, "idempotency_key": "g"}

    first, again = ada.post(path, asked), ada.post(path, asked)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert ada.get(path).json() == {"items": [first.json()]}
    shown = {name: first.json()[name] for name in ("granted", "used", "left", "is_open", "reason")}
    assert shown == {"granted": 70_000, "used": 0, "left": 70_000, "is_open": True, "reason": "hi"}
    assert first.json()["expires_at"] == "2125-12-31T22:00:00Z"
    assert wallet(ada) == {**WALLET, "promo": 70_000}
    assert ada.get("/v1/users/ada/movements").json()["items"] == []
    assert ada.get("/v1/users/eve/grants").status_code == 404
    ada.assert_books()


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"amount": 6}, (409, "ledger.key_reused")),
        ({"amount": 0, "idempotency_key": "h"}, (422, "wallet.wrong_amount")),
        ({"amount": "5", "idempotency_key": "h"}, (422, "request.malformed")),
        ({"expires_at": "2126-01-01T00:00:00"}, (422, "request.malformed")),
        (
            {"expires_at": "2020-01-01T00:00:00Z", "idempotency_key": "h"},
            (422, "wallet.wrong_grant_time"),
        ),
        ({"reason": "r" * 201, "idempotency_key": "h"}, (422, "wallet.wrong_text")),
    ],
)
def test_credit_that_is_refused_changes_nothing(
    changes: dict[str, object], refusal: tuple[int, str], ada: Api
) -> None:
    asked = {"amount": 5, "reason": "hi", "expires_at": "2126-01-01T00:00:00Z"}
    assert ada.post("/v1/users/ada/grants", {**asked, "idempotency_key": "g"}).status_code == 201
    before = ada.contents()

    answer = ada.post("/v1/users/ada/grants", {**asked, "idempotency_key": "g", **changes})

    assert problem(answer) == refusal
    assert ada.contents() == before


def test_taking_more_than_there_is_needs_leave_to_go_below_zero(ada: Api) -> None:
    adjust(ada, 10, "in")

    refused = adjust(ada, -11, "out")
    assert problem(refused) == (409, "wallet.balance_too_low")
    assert wallet(ada) == {**WALLET, "balance": 10, "available": 10}

    assert adjust(ada, -11, "debt", allow_debt=True).status_code == 201
    assert wallet(ada) == {**WALLET, "overdraft": 1}
    ada.assert_books()


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 0},
        {"amount": 2**63},
        {"amount": 2**200},
        {"amount": 1.5},
        {"amount": "1"},
        {"amount": True},
        {"reason": ""},
        {"reason": "a\0b"},
        {"reason": "r" * 201},
        {"idempotency_key": ""},
        {"idempotency_key": "a\0b"},
        {"idempotency_key": "k" * 201},
        {"allow_debt": 1},
        {"more": 1},
        {"reason": None},
    ],
)
def test_a_wrong_adjustment_is_refused_and_moves_nothing(
    changes: dict[str, object], ada: Api
) -> None:
    body = {"amount": 1, "reason": "r", "idempotency_key": "k", **changes}

    assert problem(ada.post("/v1/users/ada/adjustments", body))[0] == 422
    assert wallet(ada) == WALLET


def test_what_is_unknown_is_404(api: Api) -> None:
    body = {"amount": 1, "reason": "r", "idempotency_key": "k"}

    for sid in ("nobody", "A%20B", "%00", "a%2Fb", "..", "%FF"):
        for response in (
            api.get(f"/v1/users/{sid}/wallet"),
            api.get(f"/v1/users/{sid}/movements"),
            api.post(f"/v1/users/{sid}/adjustments", body),
        ):
            assert problem(response)[0] == 404, (sid, response.text)
    assert problem(api.get("/v1/nothing")) == (404, "request.not_found")
    assert problem(api.get("/record_usage")) == (405, "request.method")


def test_a_statement_pages_from_the_newest_to_the_oldest(ada: Api) -> None:
    for number in range(120):
        adjust(ada, 1, f"k{number}")

    pages = []
    cursor = ""
    while cursor is not None:
        page = ada.get(f"/v1/users/ada/movements{cursor and '?cursor=' + cursor}").json()
        pages.append(page["items"])
        cursor = page["next_cursor"]

    assert [len(page) for page in pages] == [50, 50, 20]
    movements = [movement for page in pages for movement in page]
    assert [m["balance_after"] for m in movements] == list(range(120, 0, -1))
    assert {movement["id"] for movement in movements}.__len__() == 120
    assert set(movements[0]) == {"id", "at", "kind", "amount", "balance_after", "detail"}
    assert (movements[0]["kind"], movements[0]["amount"]) == ("adjustment", 1)
    assert movements[0]["detail"]["reason"] == "a test"


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 19, "%D9%A3", "1%00", "1.5"])
def test_a_cursor_that_no_page_gave_is_refused(cursor: str, ada: Api) -> None:
    for path in ("/v1/users", "/v1/users/ada/movements", "/v1/quarantine", "/v1/incidents"):
        assert problem(ada.get(f"{path}?cursor={cursor}")) == (422, "paging.cursor")


def test_a_hold_claims_once_and_gives_back_once(ada: Api) -> None:
    adjust(ada, 100)
    body = {
        "amount": 60,
        "purpose": "a machine",
        "expires_at": "2126-01-01T00:00:00Z",
        "idempotency_key": "h",
    }

    first, again = ada.post("/v1/users/ada/holds", body), ada.post("/v1/users/ada/holds", body)
    other = ada.post("/v1/users/ada/holds", {**body, "amount": 61})
    more = ada.post("/v1/users/ada/holds", {**body, "idempotency_key": "h2"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["remaining"] == 60
    assert problem(other) == (409, "wallet.hold_key_reused")
    assert problem(more) == (409, "wallet.balance_too_low")
    assert wallet(ada) == {**WALLET, "balance": 100, "held": 60, "available": 40}

    closing = f"/v1/holds/{first.json()['id']}/close"
    assert ada.post(closing).json()["is_open"] is False
    assert ada.post(closing).status_code == 200
    assert wallet(ada) == {**WALLET, "balance": 100, "available": 100}
    unknown = "/v1/holds/00000000-0000-0000-0000-000000000000/close"
    assert problem(ada.post(unknown)) == (404, "wallet.hold_not_found")


@pytest.mark.parametrize(
    "changes",
    [
        {"expires_at": "2126-01-01T00:00:00"},
        {"expires_at": "0001-01-01T00:00:00+12:00"},
        {"expires_at": "9999-12-31T23:59:59-12:00"},
        {"expires_at": "soon"},
        {"amount": 0},
        {"amount": -1},
        {"amount": 2**63},
        {"purpose": ""},
        {"purpose": "a\0b"},
    ],
)
def test_a_wrong_hold_is_refused_and_claims_nothing(changes: dict[str, object], ada: Api) -> None:
    adjust(ada, 100)
    body = {
        "amount": 60,
        "purpose": "a machine",
        "expires_at": "2126-01-01T00:00:00Z",
        "idempotency_key": "h",
        **changes,
    }

    assert problem(ada.post("/v1/users/ada/holds", body))[0] == 422
    assert wallet(ada)["held"] == 0


def test_chosen_spends_at_once_never_exceed_what_is_available(ada: Api) -> None:
    adjust(ada, 10)
    takes = [
        (
            "/v1/users/ada/adjustments",
            {"amount": -1, "reason": "take", "idempotency_key": f"t{number}"},
        )
        for number in range(25)
    ]

    answers = ada.together(takes)

    assert sorted(answer.status_code for answer in answers) == [201] * 10 + [409] * 15
    assert wallet(ada) == WALLET
    ada.assert_books()


def test_what_was_used_is_charged_and_shown_on_the_statement(ada: Api) -> None:
    adjust(ada, 1_000_000)
    ada.batch(a_use("k1", amount_cents=30), a_use("k2", amount_cents=12))
    ada.post("/admin/push-usage-now")
    ada.post("/admin/aggregate-now")

    newest = ada.get("/v1/users/ada/movements").json()["items"][0]

    assert (newest["kind"], newest["amount"], newest["balance_after"]) == (
        "charge",
        -420_000,
        580_000,
    )
    assert wallet(ada)["balance"] == 580_000
    ada.assert_books()


def test_a_debt_is_written_off_once_and_never_below_zero(ada: Api) -> None:
    path = "/v1/users/ada/debt-write-offs"
    people = People(ada.services.database, FakeClock())
    people.dispute("ada", 500, "d1")
    asked = {"amount": 400, "reason": "gone", "idempotency_key": "w1"}

    first, again = ada.post(path, asked), ada.post(path, asked)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["transfer_id"] == again.json()["transfer_id"]
    assert wallet(ada)["debt"] == 100
    refused = ada.post(path, {**asked, "idempotency_key": "w2"})
    assert problem(refused) == (409, "wallet.debt_too_low")
    ada.assert_books()
