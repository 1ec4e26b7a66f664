"""The sandbox's clock goes forward, by an instant or by seconds, and never back."""

from datetime import UTC, datetime, timedelta

from tests.api.served import Api, problem

WRONG: list[tuple[dict[str, object], str]] = [
    ({"advance_seconds": -1}, "database.clock_backwards"),
    ({"advance_seconds": -(10**30)}, "database.clock_backwards"),
    ({"now": "2001-01-01T00:00:00Z"}, "database.clock_backwards"),
    ({"now": "0001-01-01T00:00:00+14:00"}, "database.clock_backwards"),
    ({"now": "2100-01-02T00:00:00Z"}, "request.malformed"),
    ({"now": "9999-12-31T23:59:59-14:00"}, "request.malformed"),
    ({"advance_seconds": 10**12}, "request.malformed"),
    ({"advance_seconds": 2**63 - 1}, "request.malformed"),
    ({"advance_seconds": 10**30}, "request.malformed"),
    ({"now": "2040-01-01T00:00:00"}, "request.malformed"),
    ({"now": "2040-13-01T00:00:00Z"}, "request.malformed"),
    ({"now": 2_000_000_000}, "request.malformed"),
    ({"advance_seconds": 1.5}, "request.malformed"),
    ({"advance_seconds": "1"}, "request.malformed"),
    ({"advance_seconds": 1, "now": "2040-01-01T00:00:00Z"}, "request.malformed"),
    ({"advance_seconds": 1, "minutes": 1}, "request.malformed"),
    ({}, "request.malformed"),
    ({"now": None}, "request.malformed"),
]


def now_of(api: Api) -> datetime:
    return api.services.clock.now()


def test_the_clock_is_set_to_an_instant(api: Api) -> None:
    answer = api.post("/sandbox/clock", {"now": "2040-03-01T12:00:00+02:00"})

    shown = datetime.fromisoformat(answer.json()["now"])
    assert answer.status_code == 200
    assert timedelta() <= shown - datetime(2040, 3, 1, 10, tzinfo=UTC) < timedelta(seconds=30)
    assert abs(now_of(api) - shown) < timedelta(seconds=30)


def test_the_clock_is_advanced_by_seconds(api: Api) -> None:
    before = now_of(api)

    api.post("/sandbox/clock", {"advance_seconds": 3600})
    api.post("/sandbox/clock", {"advance_seconds": 0})
    api.post("/sandbox/clock", {"advance_seconds": 3600})

    moved = now_of(api) - before
    assert timedelta(hours=2) <= moved < timedelta(hours=2, seconds=30)


def test_a_setting_that_makes_no_sense_is_refused_and_moves_nothing(sqlite_api: Api) -> None:
    sqlite_api.post("/sandbox/clock", {"advance_seconds": 60})
    before = sqlite_api.contents()

    for body, code in WRONG:
        assert problem(sqlite_api.post("/sandbox/clock", body)) == (422, code), body
    assert sqlite_api.contents() == before
