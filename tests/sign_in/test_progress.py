"""What people are told on the way: which key of two has approved, and what a sign-in did."""

import re

import httpx
import pytest

from tests.api.served import Api
from tests.sign_in.conftest import NewHolder
from tests.sign_in.holder import Holder
from tests.sign_in.test_attempt import begin

PAGE = {"Accept": "text/html", "Host": "localhost:9920"}
FORM = {**PAGE, "Content-Type": "application/x-www-form-urlencoded"}


def page_of(browser: Holder, attempt: str) -> str:
    return browser.client.get(f"/login/{attempt}", headers=PAGE).text


def home_of(browser: Holder) -> str:
    return browser.client.get("/", headers=PAGE).text


def submit(browser: Holder, attempt: str) -> httpx.Response:
    path = f"/auth/attempts/{attempt}/complete"
    return browser.client.post(path, headers=FORM, follow_redirects=False)


def other_client(ada: Holder, new_holder: NewHolder) -> Holder:
    """The same key at a machine of its own."""
    return Holder(new_holder("elsewhere").client, ada.secret)


def test_an_answer_says_that_the_other_key_is_missing(ada: Holder, new_holder: NewHolder) -> None:
    ada.sign_in()
    found = begin(ada, purpose="rotate")

    first = new_holder("fresh").approve(found["attempt"], found["user_code"])
    second = other_client(ada, new_holder).approve(found["attempt"], found["user_code"])

    assert first.json() == {"status": "approved", "missing": "other_key"}
    assert second.json() == {"status": "approved"}


@pytest.mark.parametrize("first", ["old", "new"])
def test_the_page_says_which_key_has_approved_and_until_when(
    api: Api, ada: Holder, new_holder: NewHolder, first: str
) -> None:
    ada.sign_in()
    key = other_client(ada, new_holder) if first == "old" else new_holder("fresh")
    found = begin(ada, purpose="rotate")
    before = page_of(ada, found["attempt"])
    key.approve(found["attempt"], found["user_code"])
    between = page_of(ada, found["attempt"])
    api.post("/sandbox/clock", {"advance_seconds": 121})
    after = page_of(ada, found["attempt"])

    assert f"The {first} key has approved" in between
    assert key.address in between
    assert re.search(r"with the (old|new) key, until <time datetime=\"\d{4}-[^\"]+\">", between)
    for page in (before, after):
        assert "has approved" not in page
        assert 'data-progress="none"' in page


def test_a_stream_says_how_far_rotating_came(
    ada: Holder, new_holder: NewHolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hero_onboarding.web.api.attempts._STEP_SECONDS", 0)
    ada.sign_in()
    found = begin(ada, purpose="rotate")
    path = f"/auth/attempts/{found['attempt']}/events"
    headers = {"Accept": "text/event-stream"}

    before = ada.client.get(path, headers=headers).text
    new_holder("fresh").approve(found["attempt"], found["user_code"])
    between = ada.client.get(path, headers=headers).text
    shown = re.search(r'data-progress="(\d+)"', page_of(ada, found["attempt"]))

    assert shown is not None
    assert "event: progress\r\ndata: none\r\n" in before
    assert between.count("event: progress") == 1
    assert f"data: {shown[1]}\r\n" in between
    assert "event: waiting" in between


def test_a_sign_in_is_told_once_and_greeted(ada: Holder, browser: Holder) -> None:
    found = begin(browser)
    ada.approve(found["attempt"], found["user_code"])

    done = submit(browser, found["attempt"])
    first, second = home_of(browser), home_of(browser)

    assert done.headers["Location"] == "/"
    assert f'Proved: <code class="address">{ada.address}</code>' in first
    assert "Proved:" not in second
    assert f"You are signed in as <strong>{ada.address}</strong>." in second


def test_a_linked_address_is_told_once(ada: Holder, new_holder: NewHolder) -> None:
    ada.sign_in()
    second = new_holder("second")
    found = begin(ada, purpose="link")
    second.approve(found["attempt"], found["user_code"])
    submit(ada, found["attempt"])

    told = f'The address <code class="address">{second.address}</code> now signs you in.'
    assert told in home_of(ada)
    assert told not in home_of(ada)


def test_a_replaced_key_is_told_once(ada: Holder, new_holder: NewHolder) -> None:
    ada.sign_in()
    found = begin(ada, purpose="rotate")
    for key in (new_holder("fresh"), other_client(ada, new_holder)):
        key.approve(found["attempt"], found["user_code"])
    submit(ada, found["attempt"])

    told = "The old key signs nobody in any more. Your other sessions have ended."
    assert told in home_of(ada)
    assert told not in home_of(ada)


def test_nobody_has_a_notice_say_what_they_like(api: Api, ada: Holder, browser: Holder) -> None:
    """What this server sealed for somebody or something else is no notice either."""
    ada.sign_in()
    sid = ada.client.get("/v1/me").json()["user_sid"]
    seal = api.services.box.seal
    for value in (
        "notice link 400::1",
        seal(f"notice someone link {ada.address}".encode()).decode(),
        seal(f"notice {sid} other {ada.address}".encode()).decode(),
        seal(f"other {sid} link {ada.address}".encode()).decode(),
        seal(b"\xff").decode(),
    ):
        ada.client.cookies.set("hero_notice", value)
        page = ada.client.get("/", headers=PAGE)
        assert page.status_code == 200
        assert "now signs you in" not in page.text
    browser.client.cookies.set("hero_notice", seal(f"notice {sid} link 400::1".encode()).decode())
    assert "now signs you in" not in home_of(browser)
