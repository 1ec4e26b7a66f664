"""The centre by its API: passes, quarantine, incidents, books, rights, jobs, on both engines."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from hero_onboarding.incidents import Incident, IncidentKind, open_incident
from hero_onboarding.jobs import Job, enqueue
from hero_onboarding.scheduling.actions import AGGREGATE, CLOSE_HOLDS, PUSH
from hero_onboarding.wallet import open_user
from tests.api.served import Api, a_use, problem

ZEROS = {
    "repositories": 1,
    "files_read": 0,
    "records_new": 0,
    "records_quarantined": 0,
    "transfers": 0,
    "unchanged": 1,
    "failures": 0,
}

WRONG_RIGHTS: list[dict[str, object]] = [
    {"node_id": "Node A"},
    {"node_id": ""},
    {"user_sid": "a b"},
    {"user_sid": "\0"},
    {"micros_per_hour": -1},
    {"micros_per_hour": 2**63},
    {"micros_per_hour": 2**200},
    {"micros_per_hour": 1.5},
    {"micros_per_hour": "1"},
    {"number": 1},
]
WRONG_CURSORS = ["x", "-1", "0x10", "1e3", " 1", "9" * 19, "9" * 400, "%00", "%FF"]


@pytest.fixture
def ada(api: Api) -> Api:
    assert api.post("/v1/users", {"sid": "ada", "name": "Ada"}).status_code == 201
    return api


@pytest.fixture
def lite(sqlite_api: Api) -> Api:
    """The same on SQLite alone, where the engine makes no difference."""
    assert sqlite_api.post("/v1/users", {"sid": "ada", "name": "Ada"}).status_code == 201
    return sqlite_api


def bill(api: Api, *records: dict[str, object]) -> dict[str, int]:
    """Record, push and aggregate; return what the pass did."""
    api.batch(*records)
    assert api.post("/admin/push-usage-now").json()["failures"] == 0
    found: dict[str, int] = api.post("/admin/aggregate-now").json()
    return found


def quarantine(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/v1/quarantine").json()["items"]
    return found


def overdraft(api: Api, sid: str = "ada") -> int:
    return int(api.get(f"/v1/users/{sid}/wallet").json()["overdraft"])


def only_right(api: Api, **right: object) -> int:
    """Take every right back and give one."""
    for old in api.get("/v1/charge-rights").json():
        assert api.delete(f"/v1/charge-rights/{old['number']}").status_code == 204
    given = api.post("/v1/charge-rights", right)
    assert given.status_code == 201
    return int(given.json()["number"])


def pages_of(api: Api, path: str) -> list[list[dict[str, Any]]]:
    pages, cursor = [], ""
    while cursor is not None:
        answer = api.get(f"{path}?cursor={cursor}" if cursor else path).json()
        assert set(answer) == {"items", "next_cursor"}
        pages.append(answer["items"])
        cursor = answer["next_cursor"]
    return pages


def test_a_pass_counts_what_it_did_and_the_next_one_finds_nothing(ada: Api) -> None:
    first = bill(ada, a_use("k1"), a_use("k2", user_sid="nobody"))

    assert first == {
        **ZEROS,
        "files_read": 1,
        "records_new": 1,
        "records_quarantined": 1,
        "transfers": 1,
        "unchanged": 0,
    }
    assert ada.post("/admin/aggregate-now").json() == ZEROS
    assert overdraft(ada) == 50_000
    ada.assert_books()


def test_passes_asked_for_at_once_are_all_made_and_charge_once(ada: Api) -> None:
    ada.batch(*(a_use(f"k{number}") for number in range(20)))
    ada.post("/admin/push-usage-now")

    answers = ada.together([("/admin/aggregate-now", {})] * 4)

    assert [answer.status_code for answer in answers] == [200] * 4
    counts = [answer.json() for answer in answers]
    assert sum(one["records_new"] for one in counts) == 20
    assert sum(one["transfers"] for one in counts) == 1
    assert sum(one["unchanged"] for one in counts) == 3
    assert overdraft(ada) == 1_000_000
    ada.assert_books()


def test_a_full_push_looks_at_everything_and_uploads_nothing_twice(lite: Api) -> None:
    lite.batch(a_use("k1"), a_use("k2", occurred_at="2026-03-01 11:15:00"))
    first = lite.post("/admin/push-usage-now").json()
    second = lite.post("/admin/push-usage-now", {}).json()
    full = lite.post("/admin/push-usage-now", {"full": True}).json()

    zeros = dict.fromkeys(first, 0)
    assert first == {**zeros, "buckets": 2, "pushed": 2, "records": 2}
    assert second == zeros
    assert full == {**zeros, "buckets": 2, "unchanged": 2}


def test_a_quarantined_item_says_what_where_and_why(lite: Api) -> None:
    bill(lite, a_use("k1", user_sid="nobody"))

    (item,) = quarantine(lite)

    assert {**item, "commit": len(item["commit"]), "first_seen": item["first_seen"][-1]} == {
        "repository": "lhumina_code/hero_onboarding_billing",
        "commit": 40,
        "path": "nodes/node-a/usage_2026-03-01-10.otoml",
        "line": 1,
        "idempotency_key": "k1",
        "reason": "unknown_user",
        "detail": "no user nobody",
        "retriable": True,
        "first_seen": "Z",
    }


def test_a_retry_releases_what_may_be_billed_by_now(ada: Api) -> None:
    bill(ada, a_use("k1", user_sid="eve"), a_use("k2", user_sid="nobody"))
    assert ada.post("/v1/quarantine/retry").json() == {"released": 0, "waiting": 2}

    ada.post("/v1/users", {"sid": "eve"})

    assert ada.post("/v1/quarantine/retry", {}).json() == {"released": 1, "waiting": 1}
    assert overdraft(ada, "eve") == 0
    assert ada.post("/admin/aggregate-now").json()["transfers"] == 1
    assert overdraft(ada, "eve") == 50_000
    assert [item["idempotency_key"] for item in quarantine(ada)] == ["k2"]
    ada.assert_books()


def test_without_a_right_nothing_is_charged_until_one_is_given(ada: Api) -> None:
    only_right(ada, node_id="node-b")
    bill(ada, a_use("k1"))
    assert [item["reason"] for item in quarantine(ada)] == ["no_right"]
    assert overdraft(ada) == 0

    given = ada.post("/v1/charge-rights", {"node_id": "node-a", "user_sid": "ada"}).json()

    assert ada.post("/v1/quarantine/retry").json() == {"released": 1, "waiting": 0}
    ada.post("/admin/aggregate-now")
    assert overdraft(ada) == 50_000
    assert quarantine(ada) == []
    assert set(given) == {"number", "node_id", "user_sid", "micros_per_hour"}
    assert given in ada.get("/v1/charge-rights").json()
    ada.assert_books()


def test_what_is_over_the_cap_of_its_hour_waits_for_a_wider_right(lite: Api) -> None:
    only_right(lite, node_id="node-a", user_sid="ada", micros_per_hour=50_000)
    bill(lite, a_use("k1"), a_use("k2"))
    assert [item["reason"] for item in quarantine(lite)] == ["over_cap"]
    assert overdraft(lite) == 50_000

    only_right(lite, node_id="node-a", user_sid="ada", micros_per_hour=100_000)
    lite.post("/v1/quarantine/retry")
    lite.post("/admin/aggregate-now")

    assert overdraft(lite) == 100_000
    lite.assert_books()


def test_a_right_that_is_taken_back_charges_no_more_and_keeps_what_was(lite: Api) -> None:
    number = only_right(lite, node_id="node-a")
    bill(lite, a_use("k1"))

    taken = lite.delete(f"/v1/charge-rights/{number}")
    bill(lite, a_use("k2"))

    assert (taken.status_code, taken.content) == (204, b"")
    assert problem(lite.delete(f"/v1/charge-rights/{number}")) == (404, "usage.right_not_found")
    assert lite.get("/v1/charge-rights").json() == []
    assert overdraft(lite) == 50_000
    assert [item["reason"] for item in quarantine(lite)] == ["no_right"]


def test_a_right_that_could_not_exist_is_refused(sqlite_api: Api) -> None:
    before = sqlite_api.contents()

    for right in WRONG_RIGHTS:
        assert problem(sqlite_api.post("/v1/charge-rights", right))[0] == 422, right
    assert sqlite_api.contents() == before


def test_lists_come_in_pages_of_fifty_newest_first(api: Api) -> None:
    now = api.services.clock.now()
    with api.services.database.transaction() as tx:
        for number in range(101):
            open_user(tx, sid=f"u{number}", name="", now=now)
            evidence = {"number": number}
            open_incident(
                tx, Incident(IncidentKind.FILE_VANISHED, "r", f"p{number}", evidence), now
            )
    bill(api, *(a_use(f"k{number}", user_sid="nobody") for number in range(101)))

    for path, field in (("/v1/users", "sid"), ("/v1/incidents", "path")):
        pages = pages_of(api, path)
        shown = [item[field] for page in pages for item in page]
        assert [len(page) for page in pages] == [50, 50, 1], path
        assert shown == [f"{field[0].replace('s', 'u')}{n}" for n in range(100, -1, -1)], path
    pages = pages_of(api, "/v1/quarantine")
    assert [len(page) for page in pages] == [50, 50, 1]
    assert len({item["idempotency_key"] for page in pages for item in page}) == 101


def test_a_cursor_that_no_page_gave_is_a_problem(sqlite_api: Api) -> None:
    sqlite_api.post("/v1/users", {"sid": "ada"})

    for cursor in WRONG_CURSORS:
        for path in ("users", "users/ada/movements", "quarantine", "incidents"):
            assert problem(sqlite_api.get(f"/v1/{path}?cursor={cursor}"))[0] == 422, (path, cursor)


def test_an_incident_is_listed_once_with_its_evidence(lite: Api) -> None:
    now = lite.services.clock.now()
    with lite.services.database.transaction() as tx:
        for _ in range(2):
            evidence = {"first": 5, "second": 7}
            open_incident(tx, Incident(IncidentKind.KEY_CONFLICT, "r", "p", evidence), now)

    (item,) = lite.get("/v1/incidents").json()["items"]

    assert set(item) == {
        *("kind", "repository", "path", "evidence", "first_seen", "last_seen", "times")
    }
    assert (item["kind"], item["times"]) == ("key_conflict", 2)
    assert item["evidence"] == {"first": 5, "second": 7}


def test_books_that_balance_say_so_equation_by_equation(ada: Api) -> None:
    bill(ada, a_use("k1"))

    full, news = ada.get("/v1/books").json(), ada.get("/v1/books?only_news=true").json()

    for books in (full, news):
        assert books["balanced"] is True
        assert len(books["checks"]) > 3
        for check in books["checks"]:
            assert set(check) == {"name", "ok", "left", "right", "detail"}
            assert check["ok"] is True
            assert check["left"] == check["right"]
    assert problem(ada.get("/v1/books?only_news=perhaps")) == (422, "request.malformed")


def test_a_row_that_somebody_changed_unbalances_the_books(ada: Api) -> None:
    bill(ada, a_use("k1"))
    with ada.services.database.transaction() as tx:
        tx.execute(text("UPDATE wallets SET net = net + 1"))

    books = ada.get("/v1/books").json()

    assert books["balanced"] is False
    wrong = [check for check in books["checks"] if not check["ok"]]
    assert wrong
    assert all(check["detail"] for check in wrong)
    assert ada.get("/v1/books?only_news=true").json()["balanced"] is False


def test_due_jobs_are_run_until_none_is(ada: Api) -> None:
    ada.record("k1")
    now = ada.services.clock.now()
    with ada.services.database.transaction() as tx:
        enqueue(tx, Job(PUSH, "", now))
        enqueue(tx, Job(AGGREGATE, "", now))
        enqueue(tx, Job(CLOSE_HOLDS, "later", now + timedelta(hours=1)))

    # What was charged has balances looked at: that is the third.
    assert ada.post("/admin/run-jobs-now").json() == {"jobs_run": 3, "jobs_failed": 0}
    assert ada.post("/admin/run-jobs-now", {}).json() == {"jobs_run": 0, "jobs_failed": 0}
    ada.post("/admin/aggregate-now")
    assert overdraft(ada) == 50_000

    ada.post("/sandbox/clock", {"advance_seconds": 3600})
    assert ada.post("/admin/run-jobs-now").json() == {"jobs_run": 1, "jobs_failed": 0}
