"""How often a network and an address may ask, at the boundary and after it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from litestar.types import ASGIApp, Receive, Scope, Send

from tests.api.served import ORIGIN, Api, problem, served
from tests.conftest import NewUrl
from tests.sign_in.holder import Holder, secret_of

TOO_MANY = (429, "request.too_many")


@pytest.fixture
def api(engine: str, new_database_url: NewUrl, tmp_path: Path) -> Iterator[Api]:
    """A site whose limits are on."""
    with served(new_database_url(engine), tmp_path / "data") as found:
        yield found


def a_holder(api: Api, name: str, host: str = "192.0.2.1") -> Holder:
    return Holder(TestClient(_seen_from(api.app, host), base_url=ORIGIN), secret_of(name))


def _seen_from(app: ASGIApp, host: str) -> Any:  # noqa: ANN401 - the client takes any application
    """Wrap an application so that requests come from a host."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "client": (host, 50000)}, receive, send)  # type: ignore[arg-type]

    return wrapped


def test_an_address_may_be_asked_for_twenty_times_a_minute(api: Api) -> None:
    for place in range(20):
        asked = a_holder(api, "ada", f"192.0.2.{place}").ask()
        assert asked.status_code == 200, place

    over = a_holder(api, "ada", "192.0.2.99").ask()
    other = a_holder(api, "bob", "192.0.2.99").ask()

    assert problem(over) == TOO_MANY
    assert 1 <= int(over.headers["Retry-After"]) <= 60
    assert other.status_code == 200


def test_a_network_may_ask_thirty_times_a_minute(api: Api) -> None:
    for place in range(30):
        assert a_holder(api, f"key {place}").ask().status_code == 200, place

    assert problem(a_holder(api, "one more").ask()) == TOO_MANY
    assert a_holder(api, "one more", "192.0.2.2").ask().status_code == 200
    api.post("/sandbox/clock", {"advance_seconds": 61})
    assert a_holder(api, "one more").ask().status_code == 200


def test_a_slash_64_is_one_network_and_an_ipv4_address_is_one(api: Api) -> None:
    for place in range(30):
        found = a_holder(api, f"key {place}", f"2001:db8:1:2::{place:x}").ask()
        assert found.status_code == 200

    assert problem(a_holder(api, "x", "2001:db8:1:2:ffff::1").ask()) == TOO_MANY
    assert a_holder(api, "x", "2001:db8:1:3::1").ask().status_code == 200
    assert a_holder(api, "x", "::ffff:192.0.2.7").ask().status_code == 200


def test_answers_and_attempts_have_limits_of_their_own(api: Api) -> None:
    ada = a_holder(api, "ada")
    challenge = ada.ask().json()
    answers = [ada.verify(challenge, "A" * 43) for _ in range(31)]
    attempts = [ada.client.post("/auth/attempts") for _ in range(21)]

    assert [problem(one)[0] for one in answers] == [401] * 30 + [429]
    assert [one.status_code for one in attempts] == [201] * 20 + [429]


def test_what_is_refused_is_counted_too(api: Api) -> None:
    ada = a_holder(api, "ada")
    for _ in range(30):
        wrong = ada.client.post("/auth/challenge", json={**ada.claim, "purpose": "link"})
        assert wrong.status_code in {422, 429}

    assert problem(ada.ask()) == TOO_MANY


def test_the_counters_know_nothing_of_who_asks_but_the_name(api: Api) -> None:
    known, unknown = a_holder(api, "ada"), a_holder(api, "nobody", "192.0.2.2")
    known.sign_in()
    statuses = [[one.ask().status_code for _ in range(22)] for one in (known, unknown)]

    assert statuses[0].count(200) == 19, "one was used to sign in"
    assert statuses[1].count(200) == 20
