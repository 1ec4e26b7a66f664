"""How often codes may be asked for, and typed, for one address; who asks makes no difference."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.served import Api, problem, served
from tests.conftest import NewUrl
from tests.sign_in.test_attempt import begin
from tests.sign_in.test_limits import TOO_MANY, a_holder


@pytest.fixture
def api(engine: str, new_database_url: NewUrl, tmp_path: Path) -> Iterator[Api]:
    """A site with limits and no daemon: the limits are the same."""
    with served(new_database_url(engine), tmp_path / "data") as found:
        yield found


def test_an_address_gets_three_codes_in_ten_minutes_and_ten_a_day(api: Api) -> None:
    def ask(host: str) -> int:
        browser = a_holder(api, "browser", host)
        body = {"attempt": "x", "address": "400::1"}
        return browser.client.post("/auth/message", json=body).status_code

    seen = []
    for round_number in range(4):
        seen += [ask(f"192.0.2.{4 * round_number + place}") for place in range(4)]
        api.post("/sandbox/clock", {"advance_seconds": 601})

    assert seen[:8] == [202, 202, 202, 429] * 2
    assert seen[8:12] == [202, 202, 429, 429], "what was refused counts towards the day too"
    assert seen[12:] == [429] * 4


def test_a_network_asks_for_ten_in_ten_minutes(api: Api) -> None:
    browser = a_holder(api, "browser")
    answers = [
        browser.client.post("/auth/message", json={"attempt": "x", "address": f"400::{place:x}"})
        for place in range(11)
    ]

    assert [one.status_code for one in answers] == [202] * 10 + [429]
    assert problem(answers[-1]) == TOO_MANY


def test_a_page_says_how_long_to_wait(api: Api) -> None:
    browser = a_holder(api, "browser")
    same = {"Accept": "text/html", "Host": "localhost:9920", "Sec-Fetch-Site": "same-origin"}
    form = {"address": "400::1"}
    for _ in range(3):
        browser.client.post("/sign-in/message", data=form, headers=same, follow_redirects=False)

    page = browser.client.post("/sign-in/message", data=form, headers=same)

    assert page.status_code == 429
    assert int(page.headers["Retry-After"]) > 60
    assert "Try again in 10 min." in page.text.replace("\N{NO-BREAK SPACE}", " ")


def test_a_network_types_thirty_codes_a_minute(api: Api) -> None:
    browser = a_holder(api, "browser")
    attempt = begin(browser)["attempt"]
    body = {"attempt": attempt, "code": "AAAA-AAAA"}
    answers = [browser.client.post("/auth/message/verify", json=body) for _ in range(31)]

    assert [one.status_code for one in answers] == [401] * 30 + [429]
